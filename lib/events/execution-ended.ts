import * as z from 'zod';
import type { End } from '../core/end.ts';
import type { Reporter } from '../core/report.ts';
import type { Clock } from '../core/time.ts';
import type { Executions } from '../executions/client.ts';
import { openExecutions } from '../executions/open.ts';
import type { KillPayload } from '../kill/payload.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import { countEnd } from '../log/metrics.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html */
const StatusChange = z.looseObject({
  source: z.literal('aws.lambda'),
  'detail-type': z.literal('Durable Execution Status Change'),
  detail: z.looseObject({ durableExecutionArn: z.string(), status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT']) }),
});

type StatusChange = z.infer<typeof StatusChange>;

/** What an event of EventBridge about a durable execution asks for; undefined where it is about something else. */
export function takeStatusChange(event: unknown): ((parts: Killswitch, log: Log) => Promise<void>) | undefined {
  const read = StatusChange.safeParse(event);
  if (!read.success) return undefined;
  return ({ settings, reporter, clock }, log) => reportBadEnd({ ...openExecutions(settings), reporter, clock, log }, read.data);
}

const WHY = {
  FAILED: 'the execution failed',
  TIMED_OUT: 'the execution ran out of time',
  STOPPED: 'the execution was stopped by an operator',
} as const;

/**
 * An execution that ends FAILED, TIMED_OUT or STOPPED runs no code of its own any more: this says so where its request came
 * from. Throws where the place cannot be told, so that EventBridge sends the event again.
 */
async function reportBadEnd(
  by: { executions: Executions; reporter: Reporter; clock: Clock; log: Log },
  { detail: { durableExecutionArn: arn, status } }: StatusChange,
): Promise<void> {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return;
  const { input, error } = await by.executions.get(arn);
  const payload = JSON.parse(input) as KillPayload;
  if (payload.kind === 'notice') {
    by.log.error('a notice was not sent', { status, error });
    return;
  }
  const { request } = payload;
  const why = `${WHY[status]}${error === undefined ? '' : ` (${error})`}`;
  const end: End = { outcome: 'failed', reason: `${why}; whether the job was killed is not known here: look at it` };
  countEnd(by.log, request.trigger, { outcome: 'failed', code: status }, by.clock.now() - request.receivedAt);
  by.log.audit('kill request ended', { kill_id: request.killId, requested_by: request.requestedBy, target: request.target, status, ...end });
  await by.reporter.show(request, { stage: 'end', end, tookMs: by.clock.now() - request.receivedAt });
}
