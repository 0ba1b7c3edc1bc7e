import { executionName, type StartId, startIn } from '../kill/start-id.ts';
import { listAll } from '../kill/remember.ts';
import { dayPartition, Lives, livesPartition, startPartition } from '../ledger/keys.ts';
import { type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { type Engine, EngineFailed, type KillPayload } from './engine.ts';
import { nameEndOf } from './names.ts';
import { readStarts } from './read-starts.ts';
import { DEAD_AFTER_MS, deadAfterMs, isDead } from './restart.ts';

/** What closing a dead start needs. */
export type Undertaker = { ledger: Ledger; engine: Engine; clock: { now: () => number }; log: Log; createId: () => string };

const HOUR_MS = 3_600_000;
/** Runs of cleanup come each hour, or once a day where that was set: what is looked through is that day and all of the one before. */
const DAY_MS = 24 * HOUR_MS;
/** The execution that closes may come to a bad end itself: after so long another one may try. */
const TRY_AGAIN_AFTER_MS = 12 * HOUR_MS;
const PAGE = 200;

/** Starts the execution that closes a start in its place: an execution that left no End and cannot live any more. Throws EngineFailed. */
export async function closeDead({ engine, clock, log, createId }: Undertaker, id: StartId & { began: number; livesMs?: number | undefined }): Promise<void> {
  const { began, name, start } = id;
  const attempts = Math.floor((clock.now() - began - deadAfterMs(id)) / TRY_AGAIN_AFTER_MS);
  const closing = nameEndOf(executionName(id)) + (attempts > 0 ? `-${attempts}` : '');
  const payload: KillPayload = { kind: 'end', status: 'TIMED_OUT', name, start, attempt: createId() };
  if ((await engine.start(closing, JSON.stringify(payload))) === 'started') log.warn('a start that left no end is closed', { name, start });
}

/** Closes what died lately, from what stands open in the history. What cannot be done now is left to the next one. */
export async function closeDeadStarts(parts: Undertaker): Promise<void> {
  const { ledger, clock, log } = parts;
  const now = clock.now();
  try {
    for (const execution of await findOpen(ledger, now)) {
      const id = startIn(execution);
      const start = readStarts(await listAll(ledger, startPartition(id.name), now)).get(id.start);
      if (start && isDead(start, now)) await closeDead(parts, { ...id, began: start.began, livesMs: start.livesMs });
    }
  } catch (error) {
    if (!(error instanceof LedgerFailed || error instanceof EngineFailed)) throw error;
    log.error('starts that left no end could not be closed', { error });
  }
}

/** The names of executions that began so long ago that they cannot live any more, and have no End in the history. */
async function findOpen(ledger: Ledger, now: number): Promise<string[]> {
  const lives = (await listAll(ledger, livesPartition, now)).flatMap(({ value }) => Lives.safeParse(value).data ?? []);
  const ends = [now - DEAD_AFTER_MS, ...lives.map((warning) => now - deadAfterMs(warning))];
  const days = await Promise.all(ends.flatMap((until) => [until - DAY_MS, until].map((day) => findOpenOn(ledger, day, until, now))));
  return [...new Set(days.flat())];
}

async function findOpenOn(ledger: Ledger, day: number, until: number, now: number): Promise<string[]> {
  const open = new Set<string>();
  let after: string | undefined;
  do {
    const page = await ledger.list(dayPartition(day), { now, most: PAGE, after });
    for (const { key: { rest } } of page.entries) {
      const [, moment = '', execution = '', word] = /^(.{24})-(.+)-(\w+)$/.exec(rest) ?? [];
      if (Date.parse(moment) > until) return [...open];
      if (word === '0') open.add(execution);
      if (word === '1' || word === 'picked' || word === 'handed') open.delete(execution);
    }
    after = page.after;
  } while (after !== undefined);
  return [...open];
}
