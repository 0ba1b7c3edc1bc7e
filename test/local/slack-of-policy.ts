import type { Policy } from '../../lib/policy/policy.ts';
import { DEFAULT_CHANNELS, DEFAULT_USERS, type SlackOptions } from '../simulator/slack-workspace.ts';

/** A workspace in which everybody and every channel that a policy names can be told; what stands in each simulated workspace stays as it is there. */
export function slackOfPolicy({ slack }: Pick<Policy, 'slack'>): Pick<SlackOptions, 'channels' | 'users'> & Partial<Pick<SlackOptions, 'teamId'>> {
  const toldOf = Object.values(slack.people ?? {});
  const named = [...toldOf.filter((id) => !isPerson(id)), ...(slack.channels ?? []), ...(slack.channel === undefined ? [] : [slack.channel])];
  return {
    ...(slack.team !== undefined && { teamId: slack.team }),
    channels: [...named.map((id) => ({ id, isMember: true })), ...DEFAULT_CHANNELS],
    users: [...toldOf.filter(isPerson), ...slack.mayKill, ...slack.mayApprove, ...DEFAULT_USERS],
  };
}

function isPerson(id: string): boolean {
  return /^[UW]/.test(id);
}
