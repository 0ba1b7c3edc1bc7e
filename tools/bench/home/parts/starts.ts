import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANALYTICS_ID } from '../../../../test/simulator/client.ts';
import { enginePort } from '../../../../home/engine/engine-port.ts';
import { createEngine } from '../../../../home/engine/engine.ts';
import { systemClock } from '../../../../home/serve/system-clock.ts';
import { openStore } from '../../../../home/store/open-store.ts';
import { createStore } from '../../../../home/store/store.ts';
import { realClock } from '../../../../test/local/clock.ts';
import { interleave, type Row } from '../../part.ts';
import { KILLS, makeFolder, startHome } from '../home-process.ts';
import type { HomePart } from '../part.ts';
import { deliver } from '../senders.ts';
import { startWorld } from '../world.ts';

/** As long as a kill's: the request with its words, and the attempt. */
const PAYLOAD = JSON.stringify({ attempt: '00000000-0000-4000-8000-000000000000', request: 'x'.repeat(900) });
/** What comes within one turn of the loop goes in one commit. */
const TOGETHER = 20;
const FUNCTION = 'kill';

/** Starts that were on disk before they were answered. */
export const starts: HomePart = {
  name: 'starts',
  about: 'Starts, each answered when it is on disk',
  async measure({ rounds, isQuick }) {
    const count = isQuick ? 40 : 2_000;
    const fewer = count / 4; // each is a write to the disk
    const engine = await openEngine();
    const raw = await openRaw();
    const home = await openHome();
    try {
      const [alone = [], rawAlone = [], together = [], rawTogether = [], delivered = []] = await interleave(rounds, [
        async (round) => inUs(fewer, () => engine.start(`a${round}`, fewer, 1)),
        async (round) => inUs(fewer, () => raw.insert(`a${round}`, fewer, 1)),
        async (round) => inUs(count, () => engine.start(`b${round}`, count, TOGETHER)),
        async (round) => inUs(count, () => raw.insert(`b${round}`, count, TOGETHER)),
        async () => home.deliver(isQuick ? 20 : 200),
      ]);
      const row = (what: string, ours: number[], name: string, values: number[], note?: string): Row => ({ what, unit: 'µs', ours, peer: { name, values }, most: { ratio: 2 }, ...(note !== undefined && { note }) });
      return [
        row('a start by the port, one after the other', alone, 'raw insert, one after the other', rawAlone),
        row(`a start by the port, ${TOGETHER} at once`, together, `raw insert, ${TOGETHER} in a commit`, rawTogether),
        row('a start by alerts over HTTP, in the process as it is shipped', delivered, 'raw insert, one after the other', rawAlone, 'deliveries of 200, what was started running beside'),
      ];
    } finally {
      engine.close();
      raw.close();
      await home.close();
    }
  },
};

async function inUs(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return ((performance.now() - began) * 1_000) / count;
}

async function openFile() {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-starts-'));
  const owned = await openStore(join(folder, 'store.sqlite'), { service: 'bench', standby: false, now: Date.now });
  const close = (): void => {
    owned.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { database: owned.database, close };
}

/** The engine over a file, with what it starts left open. */
async function openEngine() {
  const file = await openFile();
  const engine = createEngine({ store: createStore(file.database), clock: realClock(), createId: () => crypto.randomUUID(), version: '1', mostOpen: Infinity });
  engine.register(FUNCTION, { handler: () => new Promise(() => undefined), lifeSec: 36_000 });
  const port = enginePort(engine, FUNCTION, systemClock);
  return {
    async start(prefix: string, count: number, atOnce: number): Promise<void> {
      for (let from = 0; from < count; from += atOnce) {
        const said = await Promise.all(Array.from({ length: atOnce }, (_, at) => port.start(`${prefix}-${from + at}`, PAYLOAD)));
        if (said.some((one) => one !== 'started')) throw new Error('a start was not taken');
      }
    },
    close(): void {
      engine.close();
      file.close();
    },
  };
}

/** A table in a file with the same settings, and the same bytes in it. */
async function openRaw() {
  const file = await openFile();
  file.database.exec('CREATE TABLE raw (name TEXT PRIMARY KEY, input TEXT NOT NULL) STRICT');
  const insert = file.database.prepare('INSERT INTO raw VALUES (?, ?)');
  return {
    async insert(prefix: string, count: number, inACommit: number): Promise<void> {
      for (let from = 0; from < count; from += inACommit) {
        file.database.exec('BEGIN IMMEDIATE');
        for (let at = 0; at < inACommit; at++) insert.run(`${prefix}-${from + at}`, PAYLOAD);
        file.database.exec('COMMIT');
      }
    },
    close: file.close,
  };
}

/** The process, whose jobs die at once, so that few are open. */
async function openHome() {
  const world = await startWorld(0);
  const { folder, remove } = makeFolder();
  const home = await startHome(folder, world.served);
  return {
    /** µs a start. */
    async deliver(count: number): Promise<number> {
      const jobIds = await world.addJobs(count, ANALYTICS_ID);
      return ((await deliver(home.url, { name: KILLS, cluster: 'analytics', jobIds })) * 1_000) / count;
    },
    async close(): Promise<void> {
      await home.stop();
      world.stop();
      remove();
    },
  };
}
