import type { SlackRights } from '../policy/policy.ts';

type Place = { teamId: string; enterpriseId?: string | undefined; channelId?: string | undefined };

/**
 * Why nothing is done for this workspace or channel; undefined where it may be. One signing secret serves every workspace that
 * an app is installed in, so the signature does not tell them apart.
 */
export function refusePlace({ team, channels, channel }: SlackRights, place: Place, what: 'command' | 'click'): string | undefined {
  if (team === undefined) return 'slack.team is not set in policy.yml, so no workspace is served';
  if (place.teamId !== team && place.enterpriseId !== team) return 'this workspace is not the one in slack.team of policy.yml';
  // Cards of alerts and cleanup stand in slack.channel, whether commands are taken there or not.
  const allowed = what === 'click' ? [...(channels ?? []), channel] : channels;
  if (channels === undefined || (place.channelId !== undefined && allowed?.includes(place.channelId))) return undefined;
  return 'this channel is none of slack.channels in policy.yml';
}

/** Why this person may not ask for a kill; undefined where they may. */
export function refuseKill({ mayKill }: SlackRights, userId: string): string | undefined {
  return mayKill.includes(userId) ? undefined : 'you are not in slack.mayKill of policy.yml';
}

type Question = { who: 'requester' | 'approver'; requestedBy: string };

/** Why this person may not say yes to a question; undefined where they may. Four eyes: nobody approves their own request. */
export function refuseConfirmation({ mayKill, mayApprove }: SlackRights, { who, requestedBy }: Question, userId: string): string | undefined {
  if (who === 'requester') {
    if (userId !== requestedBy) return 'only the person who asked can confirm this';
    return mayKill.includes(userId) ? undefined : 'you are not in slack.mayKill of policy.yml any more';
  }
  if (userId === requestedBy) return 'you asked for this yourself: somebody else has to approve it';
  return mayApprove.includes(userId) ? undefined : 'you are not in slack.mayApprove of policy.yml';
}

/** Why this person may not say no; undefined where they may. Who may kill or approve may also keep a job, and who asked may take it back. */
export function refuseDecline({ mayKill, mayApprove }: SlackRights, { requestedBy }: Question, userId: string): string | undefined {
  return userId === requestedBy || mayKill.includes(userId) || mayApprove.includes(userId)
    ? undefined
    : 'only the person who asked, or somebody of slack.mayKill or slack.mayApprove, can decline this';
}
