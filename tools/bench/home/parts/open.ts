import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANALYTICS_ID } from '../../../../test/simulator/client.ts';
import type { Row } from '../../part.ts';
import { type Follows, watchFollows } from '../follows.ts';
import { ASKS, DEV_ID, type HomeProcess, KILLS, makeFolder, startHome } from '../home-process.ts';
import type { HomePart } from '../part.ts';
import { deliver } from '../senders.ts';
import { startWorld, type World } from '../world.ts';

const IN_A_DELIVERY = 100;
/** Nothing of it ends meanwhile. */
const SETTINGS = { ASK_TIMEOUT_SEC: '14400', FOLLOW_TIMEOUT_SEC: '14400' };
const GIVE_UP_AFTER_MS = 1_800_000;

/** As many executions as the home takes: half of them ask, half follow jobs that do not die. */
export const open: HomePart = {
  name: 'open',
  about: 'Many open executions: half of them ask, half follow a job that does not die',
  async measure({ isQuick }) {
    const count = isQuick ? 40 : 10_000;
    const watchedMs = isQuick ? 2_000 : 90_000;
    const world = await startWorld(36_000_000);
    const { folder, store, remove } = makeFolder();
    let home = await startHome(folder, world.served, SETTINGS);
    try {
      const began = performance.now();
      await openAll(world, home, count);
      await untilAllWait(store, count);
      const tookMs = performance.now() - began;
      const first = await watch(home, store, watchedMs);
      const mostMb = home.used().mostMb;
      await home.stop();
      home = await startHome(folder, world.served, SETTINGS);
      const second = await watch(home, store, watchedMs);
      const killed = await world.killed();
      if (killed !== count / 2) throw new Error(`${killed} of ${count / 2} jobs were killed`);
      return [
        { what: `${count} executions: memory at the peak`, unit: 'MB', ours: [mostMb], most: { value: 400 }, note: 'resident, while they are started, asked about, killed and followed' },
        { what: 'memory at the peak after a new start with them', unit: 'MB', ours: [home.used().mostMb], most: { value: 400 } },
        { what: 'a new start with them, until it serves', unit: 'ms', ours: [home.readyMs], most: { value: 5_000 } },
        { what: 'from the first alert until all wait, each', unit: 'ms', ours: [tookMs / count], note: 'with its calls, its card and its POST' },
        ...rowsOf('following', first),
        ...rowsOf('following after a new start', second),
      ];
    } finally {
      await home.stop();
      world.stop();
      remove();
    }
  },
};

async function openAll(world: World, home: HomeProcess, count: number): Promise<void> {
  const [follows, asks] = [await world.addJobs(count / 2, ANALYTICS_ID), await world.addJobs(count / 2, DEV_ID)];
  for (let from = 0; from < count / 2; from += IN_A_DELIVERY) {
    await deliver(home.url, { name: KILLS, cluster: 'analytics', jobIds: follows.slice(from, from + IN_A_DELIVERY) });
    await deliver(home.url, { name: ASKS, cluster: 'dev', jobIds: asks.slice(from, from + IN_A_DELIVERY) });
  }
}

/** Until each has begun and waits for something, by the store itself. */
async function untilAllWait(store: string, count: number): Promise<void> {
  const database = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
  const statement = database.prepare("SELECT count(DISTINCT execution) AS waits FROM operations WHERE operation ->> '$.Name' = 'follow' OR operation ->> '$.Type' = 'CALLBACK'");
  try {
    for (const giveUpAt = performance.now() + GIVE_UP_AFTER_MS; Number(statement.get()?.['waits']) < count; await sleep(500)) {
      if (performance.now() > giveUpAt) throw new Error(`only ${String(statement.get()?.['waits'])} of ${count} executions wait`);
    }
  } finally {
    database.close();
  }
}

async function watch(home: HomeProcess, store: string, watchedMs: number): Promise<Follows & { cpuMsASec: number }> {
  const watched = watchFollows(store);
  const before = home.used().cpuMs;
  await sleep(watchedMs);
  return { ...watched.stop(), cpuMsASec: (home.used().cpuMs - before) / (watchedMs / 1_000) };
}

function rowsOf(what: string, { looks, ratios, latestMs, cpuMsASec }: Follows & { cpuMsASec: number }): Row[] {
  return [
    { what: `${what}: a look comes after, over the time that it was to wait`, unit: '×', ours: ratios.length > 0 ? ratios : [0] },
    { what: `${what}: the latest look`, unit: '× its time', ours: [Math.max(0, ...ratios)], most: { value: 2 }, note: `of ${looks}; ${(latestMs / 1_000).toFixed(1)} s behind its time at most` },
    { what: `${what}: CPU`, unit: 'ms a second', ours: [cpuMsASec] },
  ];
}
