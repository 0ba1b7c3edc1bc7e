import { refusedEnd } from '../core/end.ts';
import type { Closed, KillRequest, Target } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import type { SlackRights } from '../policy/policy.ts';
import type { HttpRequest } from '../http/reply.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Settings } from '../settings/settings.ts';
import { type Engine, EngineFailed } from '../start/engine.ts';
import type { CloseAtDoor } from '../start/close-at-door.ts';
import { startAll, type Started, type Starter } from '../start/start-all.ts';
import type { HandOver } from './later.ts';
import { refusedText, refuseKill, type Refusal } from './rights.ts';
import { code } from './text.ts';

/** What the Slack routes work with. */
export type SlackParts = {
  settings: Pick<Settings, 'slack'>;
  policy: { slack: SlackRights };
  clusters: readonly Cluster[];
  starter: Starter;
  engine: Engine;
  /** Looks at a warned job when somebody clicks. */
  mrs: Mrs;
  handOver: HandOver;
  /** Whether Slack sends again what was not answered: then what could not be put on record throws, and is no end. */
  comesAgain?: boolean;
};

/** Loaded when a request goes no further: most do. */
const closeAtDoor: CloseAtDoor = async (...given) => (await import('../start/close-at-door.ts')).closeAtDoor(...given);

/** Slack waits three seconds for all. */
const START_FOR_MS = 1_000;

/** A person who asks for a kill, by a command or a click, and what they ask for. `triggerId` is Slack's own. */
export type Wish = { userId: string; channelId?: string | undefined; triggerId: string; target: Target; reason: string };
/** What became of it. `rights`: it was refused before anything was started. */
export type Asked = { text: string; outcome: Started['outcome'] | 'rights' };

/** Asks for a kill in a person's name; what that person is told of it. */
export async function askForKill(parts: SlackParts, request: HttpRequest, wish: Wish): Promise<string> {
  return (await startKill(parts, request, wish)).text;
}

/** The same, and what became of it. `deliveryKey`: what makes several deliveries one request. Throws EngineFailed where that comes again. */
export async function startKill(parts: SlackParts, request: HttpRequest, wish: Wish, deliveryKey = wish.triggerId): Promise<Asked> {
  const { settings, policy, starter } = parts;
  const kill = requestOf(parts, request, wish);
  const refusal = refuseKill(policy.slack, wish.userId) ?? refuseSilence(settings);
  if (refusal !== undefined) return { text: await refuse(parts, request, kill, wish.triggerId, refusal), outcome: 'rights' };
  const [started] = await startAll({ ...starter, startForMs: START_FOR_MS }, [{ request: kill, deliveryKey }]);
  request.log.info('kill asked for in Slack', { kill_id: kill.killId, requested_by: wish.userId, target: kill.target, started });
  // Where too much is open, what comes again in a moment meets the same.
  if (started?.outcome === 'failed' && parts.comesAgain && !started.isFull) throw new EngineFailed('the kill could not be started');
  // Nobody sends it again, as senders of alerts do: each time it was asked for has an end of its own.
  if (started?.outcome === 'failed') await closeAtDoor({ ...starter, log: request.log }, kill, wish.triggerId, { outcome: 'failed', code: 'not_started', reason: started.reason });
  const outcome = started?.outcome ?? 'failed';
  return { text: startedText(outcome, jobRefText(wish.target.job)), outcome };
}

/** Whether a request goes on from here: started by this, or before. */
export function isUnderWay(outcome: Asked['outcome']): boolean {
  return outcome === 'accepted' || outcome === 'duplicate';
}

/** Ends a person's request at the door, on record as every other end; what that person is told. */
export async function refuse({ starter }: SlackParts, { log }: HttpRequest, request: Closed, triggerId: string, refusal: Refusal): Promise<string> {
  await closeAtDoor({ ...starter, log }, request, triggerId, refusedEnd(refusal.rule, refusal.why));
  return refusedText(refusal, 'nothing was killed');
}

/** Without a bot nobody could be asked, or told how it ended. */
function refuseSilence({ slack }: SlackParts['settings']): Refusal | undefined {
  return slack.botToken === undefined ? { rule: 'ask', why: 'SLACK_BOT_TOKEN is not set, so nobody could be asked or told; set it' } : undefined;
}

/** What is on record of a person's request before anybody knows whether it may go on. */
export function wishOf(parts: SlackParts, { receivedAt }: HttpRequest, { userId, reason = '', target }: { userId: string; reason?: string; target?: unknown }): Closed {
  return { killId: parts.starter.createId(), trigger: 'slack', requestedBy: userId, reason, receivedAt, target };
}

/** What a person's wish becomes. */
export function requestOf({ starter }: SlackParts, { receivedAt }: Pick<HttpRequest, 'receivedAt'>, { userId, channelId, target, reason }: Wish): KillRequest {
  return { killId: starter.createId(), trigger: 'slack', target, requestedBy: userId, person: userId, reason, action: 'kill', dryRun: false, receivedAt, channel: channelId };
}

/** What the person is told of a start. */
function startedText(outcome: Started['outcome'], job: string): string {
  switch (outcome) {
    case 'accepted':
      return `Looking at ${code(job)} …`;
    case 'duplicate':
      return `This request for ${code(job)} is being handled already.`;
    case 'refused':
    case 'failed':
      return `The request for ${code(job)} could not be started. Please try again, unless a card for it appears.`;
  }
}
