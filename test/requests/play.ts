import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { anyDrawn, type Drawn } from './draw.ts';
import { recordOutbound } from './outbound.ts';
import { send, type Sent } from './send.ts';
import { type Setting, startWorld, type World } from './world.ts';

export type Figures = {
  requests: number;
  /** By home, then by status; 0: an event, which has none. */
  byStatus: Map<string, number>;
  kills: number;
  /** Where calls were meant for, how often: places that the settings lead to, and hosts of Slack and SMN. */
  outbound: Map<string, number>;
  slowest: { tookMs: number; line: string };
  /** Of the process, after a collection of garbage: where so many requests had been sent. */
  memory: { requests: number; heapMb: number; rssMb: number }[];
  tookSec: number;
  failures: Failure[];
};

/** A request that broke a promise, made as small as it could be. */
export type Failure = { seed: number; setting: Setting; drawn: Drawn; faults: string[]; asked: string };

export type PlayOptions = { requests: number; from: number; onChunk?: (figures: Figures) => void; onFailure?: (failure: Failure) => void; chunk?: number; /** Default true; collecting garbage takes long. */ measuresMemory?: boolean };

/** Most requests meet a product that has what they aim at; a share comes over real sockets. */
const SETTINGS: Setting[] = [{ home: 'aws', matches: true }, { home: 'aws', matches: true }, { home: 'own', matches: true }, { home: 'aws', matches: false }, { home: 'own', matches: true }, { home: 'aws', matches: true }, { home: 'aws', matches: false }, { home: 'own', matches: false }];
const CHUNK = 250;
/** A product lives for so many chunks: as long as a function does. */
const LIFE_CHUNKS = 40;
const MOST_FAILURES = 40;

/** Plays so many requests in chunks of one seed each, from the seed `from` on. */
export async function playRequests({ requests, from, onChunk, onFailure, chunk = CHUNK, measuresMemory = true }: PlayOptions): Promise<Figures> {
  const figures: Figures = { requests: 0, byStatus: new Map(), kills: 0, outbound: new Map(), slowest: { tookMs: 0, line: '' }, memory: [], tookSec: 0, failures: [] };
  const outbound = recordOutbound();
  const unhandled: string[] = [];
  const note = (error: unknown): void => void unhandled.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('unhandledRejection', note).on('uncaughtException', note);
  const worlds = new Map<Setting, { world: World; chunks: number }>();
  const beganAt = performance.now();
  let tenth = 1;
  try {
    for (let seed = from; figures.requests < requests && figures.failures.length < MOST_FAILURES; seed++) {
      const setting = SETTINGS[seed % SETTINGS.length] ?? { home: 'aws', matches: true };
      const kept = worlds.get(setting) ?? { world: await startWorld(setting), chunks: 0 };
      worlds.set(setting, kept);
      await kept.world.refill();
      const failure = await playChunk(kept.world, seed, Math.min(chunk, requests - figures.requests), outbound, unhandled, (sent) => count(figures, setting, sent));
      if (failure) {
        figures.failures.push(failure);
        onFailure?.(failure);
      }
      if (failure || ++kept.chunks >= LIFE_CHUNKS) {
        await kept.world.close();
        worlds.delete(setting);
      }
      if (measuresMemory && figures.requests >= (tenth * requests) / 10) {
        tenth = Math.floor((figures.requests * 10) / requests) + 1;
        figures.memory.push({ requests: figures.requests, ...memoryNow() });
      }
      figures.tookSec = (performance.now() - beganAt) / 1_000;
      onChunk?.(figures);
    }
  } finally {
    process.off('unhandledRejection', note).off('uncaughtException', note);
    outbound.stop();
    await Promise.all([...worlds.values()].map(async ({ world }) => world.close()));
  }
  if (unhandled.length > 0) throw new Error(`not handled: ${unhandled.join('\n')}`);
  figures.tookSec = (performance.now() - beganAt) / 1_000;
  return figures;
}

async function playChunk(world: World, seed: number, requests: number, outbound: ReturnType<typeof recordOutbound>, unhandled: string[], onSent: (sent: Sent) => void): Promise<Failure | undefined> {
  let asked = '';
  let isShrinking = false;
  const property = fc.asyncProperty(anyDrawn, async (drawn) => {
    const sent = await send(world, drawn, outbound);
    if (!isShrinking) onSent(sent);
    const faults = [...sent.faults, ...unhandled.splice(0).map((error) => `not handled: ${error}`)];
    if (faults.length === 0) return;
    isShrinking = true;
    asked = shown(sent);
    throw new Error(faults.join('\n'));
  });
  const { counterexample, errorInstance } = await fc.check(property, { seed, numRuns: requests });
  const [drawn] = counterexample ?? [];
  return drawn === undefined ? undefined : { seed, setting: world.setting, drawn, faults: [String((errorInstance as Error).message)], asked };
}

function count(figures: Figures, { home }: Setting, { asked, status, tookMs, kills, called }: Sent): void {
  const key = `${home} ${status}`;
  figures.requests += 1;
  figures.byStatus.set(key, (figures.byStatus.get(key) ?? 0) + 1);
  figures.kills += kills;
  for (const host of called) figures.outbound.set(host, (figures.outbound.get(host) ?? 0) + 1);
  if (tookMs > figures.slowest.tookMs) figures.slowest = { tookMs, line: `${home} ${asked.kind} ${asked.line.slice(0, 80)}` };
}

function shown({ asked: { line, headers, body, event } }: Sent): string {
  return JSON.stringify(event === undefined ? { line, headers, body: body.toString('utf8').slice(0, 3_000) } : { event });
}

/** As `node --expose-gc` gives it. https://nodejs.org/api/v8.html#v8setflagsfromstringflags */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function memoryNow(): { heapMb: number; rssMb: number } {
  collectGarbage();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 1_048_576, rssMb: rss / 1_048_576 };
}
