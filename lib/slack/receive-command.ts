import { errorReply, type HttpReply, type HttpRequest } from '../http/reply.ts';
import { countRefusal } from '../log/metrics.ts';
import { findCluster } from '../mrs/cluster.ts';
import { EngineFailed } from '../start/engine.ts';
import { askForKill, refuse, type SlackParts, wishOf } from './ask-for-kill.ts';
import { type Command, helpText, parseCommand } from './command.ts';
import type { LaterTask } from './later.ts';
import { isSslCheck, readSlashCommand, type SlashCommand } from './read-form.ts';
import { refusedText, refuseKill, refusePlace, refuseSwitch } from './rights.ts';
import { foreign } from './text.ts';
import { verifySlackSignature } from './verify.ts';

/** POST /slack/command and /slack/action; `load` gives the parts and throws SettingsInvalid while settings or policy are wrong. */
export function createSlackRoutes(load: () => SlackParts): (request: HttpRequest) => Promise<HttpReply> {
  return async (request) => {
    if (!PATHS.has(request.path)) return errorReply(404, 'no such route');
    const parts = load();
    if (request.path === COMMAND_PATH && isSslCheck(request.rawBody)) return { status: 200 };
    verifySlackSignature({ ...request, receivedAt: parts.starter.clock.wall() }, parts.settings.slack.signingSecrets);
    return receiveFromSlack(parts, request);
  };
}

export const COMMAND_PATH = '/slack/command';
export const ACTION_PATH = '/slack/action';
const PATHS: ReadonlySet<string> = new Set([COMMAND_PATH, ACTION_PATH]);

/** Does what a command or a click asks for that is known to come from Slack, whichever way it came: by its path and its form. */
export async function receiveFromSlack(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  if (request.path === COMMAND_PATH) return receiveCommand(parts, request);
  return (await import('./receive-action.ts')).receiveAction(parts, request); // a command does not wait for it
}

/**
 * A command: understood, handed on, and answered at once with a note that only the person sees. MRS is not touched before the
 * answer. https://docs.slack.dev/interactivity/implementing-slash-commands/
 */
async function receiveCommand(parts: SlackParts, request: HttpRequest): Promise<HttpReply> {
  const slash = readSlashCommand(request.rawBody);
  const command = parseCommand(slash.text);
  const refusal = refusePlace(parts.policy.slack, slash, 'command');
  if (refusal !== undefined) {
    request.log.info('a command was refused', { command: command.command, user: slash.userId, refusal });
    if (command.command === 'kill') {
      const { reason, job, cluster } = command;
      await refuse(parts, request, wishOf(parts, request, { userId: slash.userId, reason, target: { cluster, job } }), slash.triggerId, refusal);
    }
    return note(refusedText(refusal, 'nothing was done'));
  }
  switch (command.command) {
    case 'help':
      return note(helpText());
    case 'unknown':
      return note(`${foreign(command.problem)}; nothing was done.${command.nearest === undefined ? '' : ` Did you mean \`${command.nearest}\`?`} Try \`/mrs help\`.`);
    case 'kill':
      return note(await receiveKill(parts, request, slash, command));
    case 'jobs':
    case 'status':
    case 'why':
    case 'history':
    case 'kept':
    case 'clusters':
    case 'cleanup':
      return answerLater(parts, request, { slackTask: 'read', responseUrl: slash.responseUrl, command });
    case 'pause':
    case 'resume':
      return receiveSwitch(parts, request, slash, command);
  }
}

/** A cluster that is not listed is refused before anything is started: a typo is told at once. */
async function receiveKill(parts: SlackParts, request: HttpRequest, { userId, channelId, triggerId }: SlashCommand, { job, cluster, reason }: Extract<Command, { command: 'kill' }>): Promise<string> {
  const target = { cluster, job };
  const isUnlisted = cluster !== undefined && findCluster(parts.clusters, cluster) === undefined;
  if (!isUnlisted || refuseKill(parts.policy.slack, userId)) return askForKill(parts, request, { userId, channelId, triggerId, target, reason });
  await refuse(parts, request, wishOf(parts, request, { userId, reason, target }), triggerId, { rule: 'clusters', why: `${cluster} is not listed in policy.yml` });
  const { unlistedText } = await import('./unlisted.ts'); // hardly ever
  return refusedText({ rule: 'clusters', why: unlistedText(cluster, parts.clusters) }, 'nothing was killed');
}

/** Who may is known at once; the ledger is asked after the answer, as for a read. */
async function receiveSwitch(parts: SlackParts, request: HttpRequest, { userId, responseUrl }: SlashCommand, command: Extract<Command, { command: 'pause' | 'resume' }>): Promise<HttpReply> {
  const refusal = refuseSwitch(parts.policy.slack, command.command, userId);
  if (refusal !== undefined) {
    request.log.info('a command was refused', { command: command.command, user: userId, refusal });
    countRefusal(request.log, 'slack', refusal.rule);
    return note(refusedText(refusal, 'nothing was changed'));
  }
  return answerLater(parts, request, { slackTask: 'switch', responseUrl, command, userId, at: request.receivedAt, id: `switch-${parts.starter.createId()}` });
}

async function answerLater({ handOver }: SlackParts, { log }: HttpRequest, task: Extract<LaterTask, { slackTask: 'read' | 'switch' }>): Promise<HttpReply> {
  const { command: { command } } = task;
  try {
    await handOver(task);
    return note(task.slackTask === 'read' ? 'Looking …' : `${command === 'pause' ? 'Pausing' : 'Resuming'} …`);
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    log.error('a command could not be handed over', { command, error });
    return note(task.slackTask === 'read' ? 'This could not be looked up now. Please try again.' : 'This could not be done now: nothing was changed. Please try again.');
  }
}

function note(text: string): HttpReply {
  return { status: 200, body: { response_type: 'ephemeral', text } };
}
