import { readWeeklyTime } from '../../lib/core/week.ts';
import { nextTime } from './cron.ts';

/** Something that is done at times of its own, all in epoch ms. */
export type ScheduledTask = {
  name: 'cleanup' | 'digest';
  /** The first of its times after that; undefined where there is none. */
  nextTime(after: number): number | undefined;
  /** What EventBridge Scheduler would hand to functions/cleanup for a run at that time. */
  event(scheduledAt: number): unknown;
};

/** Cleanup by its cron schedule in UTC, and the digest by the policy's `slack.digest` in its zone, where there is one. */
export function scheduledTasks({ cleanup, digest }: { cleanup: string | undefined; digest: string | undefined }): ScheduledTask[] {
  return [...(cleanup === undefined ? [] : [task('cleanup', cleanup, 'UTC')]), ...(digest === undefined ? [] : [digestTask(digest)])];
}

function digestTask(written: string): ScheduledTask {
  const { day, hour, minute, zone } = readWeeklyTime(written);
  return task('digest', `${minute} ${hour} * * ${day}`, zone);
}

function task(name: ScheduledTask['name'], schedule: string, zone: string): ScheduledTask {
  return {
    name,
    nextTime: (after) => nextTime(schedule, zone, after),
    event: (scheduledAt) => ({ kind: `scheduled-${name}`, scheduledTime: new Date(scheduledAt).toISOString() }),
  };
}
