import type { CleanupReport } from '../../lib/core/report.ts';
import type { DigestReport } from '../../lib/cleanup/send-digest.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { utcText } from '../../lib/core/time.ts';
import type { Log } from '../../lib/log/log.ts';
import { countRun } from '../metrics/home-counts.ts';
import type { ScheduledTask } from './scheduled-tasks.ts';

/** The home's clock: `setTimer` runs once at `atMs` (epoch ms), soon where it is set forward over that, and returns what cancels it. */
type ScheduleClock = { now(): number; setTimer(atMs: number, run: () => void): () => void };

/** Where what is scheduled is done: functions/cleanup's part, `handleCleanup`, behind a reading of the secrets. */
export type Run = (event: unknown) => Promise<CleanupReport | DigestReport>;

export type Schedule = {
  /** When cleanup last ran to its end by its schedule, epoch ms; undefined until it has. */
  cleanupRanAt(): number | undefined;
  /** Does something once, now, whether it has a time or not. Throws what `run` throws, and InvalidRequest while it is done already or all has stopped. */
  runNow(name: ScheduledTask['name'], event: unknown): Promise<CleanupReport | DigestReport>;
  /** Begins nothing more, and resolves when what runs is over: the caller says how long that is waited for. What it has started goes on by itself. */
  stop(): Promise<void>;
};

// As Lambda tries an event again. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const TRY_AGAIN_AFTER_MS = [60_000, 120_000];

/**
 * Does each task at its times. What was missed is skipped: while the process was down nothing asks for it, and what comes more than
 * 15 min late (a machine that slept, a clock set forward) `run` itself skips and says so. One run of a task at a time: a time that
 * comes while one is not over is passed over, with a line in the log.
 */
export function startSchedule(tasks: readonly ScheduledTask[], { clock, log, run }: { clock: ScheduleClock; log: Log; run: Run }): Schedule {
  let isStopped = false;
  let cleanupRanAt: number | undefined;
  const waits = new Set<() => void>();
  const running = new Map<ScheduledTask['name'], Promise<unknown>>();

  /** Until `atMs`, or until all stops. */
  const wait = (atMs: number): Promise<void> =>
    new Promise((resolve) => {
      let cancel = (): void => {};
      const end = (): void => {
        cancel();
        waits.delete(end);
        resolve();
      };
      waits.add(end);
      cancel = clock.setTimer(atMs, end);
    });

  async function doOnce(task: ScheduledTask, scheduledAt: number): Promise<void> {
    for (const tryAgainAfterMs of [...TRY_AGAIN_AFTER_MS, undefined]) {
      try {
        const { skipped } = await run(task.event(scheduledAt));
        countRun(log, task.name, skipped === undefined ? 'done' : 'skipped');
        if (task.name === 'cleanup' && skipped === undefined) cleanupRanAt = clock.now();
        return;
      } catch (error) {
        const fields = { error, scheduled: utcText(scheduledAt) };
        if (tryAgainAfterMs === undefined) {
          countRun(log, task.name, 'failed');
          return log.error(`the scheduled ${task.name} failed`, fields);
        }
        log.warn(`the scheduled ${task.name} failed and is tried again`, { ...fields, inSec: tryAgainAfterMs / 1_000 });
        await wait(clock.now() + tryAgainAfterMs);
        if (isStopped) return log.warn(`the scheduled ${task.name} is left undone: this process ends`, fields);
      }
    }
  }

  function begin(task: ScheduledTask, scheduledAt: number): void {
    if (running.has(task.name)) {
      countRun(log, task.name, 'skipped');
      return log.warn(`the scheduled ${task.name} is passed over: the one before it is not over`, { scheduled: utcText(scheduledAt) });
    }
    running.set(task.name, doOnce(task, scheduledAt).finally(() => running.delete(task.name)));
  }

  async function keep(task: ScheduledTask): Promise<void> {
    let due = task.nextTime(clock.now());
    while (due !== undefined) {
      await wait(due);
      if (isStopped) return;
      begin(task, due);
      due = task.nextTime(clock.now());
    }
  }

  for (const task of tasks) void keep(task);
  return {
    cleanupRanAt: () => cleanupRanAt,
    async runNow(name, event) {
      if (isStopped) throw new InvalidRequest('this process is stopping: ask the next one');
      if (running.has(name)) throw new InvalidRequest(`a run of ${name} is not over yet: ask again when it is`);
      const report = run(event);
      running.set(name, report.catch(() => undefined).finally(() => running.delete(name)));
      return report;
    },
    async stop() {
      isStopped = true;
      for (const end of waits) end();
      await Promise.all(running.values());
    },
  };
}
