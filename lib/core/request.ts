import type { JobRef } from './target.ts';

/** What asks for kills; the words of `dryRun:` and `ask: trigger:` in policy.yml. */
export const TRIGGERS = ['slack', 'alerts', 'cleanup', 'api'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** Which job is meant. Without a cluster, all listed clusters are searched. */
export type Target = {
  /** Name in the policy, or cluster id. */
  cluster?: string | undefined;
  job: JobRef;
  /** Epoch ms: of jobs found by name only those submitted before this are meant (an alert's `startsAt`). */
  submittedBefore?: number | undefined;
};

/** One wish to kill one job. Whatever triggered it, from here on only `requestedBy` is shown and nobody asks where it came from. */
export type KillRequest = {
  /** Random; ties together every log line, message and record of this request. */
  killId: string;
  trigger: Trigger;
  target: Target;
  /** Who asks, for people to read: `ci` (an API token's name), `token:1a2b3c4d`, `U012AB3CD`, an alert's name, a cleanup rule. */
  requestedBy: string;
  /** Why, in the requester's words; '' if none were given. */
  reason: string;
  /** `ask`: an approver has to agree, whatever the policy says of this job. `notify`: people are told, nothing is killed. */
  action: 'kill' | 'ask' | 'notify';
  /** The request itself, or the rule behind it, wants a dry run. The policy can only make it stricter. */
  dryRun: boolean;
  /** Epoch ms. */
  receivedAt: number;
  /** Slack: the channel of the command or click. Alerts and cleanup report in the policy's channel. */
  channel?: string | undefined;
};
