import type { KillRequest } from '../core/request.ts';
import type { Click } from '../kill/durable-ask.ts';
import { startAll } from '../kill/start-all.ts';
import type { HttpReply, HttpRequest } from '../lambda.ts';
import { type ButtonValue, CLEANUP, DECLINE, KILL, readButtonValue, START } from './button.ts';
import { type BlockAction, readBlockAction } from './read-form.ts';
import { refuseConfirmation, refuseDecline, refuseKill, refusePlace } from './rights.ts';
import type { SlackParts } from './parts.ts';
import { startedText } from './started-text.ts';
import { verifySlackSignature } from './verify.ts';

/**
 * POST /slack/action: a click on one of our buttons. Who clicked is checked before the callback is sent, because a callback can
 * be answered once only: a wrong click gets a private note and leaves the question open. The answer is always an empty 200.
 * https://docs.slack.dev/reference/interaction-payloads/block_actions-payload/
 */
export async function receiveAction(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  verifySlackSignature(request, parts.settings.slack.signingSecrets);
  const action = readBlockAction(request.rawBody);
  if (action === undefined) return { status: 200 };
  const text = await handleClick(parts, request, action);
  if (text !== undefined) {
    await parts.handOver({ slackTask: 'note', responseUrl: action.responseUrl, message: { text, blocks: [] } });
  }
  return { status: 200 };
}

/** Does what the click asks for; returns the note for the person where there is something to say. */
async function handleClick(parts: SlackParts, request: HttpRequest, action: BlockAction): Promise<string | undefined> {
  const place = refusePlace(parts.policy.slack, action, 'click');
  if (place !== undefined) return `Refused: ${place}.`;
  const value = readButtonValue(action.value);
  if (value?.do === 'answer' && action.actionId === KILL) return answer(parts, request, action, value, 'kill');
  if (value?.do === 'answer' && action.actionId === DECLINE) return answer(parts, request, action, value, 'decline');
  if (value?.do === 'start' && action.actionId === START) return start(parts, request, action, value);
  if (value?.do === 'cleanup' && action.actionId === CLEANUP) return startListed(parts, request, action, value);
  return 'This button is none of mine; nothing was done.';
}

async function answer(
  { policy: { slack }, executions, handOver }: SlackParts,
  request: HttpRequest,
  { userId, responseUrl }: BlockAction,
  value: Extract<ButtonValue, { do: 'answer' }>,
  decision: Click['decision'],
): Promise<string | undefined> {
  const refusal = decision === 'kill' ? refuseConfirmation(slack, value, userId) : refuseDecline(slack, value, userId);
  request.log.info('click', { decision, user: userId, requested_by: value.requestedBy, refusal, execution: value.arn });
  if (refusal !== undefined) return `Refused: ${refusal}; this click changed nothing.`;
  const taken = await executions.answer(value.callbackId, JSON.stringify({ decision, by: userId } satisfies Click));
  if (taken === 'late') await handOver({ slackTask: 'late-click', responseUrl, arn: value.arn });
  return undefined; // the card itself shows what happens
}

async function start(
  { policy: { slack }, starter }: SlackParts,
  request: HttpRequest,
  { userId, channelId, triggerId }: BlockAction,
  { cluster, jobId }: Extract<ButtonValue, { do: 'start' }>,
): Promise<string> {
  const refusal = refuseKill(slack, userId);
  if (refusal !== undefined) return `Refused: mayKill. ${refusal}; nothing was killed.`;
  const kill: KillRequest = {
    killId: starter.createId(),
    trigger: 'slack',
    target: { cluster, job: { by: 'mrs-id', id: jobId } },
    requestedBy: userId,
    person: userId,
    reason: '',
    action: 'kill',
    dryRun: false,
    receivedAt: request.receivedAt,
    channel: channelId,
  };
  const [started] = await startAll(starter, [{ request: kill, deliveryKey: triggerId }]);
  request.log.info('kill asked for by a click', { kill_id: kill.killId, requested_by: userId, target: kill.target, started });
  return startedText(started?.outcome ?? 'failed', jobId);
}

/** The list is looked at again and started by an invocation of its own: that takes longer than Slack waits. */
async function startListed(
  { policy: { slack }, handOver }: SlackParts,
  request: HttpRequest,
  { userId, responseUrl }: BlockAction,
  { jobs }: Extract<ButtonValue, { do: 'cleanup' }>,
): Promise<string | undefined> {
  const refusal = refuseKill(slack, userId);
  request.log.info('cleanup asked for by a click', { user: userId, jobs, refusal });
  if (refusal !== undefined) return `Refused: mayKill. ${refusal}; nothing was killed.`;
  await handOver({ slackTask: 'cleanup', responseUrl, jobs, userId });
  return undefined;
}
