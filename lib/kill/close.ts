import type { Clock } from '../core/time.ts';
import type { End } from '../core/end.ts';
import type { Show, View } from '../core/report.ts';
import type { KillRequest, MessageRef, Requested } from '../core/request.ts';
import type { Fields, Log } from '../log/log.ts';
import { countEnd, metricCode } from '../log/metrics.ts';
import type { Moves } from './moves.ts';

/** What closing a request needs. */
export type Closer = {
  policyHash: string;
  clock: Clock;
  log: Log;
  /** The place that the request came from; left out where its caller gets the end as the answer. */
  show?: Show;
  /** What the audit line says besides. */
  alsoAudit?: (end: End) => Fields;
};

/** What is known of a request that ends: one that is refused at the door may have no target yet. */
export type Closed = Pick<KillRequest, 'killId' | 'trigger' | 'requestedBy' | 'reason' | 'policyRule' | 'receivedAt'> & { target?: unknown };

/** How long a report is tried again. */
const REPORT_FOR_SEC = 30 * 60;

/**
 * The last moves of every request, wherever it ended: the audit line and the metric, then the report to the place that it came
 * from. A report that cannot be posted is logged; it never repeats a kill.
 */
export async function closeRequest(parts: Closer & { moves: Moves }, request: Requested, end: End, card?: MessageRef): Promise<void> {
  await parts.moves.step('audit', async () => recordEnd(parts, request, end));
  // A card that only tells people stands already, and there is nothing to add to it.
  if (end.outcome === 'notified') return;
  await showOrLog(parts, 'report', request, () => ({ stage: 'end', end, tookMs: parts.clock.now() - request.receivedAt }), card);
}

/**
 * The one record of an end: metric and audit line. A kill has happened or not by now, so a line that cannot be written keeps
 * nothing from people, and is said in the log where that can be.
 */
export function recordEnd(parts: Omit<Closer, 'show'>, request: Closed, end: End): void {
  const { outcome, rule, code, reason, job, candidates, answeredBy } = end;
  countEnd(parts.log, request.trigger, { outcome, rule, code: metricCode(code) }, parts.clock.now() - request.receivedAt);
  try {
    parts.log.audit('kill request ended', {
      ...recordOf(parts, request, answeredBy), outcome, rule, code, end_reason: reason, target: request.target, job, candidates: candidates?.length,
      ...parts.alsoAudit?.(end),
    });
  } catch (error) {
    parts.log.error('the audit line could not be written', { error });
  }
}

/** Shows a view, tried again for half an hour; where that fails for good, the log has it, with what an operator has to mend. */
export async function showOrLog(parts: Closer & { moves: Moves }, name: 'report' | 'notify', request: Requested, view: () => View, card?: MessageRef): Promise<void> {
  const { show, moves, log } = parts;
  if (show === undefined) return;
  try {
    await moves.step(name, async () => void (await show(request, view(), card)), REPORT_FOR_SEC);
  } catch (error) {
    const fault = (error as Error).message;
    await moves.step(`${name}-lost`, async () => log.error('report could not be posted', { kill_id: request.killId, fault, view: view() }));
  }
}

/** Who, why, and under which policy: the head of every record and audit line. */
export function recordOf({ policyHash }: Pick<Closer, 'policyHash'>, request: Closed, answeredBy: string | undefined): Fields {
  const { killId, trigger, requestedBy, policyRule, reason } = request;
  return { kill_id: killId, trigger, requested_by: requestedBy, requested_by_rule: policyRule, reason, policy_hash: policyHash, ...(answeredBy && { answered_by: answeredBy }) };
}
