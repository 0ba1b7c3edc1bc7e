import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { pausedRefusal } from '../core/decide.ts';
import { describeTrouble, troubleCode } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { End } from '../core/end.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, MessageRef, Target } from '../core/request.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { closeRequest, type Closer, recordOf } from './close-request.ts';
import { askFor } from './durable-ask.ts';
import { createDurableMoves } from './durable-moves.ts';
import { examine, type Examined, type Examiner, EXPIRES_AFTER_MS, expiredEnd, koocliLine } from './examine.ts';
import { followUntilOver } from './durable-follow.ts';
import { killJob, MOST_POSTS } from './kill.ts';
import { onceOnly, retryFor } from './retry-strategy.ts';

/** The outside of the workflow. */
export type WorkflowPorts = Examiner & Closer & {
  askTimeoutSec: number;
  followIntervalSec: number;
  followTimeoutSec: number;
};

const SHOW_FOR_SEC = 60;

/**
 * One request from look to report, as a durable execution: look → decide → ask? → look, decide again → record → kill → follow
 * → report. The body runs again from the top at every resume, so everything with an effect, a time or a chance in it stands
 * in a step with a constant name, and every step returns its trouble as a value.
 */
export async function runKill(context: DurableContext, request: KillRequest, ports: WorkflowPorts): Promise<End> {
  const { card, end } = await reachEnd(context, request, ports);
  await closeRequest(context, request, ports, end, card);
  return end;
}

type Ended = { end: End; card?: MessageRef | undefined };

async function reachEnd(context: DurableContext, request: KillRequest, ports: WorkflowPorts): Promise<Ended> {
  let expiresAt = request.receivedAt + EXPIRES_AFTER_MS;
  const first = await context.step('look', () => examine(ports, request, request.target, expiresAt), onceOnly);
  if (first.go === 'end') return { end: first.end };

  let card: MessageRef | undefined;
  let answeredBy: string | undefined;
  if (first.ask) {
    const answer = await askFor(context, ports, request, first.job, first.ask);
    card = answer.card;
    if (answer.answer === 'end') return { end: answer.end, card };
    answeredBy = answer.by;
    expiresAt += answer.tookMs;
  }
  // Whatever lay between, a question or a crash: what is killed is what is decided now.
  const target: Target = { cluster: first.cluster.name, job: { by: 'mrs-id', id: first.job.job_id } };
  const again = await context.step('look-again', () => examine(ports, request, target, expiresAt), onceOnly);
  const refusal = refuseUnanswered(first.ask, again);
  if (refusal) return { end: { ...refusal, ...by(answeredBy) }, card };
  const subject = again as Subject;
  if (subject.dryRun) {
    const reason = 'dry run: see dryRun in policy.yml, or the rule or request that asked for it';
    return { end: { outcome: 'would-kill', job: subject.job, reason, ...by(answeredBy) }, card };
  }
  const killed = await recordAndKill(context, request, ports, subject, { card, answeredBy, expiresAt });
  return { end: { ...killed.end, ...by(answeredBy) }, card: killed.card };
}

type Subject = Extract<Examined, { go: 'on' }>;

/** The end that the second look brings, unless the job may be killed on the answer that was given. */
function refuseUnanswered(asked: Question | undefined, again: Examined): End | undefined {
  if (again.go === 'end') return again.end;
  if (again.ask === undefined || again.ask.who === asked?.who || asked?.who === 'approver') return undefined;
  const instead = asked === undefined ? 'nobody was asked' : 'it was the requester who did';
  return { outcome: 'refused', rule: 'ask', reason: `${again.ask.reason}; ${instead}`, job: again.job };
}

function by(answeredBy: string | undefined): { answeredBy?: string } {
  return answeredBy === undefined ? {} : { answeredBy };
}

type KillContext = { card: MessageRef | undefined; answeredBy: string | undefined; expiresAt: number };

async function recordAndKill(
  context: DurableContext,
  request: KillRequest,
  ports: WorkflowPorts,
  { cluster, job }: { cluster: Cluster; job: Job },
  { card, answeredBy, expiresAt }: KillContext,
): Promise<Ended> {
  // Its own checkpoint: without this on record there is no kill.
  const record = await context.step('record', async () => ({ ...recordOf(request, ports, answeredBy), job }), onceOnly);
  await context.step('audit-before', async () => ports.log.audit('killing', record), onceOnly);
  const ended = await killJob(createDurableMoves(context, ports, cluster, job, expiresAt), MOST_POSTS);
  // Not before: nothing may come between the decision and the kill, and a message can take its time.
  const shown =
    ended.end === 'accepted'
      ? await context.step('killing', () => ports.show(request, { stage: 'killing', job }, card), retryFor(SHOW_FOR_SEC)).catch(() => undefined)
      : undefined;
  const message = shown ?? card;
  const unknown = 'effectUnknown' in ended && ended.effectUnknown ? '; a kill was sent before and may still take effect' : '';
  switch (ended.end) {
    case 'accepted':
      return { end: await followUntilOver(context, ports, cluster, job), card: message };
    case 'over':
      return { end: await followUntilOver(context, ports, cluster, ended.job), card: message };
    case 'paused':
      return { end: { outcome: 'refused', rule: 'paused', reason: `${pausedRefusal().reason}${unknown}`, job }, card: message };
    case 'expired':
      return { end: { outcome: 'expired', reason: `${expiredEnd().reason}${unknown}`, job }, card: message };
    case 'not-found':
      return { end: { outcome: 'not-found', reason: `MRS knows no job ${job.job_id} any more`, job }, card: message };
    case 'trouble': {
      const reason = `${describeTrouble(ended.trouble)}${unknown}; by hand: ${koocliLine(cluster, job.job_id)}`;
      return { end: { outcome: 'failed', code: troubleCode(ended.trouble), reason, job }, card: message };
    }
  }
}
