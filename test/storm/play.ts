import { requestOf } from '../simulation/actor.ts';
import { makeCloud } from '../simulation/cloud.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../simulation/world.ts';
import { openAws } from './aws.ts';
import { envOfStorm, PER_HOUR, SHIPPED, type Shipped } from './home.ts';
import { openOwn } from './own.ts';
import { type Alert, beginStorm } from './senders.ts';
import { makeCalmWorld } from './world.ts';

export type HomeName = 'aws' | 'own';
export type StormFigures = { faults: string[]; lines: string[] };
/** Its size: so many deliveries within so long, and what AWS allows, where that is other than shipped. */
export type StormOptions = { count: number; stormMs?: number; shipped?: Partial<Shipped> };

const HOMES = { aws: openAws, own: openOwn };
const MOST_MS = 8 * HOUR_MS;
const LOOK_EVERY_MS = 10 * SECOND_MS;
const KILL_DELAY_MS = 4 * SECOND_MS;

/** Lets `count` deliveries come, in ten minutes unless told otherwise, a third of them repeats, waits until all of it is over, and says what became of it. */
export async function play(name: HomeName, { count, stormMs = 10 * MINUTE_MS, shipped }: StormOptions): Promise<StormFigures> {
  const began = performance.now();
  const world = makeCalmWorld(count);
  const kills: { jobId: string; at: number }[] = [];
  try {
    const { cloud, addJob, openSend } = makeCloud(world, {
      onKill(_actor, jobId) {
        kills.push({ jobId, at: world.now() });
        return () => undefined;
      },
      onJobSeen: () => undefined,
      onSlack: () => undefined,
    });
    cloud.killDelayMs = KILL_DELAY_MS;
    const isWithinHour = ({ at }: { at: number }): boolean => at > world.now() - HOUR_MS;
    const home = HOMES[name]({ world, openSend, env: envOfStorm(), places: () => Math.min(PER_HOUR, kills.filter(isWithinHour).length), shipped: { ...SHIPPED, ...shipped } });
    const senders = beginStorm(world, { count, stormMs }, {
      knock: home.knock,
      addJob: (number) => addJob({ job_id: jobIdOf(number), job_name: `job-${number}` }).job.job_id,
    });
    let mostOpen = 0;
    const isGoingOn = (): boolean => world.now() < world.startMs + stormMs || senders.left() > 0 || home.countOpen() > 0;
    while (world.now() < world.startMs + MOST_MS && isGoingOn()) {
      await world.run(world.now() + LOOK_EVERY_MS, Infinity);
      mostOpen = Math.max(mostOpen, home.countOpen());
    }
    const overMs = world.now() - world.startMs;
    const executions = home.engine.all();
    const ends = new Map<string, number>();
    for (const { status, result } of executions) {
      const end = status === 'SUCCEEDED' ? (JSON.parse(result ?? '{}') as { outcome?: string }).outcome ?? '' : status;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    const firstAt = new Map(senders.alerts.map((alert) => [alert.jobId, alert.firstAt]));
    const starts = executions.filter(({ name: execution }) => !/^(?:end|notice)-/.test(execution));
    const lost = senders.alerts.length - new Set(starts.map(({ name: execution }) => requestOf(execution))).size;
    const posts = countEach(kills.map(({ jobId }) => jobId));
    const faults = [...world.faults.map(({ rule, line }) => `${rule}: ${line}`), ...judge(senders.alerts, { lost, left: senders.left(), open: home.countOpen(), twice: [...posts].filter(([, times]) => times > 1).length, ends, mostInHour: mostInHour(kills.map(({ at }) => at)) })];
    const lines = [
      `${name} home: ${count} deliveries of ${senders.alerts.length} alerts in ${minutes(stormMs)}, ${faults.length} faults; over after ${minutes(overMs)}; played in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
      `  senders were told: ${listOf(senders.answers)}`,
      `  a delivery until it was taken: ${spread(senders.waitedMs)}`,
      `  started: ${starts.length}, of which ended: ${listOf(ends)}; ${kills.length} POSTs, no job twice: ${[...posts.values()].every((times) => times === 1)}`,
      `  a start until it first ran: ${spread(starts.flatMap(({ name: execution, startMs }) => (home.begunAt.get(execution) ?? NaN) - startMs).filter((ms) => !Number.isNaN(ms)))}; until its end: ${spread(starts.flatMap(({ startMs, endMs }) => (endMs === undefined ? [] : [endMs - startMs])))}`,
      `  the first delivery of an alert until its POST: ${spread(kills.map(({ jobId, at }) => at - (firstAt.get(jobId) ?? at)))}`,
      `  at most ${mostOpen} executions open`,
      ...home.lines(),
    ];
    home.close();
    return { faults, lines };
  } finally {
    world.giveBack();
  }
}

type Judged = { lost: number; left: number; open: number; twice: number; ends: ReadonlyMap<string, number>; mostInHour: number };

function judge(alerts: readonly Alert[], { lost, left, open, twice, ends, mostInHour }: Judged): string[] {
  const bad = ['FAILED', 'TIMED_OUT', 'STOPPED', 'failed'].flatMap((end) => (ends.has(end) ? [`${ends.get(end)} ended ${end}`] : []));
  return [
    ...(left > 0 ? [`${left} deliveries were never taken`] : []),
    ...(lost > 0 ? [`${lost} of ${alerts.length} alerts were taken and never started`] : []),
    ...(open > 0 ? [`${open} executions are open for good`] : []),
    ...(twice > 0 ? [`${twice} jobs got more than one POST`] : []),
    ...(mostInHour > PER_HOUR ? [`${mostInHour} kills in an hour`] : []),
    ...bad,
  ];
}

function mostInHour(moments: readonly number[]): number {
  let from = 0;
  let most = 0;
  moments.forEach((at, index) => {
    while ((moments[from] ?? at) <= at - HOUR_MS) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

function countEach(items: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

/** The middle one, the 99th of 100, and the longest. */
function spread(ms: readonly number[]): string {
  const sorted = ms.toSorted((one, other) => one - other);
  const at = (share: number): string => ((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / SECOND_MS).toFixed(1);
  return `${at(0.5)} s (median), ${at(0.99)} s (99th of 100), ${at(1)} s at most`;
}

const minutes = (ms: number): string => `${Math.round(ms / MINUTE_MS)} min`;
const jobIdOf = (number: number): string => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`;

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([what, times]) => `${times} ${what}`).join(', ');
}
