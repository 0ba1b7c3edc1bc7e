import type { Execution } from '../../home/engine/executions.ts';
import { requestOf } from '../simulation/actor.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../simulation/world.ts';
import { PER_HOUR } from './home.ts';
import type { Senders } from './senders.ts';

/** What is left when a storm is over. Moments are epoch ms. */
export type Aftermath = {
  senders: Senders;
  executions: readonly Execution[];
  /** When each execution was first run, by its name. */
  begunAt: ReadonlyMap<string, number>;
  posts: readonly { jobId: string; at: number }[];
  /** How many executions are still open, and the most that ever were. */
  open: number;
  mostOpen: number;
};

/** What broke a promise: what was lost, what came twice, what has no end. */
export function judgeStorm({ senders: { alerts, left }, executions, posts, open }: Aftermath): string[] {
  const lost = alerts.length - new Set(killsIn(executions).map(({ name }) => requestOf(name))).size;
  const twice = [...countEach(posts.map(({ jobId }) => jobId)).values()].filter((times) => times > 1).length;
  const inHour = mostInHour(posts.map(({ at }) => at));
  const ends = endsOf(executions);
  return [
    ...(left() > 0 ? [`${left()} deliveries were never taken`] : []),
    ...(lost > 0 ? [`${lost} of ${alerts.length} alerts were taken and never started`] : []),
    ...(open > 0 ? [`${open} executions are open for good`] : []),
    ...(twice > 0 ? [`${twice} jobs got more than one POST`] : []),
    ...(inHour > PER_HOUR ? [`${inHour} kills in an hour`] : []),
    ...['FAILED', 'TIMED_OUT', 'STOPPED', 'failed'].flatMap((end) => (ends.has(end) ? [`${ends.get(end)} ended ${end}`] : [])),
  ];
}

/** Who was told what, what was started, and what waited how long. */
export function describeStorm({ senders: { alerts, answers, waitedMs }, executions, begunAt, posts, mostOpen }: Aftermath): string[] {
  const starts = killsIn(executions);
  const firstAt = new Map(alerts.map((alert) => [alert.jobId, alert.firstAt]));
  const queued = starts.flatMap(({ name, startMs }) => (begunAt.has(name) ? [(begunAt.get(name) ?? 0) - startMs] : []));
  return [
    `  senders were told: ${listOf(answers)}`,
    `  a delivery until it was taken: ${spread(waitedMs)}`,
    `  started: ${starts.length}, of which ended: ${listOf(endsOf(starts))}; ${posts.length} POSTs`,
    `  a start until it first ran: ${spread(queued)}; until its end: ${spread(starts.flatMap(({ startMs, endMs }) => (endMs === undefined ? [] : [endMs - startMs])))}`,
    `  the first delivery of an alert until its POST: ${spread(posts.map(({ jobId, at }) => at - (firstAt.get(jobId) ?? at)))}`,
    `  at most ${mostOpen} executions open`,
  ];
}

export const minutes = (ms: number): string => `${Math.round(ms / MINUTE_MS)} min`;

/** Without what only tells of others. */
function killsIn(executions: readonly Execution[]): Execution[] {
  return executions.filter(({ name }) => !/^(?:end|notice)-/.test(name));
}

/** How often executions ended so: by the outcome of the request, or by their own bad end. */
function endsOf(executions: readonly Execution[]): Map<string, number> {
  return countEach(executions.map(({ status, result }) => (status === 'SUCCEEDED' ? ((JSON.parse(result ?? '{}') as { outcome?: string } | null)?.outcome ?? 'said') : status)));
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
  if (ms.length === 0) return 'none';
  const sorted = ms.toSorted((one, other) => one - other);
  const at = (share: number): string => ((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) / SECOND_MS).toFixed(1);
  return `${at(0.5)} s (median), ${at(0.99)} s (99th of 100), ${at(1)} s at most`;
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([what, times]) => `${times} ${what}`).join(', ');
}
