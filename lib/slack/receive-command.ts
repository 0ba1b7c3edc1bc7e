import type { KillRequest } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import { LambdaFailed } from '../executions/lambda-send.ts';
import { startAll } from '../kill/start-all.ts';
import type { HttpReply, HttpRequest } from '../lambda.ts';
import { findCluster } from '../mrs/cluster.ts';
import { type Command, helpText, parseCommand } from './command.ts';
import type { LaterTask } from './later.ts';
import { isSslCheck, readSlashCommand, type SlashCommand } from './read-form.ts';
import { refuseKill, refusePlace } from './rights.ts';
import type { SlackParts } from './parts.ts';
import { startedText } from './started-text.ts';
import { code, foreign } from './text.ts';
import { verifySlackSignature } from './verify.ts';

/**
 * POST /slack/command: verified, understood, handed on, and answered at once with a note that only the person sees. MRS is not
 * touched before the answer. https://docs.slack.dev/interactivity/implementing-slash-commands/
 */
export async function receiveCommand(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  if (isSslCheck(request.rawBody)) return { status: 200 };
  verifySlackSignature(request, parts.settings.slack.signingSecrets);
  const slash = readSlashCommand(request.rawBody);
  const refusal = refusePlace(parts.policy.slack, slash, 'command');
  if (refusal !== undefined) return note(`Refused: ${refusal}`);
  const command = parseCommand(slash.text);
  switch (command.command) {
    case 'help':
      return note(helpText());
    case 'unknown':
      return note(`${foreign(command.problem)}${command.nearest === undefined ? '' : ` Did you mean \`${command.nearest}\`?`} Try \`/mrs help\`.`);
    case 'kill':
      return askForKill(parts, request, slash, command);
    case 'jobs':
    case 'status':
    case 'history':
    case 'clusters':
    case 'cleanup':
      return askForRead(parts, request, slash, command);
  }
}

type ReadCommand = Extract<LaterTask, { slackTask: 'read' }>['command'];

async function askForRead({ handOver }: SlackParts, { log }: HttpRequest, { responseUrl }: SlashCommand, command: ReadCommand): Promise<HttpReply> {
  try {
    await handOver({ slackTask: 'read', responseUrl, command });
    return note('Looking …');
  } catch (error) {
    if (!(error instanceof LambdaFailed)) throw error;
    log.error('a read could not be handed over', { command: command.command, error });
    return note('This could not be looked up now. Please try again.');
  }
}

async function askForKill(
  { policy, settings, clusters, starter }: SlackParts,
  request: HttpRequest,
  slash: SlashCommand,
  { job, cluster, reason }: Extract<Command, { command: 'kill' }>,
): Promise<HttpReply> {
  if (settings.slack.botToken === undefined) return note('SLACK_BOT_TOKEN is not set, so nobody could be asked or told; nothing was killed.');
  const refusal = refuseKill(policy.slack, slash.userId);
  if (refusal !== undefined) return note(`Refused: mayKill. ${refusal}; nothing was killed.`);
  if (cluster !== undefined && findCluster(clusters, cluster) === undefined) {
    return note(`Refused: clusters. ${code(cluster)} is not listed in policy.yml; nothing was killed.`);
  }
  const kill: KillRequest = {
    killId: starter.createId(),
    trigger: 'slack',
    target: { cluster, job },
    requestedBy: slash.userId,
    person: slash.userId,
    reason,
    action: 'kill',
    dryRun: false,
    receivedAt: request.receivedAt,
    channel: slash.channelId,
  };
  const [started] = await startAll(starter, [{ request: kill, deliveryKey: slash.triggerId }]);
  request.log.info('kill asked for in Slack', { kill_id: kill.killId, requested_by: slash.userId, target: kill.target, started });
  return note(startedText(started?.outcome ?? 'failed', jobRefText(job)));
}

function note(text: string): HttpReply {
  return { status: 200, body: { response_type: 'ephemeral', text } };
}
