import type { JobRecord } from '../simulator/jobs.ts';
import type { Actor } from './actor.ts';
import { type Kill, MARGIN_MS, MOST_AGE_MS } from './judge-kills.ts';
import type { Origins } from './origin.ts';
import { GUARDED_USER } from './policy.ts';
import type { Rule } from './promises.ts';
import { HOUR_MS, SECOND_MS, type World } from './world.ts';

/** Judges each kill by the job that it meets, and by what the alert behind it can have meant. */
export function judgeNews(world: World, jobs: Map<string, JobRecord>, origins: Origins, kills: () => readonly Kill[], houseNow: () => number): (actor: Actor, kill: Kill) => void {
  return (actor, { execution, jobId }) => {
    const judge = (rule: Rule, isBroken: boolean, line: () => string): void => world.judge(rule, isBroken, () => `${actor.name}: ${line()}`);
    const job = jobs.get(jobId)?.job;
    judge('kill of a job that is not there', job === undefined, () => jobId);
    if (job === undefined) return;
    // What MRS does not say may be what is guarded.
    judge('kill of what is protected', job.user === GUARDED_USER || job.user === '', () => `${job.job_name} of ${job.user || 'nobody knows whom'}`);
    const { alert, request, warning } = origins.of(execution) ?? {};
    if (alert === undefined) return;
    const { resolvedAt } = alert;
    // Of a warned job, since its alert.
    const { receivedAt = 0 } = (warning === undefined ? request : origins.of(warning.first)?.request) ?? {};
    const isOld = resolvedAt !== undefined && alert.startsAt !== undefined && receivedAt + MOST_AGE_MS < resolvedAt;
    if (resolvedAt !== undefined) judge('kill after a recovery', isOld && world.now() > resolvedAt + MOST_AGE_MS + MARGIN_MS, () => `${alert.key} is over for ${(world.now() - resolvedAt) / SECOND_MS} s`);
    if (alert.by === 'id') return;
    const news = Math.min(alert.startsAt ?? Infinity, origins.firstStartOf(alert) ?? Infinity);
    judge('kill of a newer run', job.submitted_time >= news, () => `${job.job_name}, submitted ${(job.submitted_time - news) / SECOND_MS} s after ${alert.key} was known`);
    const older = kills().find((kill) => kill.jobId !== jobId && jobs.get(kill.jobId)?.job.job_name === job.job_name && kill.sentAt < job.submitted_time && houseNow() - kill.houseAt < HOUR_MS);
    judge('kill of a healthy re-run', older !== undefined, () => `${job.job_name}, ${(world.now() - (older?.sentAt ?? 0)) / SECOND_MS} s after the kill of ${older?.jobId.slice(0, 8)}`);
  };
}
