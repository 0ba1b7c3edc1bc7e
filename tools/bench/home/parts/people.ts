import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANALYTICS_ID } from '../../../../test/simulator/client.ts';
import type { Row } from '../../part.ts';
import { type Follows, watchFollows } from '../follows.ts';
import { askHome, type HomeProcess, KILLS, makeFolder, startHome } from '../home-process.ts';
import type { HomePart } from '../part.ts';
import { deliver, readJob, typeInSlack } from '../senders.ts';
import { startWorld, type World } from '../world.ts';

const LATE_MS = 50;
const KILLS_A_SEC = 20;
const ASKS_A_SEC = 5;
/** A job takes so long to die: some hundreds are followed at any time. */
const DIES_AFTER_MS = 20_000;
const MOST_MS = 300;

/** What people feel while many kills run. */
export const people: HomePart = {
  name: 'people',
  about: `People's requests beside ${KILLS_A_SEC} kills a second, each answer of MRS and Slack ${LATE_MS} ms late`,
  async measure({ isQuick }) {
    const lastsMs = isQuick ? 2_000 : 60_000;
    const world = await startWorld(DIES_AFTER_MS);
    const { folder, store, remove } = makeFolder();
    const home = await startHome(folder, world.served);
    try {
      await world.late(LATE_MS);
      await play(world, home, isQuick ? 500 : DIES_AFTER_MS); // until as many end as begin
      const plain = await playWatched(world, home, store, lastsMs);
      const backups = backUpAgainAndAgain(folder);
      const besideBackups = await playWatched(world, home, store, lastsMs);
      return [...rowsOf('', plain), ...rowsOf(`while a backup is made, ${await backups.stop()} times: `, besideBackups)];
    } finally {
      await home.stop();
      world.stop();
      remove();
    }
  },
};

/** ms of each request. */
type Waits = { rest: number[]; slack: number[]; later: number[]; alerts: number[] };

/** Alerts, reads by REST and commands in Slack, each at its pace, whatever the others take. */
async function play(world: World, home: HomeProcess, lastsMs: number): Promise<Waits> {
  const waits: Waits = { rest: [], slack: [], later: [], alerts: [] };
  const kills = await world.addJobs(Math.ceil((KILLS_A_SEC * lastsMs) / 1_000), ANALYTICS_ID);
  const [job = ''] = await world.addJobs(1, ANALYTICS_ID);
  const urls = await world.newResponseUrls(Math.ceil((ASKS_A_SEC * lastsMs) / 1_000));
  const typedAt = new Map<string, number>();
  await world.answered(); // what came before is none of ours
  await Promise.all([
    pace(kills, KILLS_A_SEC, async (jobId) => void waits.alerts.push(await deliver(home.url, { name: KILLS, cluster: 'analytics', jobIds: [jobId] }))),
    pace(urls, ASKS_A_SEC, async () => void waits.rest.push(await readJob(home.url, job))),
    pace(urls, ASKS_A_SEC, async (url) => {
      typedAt.set(url, Date.now());
      waits.slack.push(await typeInSlack(home.url, `status ${job} on analytics`, url));
    }),
  ]);
  await sleep(Math.min(2_000, lastsMs / 2)); // the last answers in Slack
  for (const { url, at } of await world.answered()) {
    const from = typedAt.get(url);
    if (from !== undefined) waits.later.push(at - from);
  }
  return waits;
}

async function playWatched(world: World, home: HomeProcess, store: string, lastsMs: number): Promise<Waits & { follows: Follows; cpuMsASec: number }> {
  const watched = watchFollows(store);
  const [began, before] = [performance.now(), home.used().cpuMs];
  const waits = await play(world, home, lastsMs);
  return { ...waits, cpuMsASec: (home.used().cpuMs - before) / ((performance.now() - began) / 1_000), follows: watched.stop() };
}

/** Does `work` for each, so many a second; resolves when all are done. */
async function pace<T>(all: readonly T[], aSecond: number, work: (one: T) => Promise<void>): Promise<void> {
  const began = performance.now();
  const begun = all.map(async (one, at) => {
    await sleep(Math.max(0, began + (at * 1_000) / aSecond - performance.now()));
    return work(one);
  });
  await Promise.all(begun);
}

/** `npm run serve -- backup`, again when it is done; `stop` gives how often. */
function backUpAgainAndAgain(folder: string): { stop(): Promise<number> } {
  let isStopped = false;
  const work = async (): Promise<number> => {
    let count = 0;
    do {
      const file = join(folder, `backup-${count}.sqlite`);
      const child = askHome(folder, 'backup', file);
      const [code] = (await once(child, 'exit')) as [number | null];
      if (code !== 0) throw new Error(`a backup ended with ${code}`);
      rmSync(file);
      count += 1;
    } while (!isStopped);
    return count;
  };
  const done = work();
  done.catch(() => undefined); // it is said where it is waited for
  return {
    stop() {
      isStopped = true;
      return done;
    },
  };
}

function rowsOf(where: string, { rest, slack, later, alerts, follows: { ratios, looks, latestMs }, cpuMsASec }: Awaited<ReturnType<typeof playWatched>>): Row[] {
  const both = (what: string, values: number[], most?: number): Row[] => [
    { what: `${where}${what}`, unit: 'ms', ours: values },
    { what: `${where}${what}, the 99th of 100`, unit: 'ms', ours: [hundredth(values, 99)], ...(most !== undefined && { most: { value: most } }) },
  ];
  return [
    ...both("a person's read by REST", rest, MOST_MS),
    ...both('a command in Slack until its note', slack, MOST_MS),
    ...both('a command in Slack until what was asked for is there', later, MOST_MS),
    ...both('an alert until it is answered', alerts),
    { what: `${where}the latest look of a follow`, unit: '× its time', ours: [Math.max(0, ...ratios)], most: { value: 2 }, note: `of ${looks}; ${(latestMs / 1_000).toFixed(1)} s behind its time at most` },
    { what: `${where}CPU`, unit: 'ms a second', ours: [cpuMsASec] },
  ];
}

/** The value that so many of a hundred are at most. */
function hundredth(values: readonly number[], of100: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * of100) / 100) - 1)] ?? Number.NaN;
}
