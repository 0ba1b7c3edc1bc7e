import * as z from 'zod/mini';
import type { CleanupReport } from '../core/report.ts';
import type { Log } from '../log/log.ts';
import { readBody } from '../http/read-body.ts';
import { closeDeadStarts } from '../start/dead-starts.ts';
import { type Cleaner, runCleanup } from './run-cleanup.ts';
import { type DigestReport, sendDigest } from './send-digest.ts';

const time = z.iso.datetime({ offset: true });

/** An EventBridge rule. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
const ScheduledEvent = z.looseObject({ source: z.literal('aws.events'), time });

/**
 * What a person has typed: the input of a schedule of EventBridge Scheduler with its keywords, or `{}` to run it now. An unknown
 * key is an error: a misspelled `dry_run`, or the test event of the console, must not kill.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
 */
const TypedInput = z.strictObject({
  time: z.optional(time),
  scheduledTime: z.optional(time),
  /** Plays the run only; it can make the policy stricter, never less strict. */
  dryRun: z._default(z.boolean(), false),
  kind: z.optional(z.literal('scheduled-cleanup')),
  scheduleArn: z.optional(z.string()),
  executionId: z.optional(z.string()),
  attempt: z.optional(z.union([z.string(), z.number()])),
  policy: z.optional(z.string()),
});

/** The input of the schedule that tools/digest-schedule.ts makes; without a time it is now. */
const DigestInput = z.strictObject({ kind: z.literal('scheduled-digest'), scheduledTime: z.optional(time) });

type Trigger = { scheduledTime: string | undefined; dryRun: boolean };

function readTrigger(event: unknown): Trigger {
  if ((event as { source?: unknown } | null)?.source === 'aws.events') return { scheduledTime: readBody(ScheduledEvent, event).time, dryRun: false };
  const typed = readBody(TypedInput, event ?? {});
  return { scheduledTime: typed.scheduledTime ?? typed.time, dryRun: typed.dryRun };
}

/**
 * Runs the cleanup rules for one event, or sends the weekly digest where the event asks for that, and returns the report, which the
 * log gets as one line too. Throws on an unreadable event.
 */
export async function handleCleanup(load: () => Cleaner, log: Log, event: unknown): Promise<CleanupReport | DigestReport> {
  if ((event as { kind?: unknown } | null)?.kind === 'scheduled-digest') return handleDigest(load, log, event);
  const { scheduledTime, dryRun } = readTrigger(event);
  const parts = load();
  const scheduledAt = scheduledTime === undefined ? parts.clock.now() : Date.parse(scheduledTime);
  const closing = closeDeadStarts(parts.starter); // has nothing to do with the rules, and need not wait for them
  closing.catch(() => undefined); // it is said when the run is over
  const report = await runCleanup(parts, { scheduledAt, dryRun });
  await closing;
  log.info(report.skipped === undefined ? 'cleanup' : 'cleanup skipped', report);
  return report;
}

async function handleDigest(load: () => Cleaner, log: Log, event: unknown): Promise<DigestReport> {
  const { scheduledTime } = readBody(DigestInput, event);
  const parts = load();
  const report = await sendDigest(parts, scheduledTime === undefined ? parts.clock.now() : Date.parse(scheduledTime));
  log.info('digest', report);
  return report;
}
