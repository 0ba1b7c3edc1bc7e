import type { Outcome, Rule } from '../core/end.ts';
import { findKnownCode, type KnownCode, TROUBLE_KINDS, type TroubleKind } from '../core/errors.ts';
import { type Trigger, TRIGGERS } from '../core/request.ts';
import type { Log, Metric } from './log.ts';

const ONCE: Metric = { value: 1, unit: 'Count' };

/** Codes that are neither MRS's nor a kind of trouble: how an execution ended badly, and what went wrong on our side. */
const OWN_CODES = ['FAILED', 'TIMED_OUT', 'STOPPED', 'unanswered', 'ledger', 'question_lost', 'not_told', 'not_started', 'unexpected'] as const;

/** The codes that failures are counted by: a closed set, whatever the other side answers. */
export type MetricCode = KnownCode | TroubleKind | (typeof OWN_CODES)[number] | 'other';

/** The code to count `code` by; where it is none that we know, the `kind` of the trouble, and `other` where there is none. */
export function metricCode(code: string | undefined, kind?: TroubleKind): MetricCode {
  return findKnownCode(code) ?? [...TROUBLE_KINDS, ...OWN_CODES].find((own) => own === code) ?? kind ?? 'other';
}

/** How a request ended, for counting: `rule` of a refusal, `code` of a failure. */
export type CountedEnd = { outcome: Outcome; rule?: Rule | undefined; code?: MetricCode | undefined };

/** What became of a start. What ended at the door, refused or ignored, is an end besides. */
export type StartOutcome = 'accepted' | 'duplicate' | 'refused' | 'ignored' | 'notified' | 'failed';

/** Counts the end of a request: by trigger and outcome, a refusal by its rule, a failure by its code (each raises an alarm), and how long a kill took. */
export function countEnd(log: Log, trigger: Trigger, { outcome, rule, code }: CountedEnd, tookMs: number): void {
  log.metric({ Ended: ONCE }, { trigger, outcome });
  if (outcome === 'refused') countRefusal(log, trigger, rule);
  if (outcome === 'failed') log.metric({ Failed: { ...ONCE, total: true } }, { trigger, code: code ?? 'other' });
  if (outcome === 'killed') log.metric({ RequestedToKilled: { value: tookMs, unit: 'Milliseconds' } }, { trigger });
}

/** Counts a job that people were warned of, each round for itself, or that somebody keeps. */
export function countWarning(log: Log, trigger: Trigger, what: 'Warned' | 'Kept'): void {
  log.metric({ [what]: ONCE }, { trigger });
}

/** Counts what a job came to that people were warned of. */
export function countAfterWarning(log: Log, trigger: Trigger, outcome: Outcome): void {
  if (outcome === 'killed') log.metric({ KilledAfterWarning: ONCE }, { trigger });
  if (outcome === 'finished-first' || outcome === 'already-over') log.metric({ EndedAfterWarning: ONCE }, { trigger });
}

/** Counts what a rule refused; a click on a question that stays open for others ends no request, and is counted all the same. */
export function countRefusal(log: Log, trigger: Trigger, rule: Rule | undefined): void {
  log.metric({ Refused: ONCE }, { trigger, rule: rule ?? 'unknown' });
}

/** Counts what became of starts, in one line for each outcome. */
export function countStarts(log: Log, trigger: Trigger, starts: readonly { outcome: StartOutcome }[]): void {
  const counts = new Map<StartOutcome, number>();
  for (const { outcome } of starts) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  for (const [outcome, value] of counts) log.metric({ Started: { value, unit: 'Count' } }, { trigger, outcome });
}

/** Counts a caller who did not prove who they are; a burst of these raises an alarm. */
export function countUnauthorized(log: Log): void {
  log.metric({ Unauthorized: ONCE }, {});
}

/** Counts that the machine's own clock is seen to be wrong. */
export function countClockOff(log: Log, clock: 'behind' | 'jumped'): void {
  log.metric({ ClockOff: ONCE }, { clock });
}

/** Sets to 0 what raises an alarm at the first count: to Prometheus a series that begins with 1 has not increased. */
export function beginCounts(log: Log): void {
  const nothing: Metric = { value: 0, unit: 'Count' };
  log.metric({ Unauthorized: nothing, ReportsLost: nothing, SlackConnectionLost: nothing }, {});
  for (const trigger of TRIGGERS) log.metric({ Ended: nothing }, { trigger, outcome: 'failed' });
}

const BAD_STATUSES = [400, 403, 404, 405, 409, 413, 429];

/** Counts a request that was answered with a 4xx and not for want of a proof. */
export function countBadRequest(log: Log, trigger: Trigger, status: number): void {
  log.metric({ BadRequest: ONCE }, { trigger, status: BAD_STATUSES.includes(status) ? String(status) : 'other' });
}

/** What brings events to us: a topic of SNS, a queue of SQS, a bus of EventBridge, or the service itself. */
export type Carrier = 'sns' | 'sqs' | 'eventbridge' | 'direct';

/** Counts an event, or a record of one, that nobody can use. */
export function countUnusable(log: Log, carrier: Carrier): void {
  log.metric({ UnusableEvent: ONCE }, { carrier });
}

/** Counts a message that nobody got, however often it was tried: somebody was not told how a request ended. It raises an alarm. */
export function countLostReport(log: Log): void {
  log.metric({ ReportsLost: ONCE }, {});
}

/** Counts, once, that Slack's Socket Mode has been without a connection for long: nobody can ask for a kill or answer. At home only. */
export function countSlackConnectionLost(log: Log): void {
  log.metric({ SlackConnectionLost: ONCE }, {});
}
