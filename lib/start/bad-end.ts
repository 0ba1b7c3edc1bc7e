import * as z from 'zod';
import type { End } from '../core/end.ts';
import type { Reporter } from '../core/report.ts';
import { type Closer, recordEnd } from '../kill/close.ts';
import type { Engine, KillPayload } from './engine.ts';

/** What saying a bad end needs. */
export type BadEndParts = Pick<Closer, 'policyHash' | 'clock' | 'log'> & { engine: Engine; reporter: Reporter };

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html */
const StatusChange = z.looseObject({
  source: z.literal('aws.lambda'),
  'detail-type': z.literal('Durable Execution Status Change'),
  detail: z.looseObject({ durableExecutionArn: z.string(), status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT']) }),
});

type StatusChange = z.infer<typeof StatusChange>;

/** What an event of EventBridge about a durable execution asks for; undefined where it is about something else. */
export function takeStatusChange(event: unknown): ((parts: BadEndParts) => Promise<void>) | undefined {
  const read = StatusChange.safeParse(event);
  if (!read.success) return undefined;
  return (parts) => reportBadEnd(parts, read.data);
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
async function reportBadEnd(parts: BadEndParts, { detail: { durableExecutionArn: arn, status } }: StatusChange): Promise<void> {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return;
  const { input, error } = await parts.engine.get(arn);
  const payload = JSON.parse(input) as KillPayload;
  if (payload.kind === 'notice') {
    parts.log.error('a notice was not sent', { status, error });
    return;
  }
  const { request } = payload;
  const why = `${WHY[status]}${error === undefined ? '' : ` (${error})`}`;
  const end: End = { outcome: 'failed', code: status, reason: `${why}; whether the job was killed is not known here: look at it` };
  recordEnd({ ...parts, alsoAudit: ({ reason }) => ({ status, reason }) }, request, end);
  await parts.reporter.show(request, { stage: 'end', end, tookMs: parts.clock.now() - request.receivedAt });
}
