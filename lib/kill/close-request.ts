import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Show, View } from '../core/report.ts';
import type { KillRequest, MessageRef, PickRequest } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import type { Log } from '../log/log.ts';
import { countEnd, metricCode } from '../log/metrics.ts';
import { onceOnly, retryFor } from './retry-strategy.ts';

/** What closing a request needs. */
export type Closer = { policyHash: string; show: Show; clock: Clock; log: Log };

type Requested = KillRequest | PickRequest;

/** How long a report is tried again. */
const REPORT_FOR_SEC = 30 * 60;

/**
 * The last steps of every execution: the audit line, then the report to the place that the request came from. A report that
 * cannot be posted is logged; it never repeats a kill.
 */
export async function closeRequest(context: DurableContext, request: Requested, by: Closer, end: End, card?: MessageRef): Promise<void> {
  // The kill has happened or not by now: a line that cannot be written must not keep the report from people.
  await context.step('audit', async () => audit(by, request, end), onceOnly).catch(() => undefined);
  await showOrLog(context, 'report', request, by, () => ({ stage: 'end', end, tookMs: by.clock.now() - request.receivedAt }), card);
}

/** Shows a view, tried again for half an hour; where that fails for good, the log has it, with what an operator has to mend. */
export async function showOrLog(
  context: DurableContext,
  step: 'report' | 'notify',
  request: Requested,
  by: Closer,
  view: () => View,
  card?: MessageRef,
): Promise<void> {
  try {
    await context.step(step, async () => void (await by.show(request, view(), card)), retryFor(REPORT_FOR_SEC));
  } catch (error) {
    const fault = (error as Error).message;
    await context.step(`${step}-lost`, async () => by.log.error('report could not be posted', { kill_id: request.killId, fault, view: view() }), onceOnly);
  }
}

/** Who, why, and under which policy: the head of every record and audit line. */
export function recordOf(request: Requested, { policyHash }: Pick<Closer, 'policyHash'>, answeredBy: string | undefined): Record<string, unknown> {
  const { killId, trigger, requestedBy, rule, reason } = request;
  return { kill_id: killId, trigger, requested_by: requestedBy, requested_by_rule: rule, reason, policy_hash: policyHash, ...(answeredBy && { answered_by: answeredBy }) };
}

function audit(by: Closer, request: Requested, { outcome, rule, code, reason, job, candidates, answeredBy }: End): void {
  countEnd(by.log, request.trigger, { outcome, rule, code: metricCode(code) }, by.clock.now() - request.receivedAt);
  by.log.audit('kill request ended', {
    ...recordOf(request, by, answeredBy), outcome, rule, code, end_reason: reason, target: request.target, job, candidates: candidates?.length,
  });
}
