import { refusedEnd } from '../core/end.ts';
import type { Closed, KillRequest, Target } from '../core/request.ts';
import { jobRefText } from '../core/target.ts';
import type { SlackRights } from '../policy/policy.ts';
import type { HttpRequest } from '../http/reply.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Settings } from '../settings/settings.ts';
import type { Engine } from '../start/engine.ts';
import { closeAtDoor } from '../start/close-at-door.ts';
import { startAll, type Started, type Starter } from '../start/start-all.ts';
import type { HandOver } from './later.ts';
import { refuseKill, type Refusal } from './rights.ts';
import { code } from './text.ts';

/** What the Slack routes work with. */
export type SlackParts = {
  settings: Pick<Settings, 'slack'>;
  policy: { slack: SlackRights };
  clusters: readonly Cluster[];
  starter: Starter;
  engine: Engine;
  handOver: HandOver;
};

/** Slack waits three seconds for all. */
const START_FOR_MS = 1_000;

/** A person who asks for a kill, by a command or a click, and what they ask for. `triggerId` is Slack's own, or what makes several clicks one. */
export type Wish = { userId: string; channelId?: string | undefined; triggerId: string; target: Target; reason: string };

/** Asks for a kill in a person's name; what that person is told of it. */
export async function askForKill(parts: SlackParts, request: HttpRequest, wish: Wish): Promise<string> {
  return (await startKill(parts, request, wish)).text;
}

/** The same, and whether it goes on from here: started by this, or before. */
export async function startKill(parts: SlackParts, request: HttpRequest, wish: Wish): Promise<{ text: string; isUnderWay: boolean }> {
  const { settings, policy, starter } = parts;
  const kill = requestOf(wish, starter.createId(), request.receivedAt);
  const refusal = refuseKill(policy.slack, wish.userId) ?? refuseSilence(settings);
  if (refusal !== undefined) return { text: await refuse(parts, request, kill, wish.triggerId, refusal), isUnderWay: false };
  const [started] = await startAll({ ...starter, startForMs: START_FOR_MS }, [{ request: kill, deliveryKey: wish.triggerId }]);
  request.log.info('kill asked for in Slack', { kill_id: kill.killId, requested_by: wish.userId, target: kill.target, started });
  // Nobody sends it again, as senders of alerts do.
  if (started?.outcome === 'failed') await closeAtDoor({ ...starter, log: request.log }, kill, wish.triggerId, { outcome: 'failed', code: 'not_started', reason: started.reason });
  const outcome = started?.outcome ?? 'failed';
  return { text: startedText(outcome, jobRefText(wish.target.job)), isUnderWay: outcome === 'accepted' || outcome === 'duplicate' };
}

/** Ends a person's request at the door, on record as every other end; what that person is told. */
export async function refuse({ starter }: SlackParts, { log }: HttpRequest, request: Closed, triggerId: string, { rule, why }: Refusal): Promise<string> {
  await closeAtDoor({ ...starter, log }, request, triggerId, refusedEnd(rule, why));
  return `Refused: ${rule}. ${why}; nothing was killed.`;
}

/** Without a bot nobody could be asked, or told how it ended. */
function refuseSilence({ slack }: SlackParts['settings']): Refusal | undefined {
  return slack.botToken === undefined ? { rule: 'ask', why: 'SLACK_BOT_TOKEN is not set, so nobody could be asked or told' } : undefined;
}

/** What is on record of a person's request before anybody knows whether it may go on. */
export function wishOf(parts: SlackParts, { receivedAt }: HttpRequest, { userId, reason = '', target }: { userId: string; reason?: string; target?: unknown }): Closed {
  return { killId: parts.starter.createId(), trigger: 'slack', requestedBy: userId, reason, receivedAt, target };
}

function requestOf({ userId, channelId, target, reason }: Wish, killId: string, receivedAt: number): KillRequest {
  return { killId, trigger: 'slack', target, requestedBy: userId, person: userId, reason, action: 'kill', dryRun: false, receivedAt, channel: channelId };
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
      return `The request for ${code(job)} could not be started; nothing was killed. Please try again.`;
  }
}
