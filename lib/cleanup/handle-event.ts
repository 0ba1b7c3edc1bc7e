import * as z from 'zod';
import type { CleanupReport } from '../core/cleanup-report.ts';
import { createStarter } from '../kill/create-starter.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import { runCleanup } from './run.ts';

/**
 * What starts a run: an EventBridge rule (`time`), EventBridge Scheduler (`scheduledTime` by its keyword), or a hand (neither).
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
const Trigger = z.looseObject({
  time: z.iso.datetime({ offset: true }).optional(),
  scheduledTime: z.iso.datetime({ offset: true }).optional(),
  /** Plays the run only; it can make the policy stricter, never less strict. */
  dryRun: z.boolean().default(false),
});

/** Runs the cleanup rules for one event and returns the report, which the log gets as one line too. Throws on an unreadable event. */
export async function handleCleanup(load: () => Killswitch, log: Log, event: unknown): Promise<CleanupReport> {
  const { time, scheduledTime, dryRun } = Trigger.parse(event ?? {});
  const parts = load();
  const scheduledAt = Date.parse(scheduledTime ?? time ?? new Date(parts.clock.now()).toISOString());
  const report = await runCleanup({ ...parts, starter: createStarter(parts, log) }, { scheduledAt, dryRun });
  log.info(report.skipped === undefined ? 'cleanup' : 'cleanup skipped', report);
  return report;
}
