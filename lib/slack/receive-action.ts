import type { HttpReply, HttpRequest } from '../http/reply.ts';
import { countRefusal } from '../log/metrics.ts';
import { claimAnswer } from './claim-answer.ts';
import { askForKill, refuse, type SlackParts, wishOf } from './ask-for-kill.ts';
import { type ButtonValue, CLEANUP, DECLINE, KILL, readButtonValue, START } from './button.ts';
import { type BlockAction, readBlockAction } from './read-form.ts';
import { refuseConfirmation, refuseDecline, refuseKill, refusePlace, type Refusal } from './rights.ts';
import { verifySlackSignature } from './verify.ts';

/**
 * POST /slack/action: a click on one of our buttons. Who clicked is checked before the click is claimed as the answer, because
 * there is one answer: a wrong click gets a private note and leaves the question open. The answer is always an empty 200.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
 */
export async function receiveAction(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  verifySlackSignature(request, parts.settings.slack.signingSecrets);
  const action = readBlockAction(request.rawBody);
  if (action === undefined) return { status: 200 };
  const text = await handleClick(parts, request, action);
  if (text !== undefined) {
    const value = readButtonValue(action.value);
    const start = value?.do === 'decide' ? { start: { name: value.name, start: value.start } } : {};
    await parts.handOver({ slackTask: 'note', responseUrl: action.responseUrl, message: { text, blocks: [] }, ...start });
  }
  return { status: 200 };
}

/** Does what the click asks for; returns the note for the person where there is something to say. */
async function handleClick(parts: SlackParts, request: HttpRequest, action: BlockAction): Promise<string | undefined> {
  const value = readButtonValue(action.value);
  const place = refusePlace(parts.policy.slack, action, 'click');
  if (place !== undefined) {
    await refuseClick(parts, request, action, value, place);
    return `Refused: ${place.why}.`;
  }
  if (value !== undefined && isQuestion(value) && action.actionId === KILL) return answerQuestion(parts, request, action, value, 'yes');
  if (value !== undefined && isQuestion(value) && action.actionId === DECLINE) return answerQuestion(parts, request, action, value, 'no');
  if (value?.do === 'start' && action.actionId === START) {
    return askForKill(parts, request, { ...action, target: { cluster: value.cluster, job: { by: 'mrs-id', id: value.jobId } }, reason: '' });
  }
  if (value?.do === 'cleanup' && action.actionId === CLEANUP) return startListed(parts, request, action, value);
  return 'This button is none of mine; nothing was done.';
}

/** The record of a click that is refused: one that asks for a kill ends here, one on a question leaves that open for others. */
async function refuseClick(parts: SlackParts, request: HttpRequest, { userId, actionId, triggerId }: BlockAction, value: ButtonValue | undefined, refusal: Refusal): Promise<void> {
  request.log.info('a click was refused', { action: actionId, user: userId, value, refusal });
  if (value === undefined || isQuestion(value)) countRefusal(request.log, 'slack', refusal.rule);
  else await refuse(parts, request, wishOf(parts, request, { userId, target: value }), triggerId, refusal);
}

type Question = Extract<ButtonValue, { do: 'decide' | 'answer' }>;

function isQuestion(value: ButtonValue): value is Question {
  return value.do === 'decide' || value.do === 'answer';
}

/** Who clicked is checked before the click is claimed as the answer: there is one answer, and a wrong click must not be it. */
async function answerQuestion(parts: SlackParts, request: HttpRequest, action: BlockAction, value: Question, what: 'yes' | 'no'): Promise<string | undefined> {
  const { policy: { slack }, engine } = parts;
  const { userId } = action;
  const refusal = what === 'yes' ? refuseConfirmation(slack, value, userId) : refuseDecline(slack, value, userId);
  if (refusal !== undefined) {
    await refuseClick(parts, request, action, value, refusal);
    return `Refused: ${refusal.why}; this click changed nothing.`;
  }
  request.log.info('click', { what, user: userId, requested_by: value.requestedBy, question: value });
  if (value.do === 'decide') return claimAnswer(parts, request, value, { what, user: userId });
  const click = JSON.stringify({ decision: what === 'yes' ? 'kill' : 'decline', by: userId });
  return (await engine.answer(value.callbackId, click)) === 'late' ? 'This was already decided, or has expired.' : undefined;
}

/** The list is looked at again and started by an invocation of its own: that takes longer than Slack waits. */
async function startListed(parts: SlackParts, request: HttpRequest, action: BlockAction, value: Extract<ButtonValue, { do: 'cleanup' }>): Promise<string | undefined> {
  const { userId, responseUrl } = action;
  const refusal = refuseKill(parts.policy.slack, userId);
  if (refusal !== undefined) return refuse(parts, request, wishOf(parts, request, { userId, target: value }), action.triggerId, refusal);
  request.log.info('cleanup asked for by a click', { user: userId, jobs: value.jobs });
  await parts.handOver({ slackTask: 'cleanup', responseUrl, jobs: value.jobs, userId });
  return undefined;
}
