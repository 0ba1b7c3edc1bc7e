import type { Rule } from '../core/end.ts';
import type { SlackRights } from '../policy/policy.ts';

/** Why somebody may not do something, for that person and for the record. */
export type Refusal = { rule: Rule; why: string };

const NOT_IN_MAY_KILL: Refusal = { rule: 'mayKill', why: 'you are not in slack.mayKill of policy.yml; ask somebody who is' };
const NOT_IN_MAY_APPROVE: Refusal = { rule: 'mayApprove', why: 'you are not in slack.mayApprove of policy.yml; ask somebody who is' };

/** What a person is told of it: the rule first, by which people and scripts know it; `nothing` says what did not happen. */
export function refusedText({ rule, why }: Refusal, nothing: 'nothing was killed' | 'nothing was changed' | 'nothing was done' | 'this click changed nothing'): string {
  return `Refused: ${rule}. ${why.charAt(0).toUpperCase()}${why.slice(1)}; ${nothing}.`;
}

type Place = { teamId: string; enterpriseId?: string | undefined; channelId?: string | undefined };

/**
 * Why nothing is done for this workspace or channel; undefined where it may be. One signing secret serves every workspace that
 * an app is installed in, so the signature does not tell them apart.
 */
export function refusePlace({ team, channels, channel, people = {} }: SlackRights, place: Place, what: 'command' | 'click'): Refusal | undefined {
  if (team === undefined) return { rule: 'team', why: 'no workspace may use this yet: set slack.team in policy.yml to the id of yours' };
  if (place.teamId !== team && place.enterpriseId !== team) return { rule: 'team', why: 'this workspace is not the one in slack.team of policy.yml' };
  if (channels === undefined) return undefined;
  // Cards of alerts and cleanup stand in slack.channel, whether commands are taken there or not, and warnings with the owner too.
  const isOfBot = what === 'click' && place.channelId?.startsWith('D') === true;
  const allowed = what === 'click' ? [...channels, channel, ...Object.values(people)] : channels;
  if (isOfBot || (place.channelId !== undefined && allowed.includes(place.channelId))) return undefined;
  return { rule: 'channel', why: 'this channel is not in slack.channels of policy.yml; use one that is' };
}

/** Why this person may not ask for a kill; undefined where they may. */
export function refuseKill({ mayKill }: SlackRights, userId: string): Refusal | undefined {
  return mayKill.includes(userId) ? undefined : NOT_IN_MAY_KILL;
}

/** Why this person may not pause or resume; undefined where they may. Who may approve ends a pause, where nobody may: who may kill. */
export function refuseSwitch({ mayKill, mayApprove }: SlackRights, what: 'pause' | 'resume', userId: string): Refusal | undefined {
  if (what === 'pause' || mayApprove.length === 0) return mayKill.includes(userId) ? undefined : NOT_IN_MAY_KILL;
  return mayApprove.includes(userId) ? undefined : NOT_IN_MAY_APPROVE;
}

/** Who has to agree to a kill, and the Slack user id of the person who asked; empty where none did. */
export type Asked = { who: 'requester' | 'approver'; requestedBy: string };

/** Why this person may not say yes to a question; undefined where they may. Four eyes: nobody approves their own request. */
export function refuseConfirmation({ mayKill, mayApprove }: SlackRights, { who, requestedBy }: Asked, userId: string): Refusal | undefined {
  if (who === 'requester') {
    if (userId !== requestedBy) return { rule: 'ask', why: 'only the person who asked can confirm this' };
    return mayKill.includes(userId) ? undefined : { rule: 'mayKill', why: 'you are not in slack.mayKill of policy.yml any more' };
  }
  if (userId === requestedBy) return { rule: 'mayApprove', why: 'you asked for this yourself: somebody else has to approve it' };
  return mayApprove.includes(userId) ? undefined : NOT_IN_MAY_APPROVE;
}

/** Why this person may not say no; undefined where they may. Who may kill or approve may also keep a job, and who asked may take it back. */
export function refuseDecline({ mayKill, mayApprove }: SlackRights, { requestedBy }: Asked, userId: string): Refusal | undefined {
  return userId === requestedBy || mayKill.includes(userId) || mayApprove.includes(userId)
    ? undefined
    : { rule: 'mayKill', why: 'only the person who asked, or somebody in slack.mayKill or slack.mayApprove of policy.yml, can decline this' };
}

/**
 * Why this person may not keep a warned job; undefined where they may. A job that `slack.people` gives to a channel may be kept by
 * whoever clicks there; where nothing is left of `keepAtMost` only an approver may.
 */
export function refuseKeep({ mayKill, mayApprove }: SlackRights, { owner, isUsedUp }: { owner?: string | undefined; isUsedUp: boolean }, { userId, channelId }: { userId: string; channelId?: string | undefined }): Refusal | undefined {
  if (mayApprove.includes(userId)) return undefined;
  if (isUsedUp) return { rule: 'mayApprove', why: 'the job was kept for as long as its rule allows; only somebody in slack.mayApprove of policy.yml can keep it longer' };
  if (mayKill.includes(userId) || (owner !== undefined && (owner === userId || owner === channelId))) return undefined;
  return { rule: 'mayKill', why: 'only its owner, or somebody in slack.mayKill or slack.mayApprove of policy.yml, can keep it' };
}
