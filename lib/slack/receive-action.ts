import type { HttpReply, HttpRequest } from '../http/reply.ts';
import { countRefusal } from '../log/metrics.ts';
import type { MessageRef } from '../core/request.ts';
import type { StartId } from '../kill/start-id.ts';
import { isUnderWay, refuse, type SlackParts, startKill, wishOf } from './ask-for-kill.ts';
import { askFromNotice } from './ask-from-notice.ts';
import { type ButtonValue, CLEANUP, DECLINE, KEEP, KILL, KILL_NOW, readButtonValue, START } from './button.ts';
import { claimAnswer } from './claim-answer.ts';
import type { SpentButton } from './later.ts';
import { type BlockAction, readBlockAction } from './read-click.ts';
import { type Asked, refuseConfirmation, refusedText, refuseDecline, refuseKill, refusePlace, type Refusal } from './rights.ts';

/**
 * A click on one of our buttons. Who clicked is checked before the click is claimed as the answer, because
 * there is one answer: a wrong click gets a private note and leaves the question open. The answer is always an empty 200.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
 */
export async function receiveAction(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  const action = readBlockAction(request.rawBody);
  if (action === undefined) return { status: 200 };
  const { responseUrl } = action;
  const note = await handleClick(parts, request, action);
  if (note !== undefined && 'late' in note) await parts.handOver({ slackTask: 'late', responseUrl, start: note.late, ...cardIn(action) });
  else if (note !== undefined) {
    const { text, ...more } = note;
    await parts.handOver({ slackTask: 'note', responseUrl, message: { text, blocks: [] }, ...more });
  }
  return { status: 200 };
}

/**
 * What the person is told of a click, and whose card, or which button, it was: that goes away where it asks nothing any more. `late`:
 * it came too late for this warning, and what holds of that takes longer to read.
 */
type Note = { text: string; start?: StartId; spent?: SpentButton } | { late: StartId };

/** Does what the click asks for; the note for the person where there is something to say. */
async function handleClick(parts: SlackParts, request: HttpRequest, action: BlockAction): Promise<Note | undefined> {
  const value = readButtonValue(action.value);
  const place = refusePlace(parts.policy.slack, action, 'click');
  if (place !== undefined) {
    await refuseClick(parts, request, action, value, place);
    return { text: refusedText(place, 'this click changed nothing') };
  }
  if (value !== undefined && isQuestion(value) && (action.actionId === KILL || action.actionId === DECLINE)) {
    return answerQuestion(parts, request, action, value, action.actionId === KILL ? 'yes' : 'no');
  }
  if (value?.do === 'warned' && (action.actionId === KEEP || action.actionId === KILL_NOW)) {
    const { answerWarning } = await import('./answer-warning.ts'); // other clicks do not wait for it
    const told = await answerWarning(parts, request, action, value, action.actionId === KEEP ? 'keep' : 'kill');
    if (told === undefined || !('refusal' in told)) return told;
    await refuseClick(parts, request, action, value, told.refusal);
    return { text: refusedText(told.refusal, 'this click changed nothing') };
  }
  if (value?.do === 'start' && action.actionId === START) return startFromCard(parts, request, action, value);
  if (value?.do === 'cleanup' && action.actionId === CLEANUP) {
    const text = await startListed(parts, request, action, value);
    return text === undefined ? undefined : { text };
  }
  return { text: 'This button is not one of ours; nothing was done.' };
}

/** The kill of the job that stands on a card, as if the person had typed the command. */
async function startFromCard(parts: SlackParts, request: HttpRequest, action: BlockAction, { cluster, jobId, of }: Extract<ButtonValue, { do: 'start' }>): Promise<Note> {
  const wish = { ...action, target: { cluster, job: { by: 'mrs-id', id: jobId } }, reason: '' } as const;
  if (of !== undefined) return { text: await askFromNotice(parts, request, wish, of), start: of };
  const { text, outcome } = await startKill(parts, request, wish);
  return { text, ...(isUnderWay(outcome) && spentBy(action)) };
}

/** The button that was clicked, where it has done its work and Slack sent its message along. */
function spentBy({ message, channelId, value }: BlockAction): { spent?: SpentButton } {
  if (message === undefined || channelId === undefined) return {};
  return { spent: { card: { channel: channelId, ts: message.ts }, value, text: message.text, blocks: message.blocks } };
}

/** The message that was clicked, where Slack sent it along. */
function cardIn({ message, channelId }: BlockAction): { card?: MessageRef } {
  return message === undefined || channelId === undefined ? {} : { card: { channel: channelId, ts: message.ts } };
}

/** The record of a click that is refused: one that asks for a kill ends here, one on a question leaves that open for others. */
async function refuseClick(parts: SlackParts, request: HttpRequest, { userId, actionId, triggerId }: BlockAction, value: ButtonValue | undefined, refusal: Refusal): Promise<void> {
  request.log.info('a click was refused', { action: actionId, user: userId, value, refusal });
  if (value === undefined || isQuestion(value) || value.do === 'warned') countRefusal(request.log, 'slack', refusal.rule);
  else await refuse(parts, request, wishOf(parts, request, { userId, target: value }), triggerId, refusal);
}

type Question = Extract<ButtonValue, { do: 'decide' | 'answer' }>;

function isQuestion(value: ButtonValue): value is Question {
  return value.do === 'decide' || value.do === 'answer';
}

/** Who clicked is checked before the click is claimed as the answer: there is one answer, and a wrong click must not be it. */
async function answerQuestion(parts: SlackParts, request: HttpRequest, action: BlockAction, value: Question, what: 'yes' | 'no'): Promise<Note | undefined> {
  const { policy: { slack }, engine } = parts;
  const { userId } = action;
  const refuse = (question: Asked) => (what === 'yes' ? refuseConfirmation(slack, question, userId) : refuseDecline(slack, question, userId));
  const refused = async (refusal: Refusal): Promise<Note> => {
    await refuseClick(parts, request, action, value, refusal);
    return { text: refusedText(refusal, 'this click changed nothing'), ...cardOf(value) };
  };
  const refusal = refuse(value);
  if (refusal !== undefined) return refused(refusal);
  request.log.info('click', { what, user: userId, requested_by: value.requestedBy, question: value });
  if (value.do === 'decide') {
    const answer = await claimAnswer(parts, request, value, { what, user: userId, refuse });
    if (typeof answer === 'object') return refused(answer);
    return answer === undefined ? undefined : { text: answer, ...cardOf(value) };
  }
  const click = JSON.stringify({ decision: what === 'yes' ? 'kill' : 'decline', by: userId });
  return (await engine.answer(value.callbackId, click)) === 'late' ? { text: 'This was already decided, or has expired.', ...spentBy(action) } : undefined;
}

function cardOf(value: Question): { start?: StartId } {
  return value.do === 'decide' ? { start: { name: value.name, start: value.start } } : {};
}

/** The list is looked at again and started by an invocation of its own: that takes longer than Slack waits. */
async function startListed(parts: SlackParts, request: HttpRequest, action: BlockAction, value: Extract<ButtonValue, { do: 'cleanup' }>): Promise<string | undefined> {
  const { userId, responseUrl, channelId } = action;
  const refusal = refuseKill(parts.policy.slack, userId);
  if (refusal !== undefined) return refuse(parts, request, wishOf(parts, request, { userId, target: value }), action.triggerId, refusal);
  request.log.info('cleanup asked for by a click', { user: userId, jobs: value.jobs });
  await parts.handOver({ slackTask: 'cleanup', responseUrl, jobs: value.jobs, list: value.list, userId, channelId });
  return undefined;
}
