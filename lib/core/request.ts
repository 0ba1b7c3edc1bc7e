import type { JobPick } from './job-pick.ts';
import type { Selector } from './selector.ts';
import { describeSelector } from './selector-text.ts';
import { type JobRef, jobRefText } from './target.ts';

/** What asks for kills; the words of `dryRun:` and `ask: trigger:` in policy.yml. */
export const TRIGGERS = ['slack', 'alerts', 'cleanup', 'api'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** What is wished for; the words of `action:` in policy.yml. `ask`: an approver has to agree, whatever the policy says of the job. `notify`: people are told, nothing is killed. */
export const ACTIONS = ['kill', 'ask', 'notify'] as const;
export type Action = (typeof ACTIONS)[number];

/** Who has to agree; the words of `who:` in policy.yml. */
export const WHO = ['requester', 'approver', 'none'] as const;
export type Who = (typeof WHO)[number];

/** Which job is meant. Without a cluster, all listed clusters are searched. */
export type Target = {
  /** Name in the policy, or cluster id. */
  cluster?: string | undefined;
  job: JobRef;
  /** Epoch ms: of jobs found by name only those submitted before this are meant (an alert's `startsAt`, or when it came in). */
  submittedBefore?: number | undefined;
};

/** Jobs of one cluster that are chosen when the request is looked at, instead of being named. */
export type PickTarget = {
  /** Name in the policy, or cluster id. */
  cluster: string;
  pick: JobPick;
  /** A hash of the whole rule: what it picks in a cluster is one decision. */
  content?: string | undefined;
  submittedBefore?: number | undefined;
};

/** A rule of the policy, as the ledger knows it: by its name, or by a hash of its content where it has none. */
export type RuleId = { name: string } | { content: string };

/** The rule behind a request, and how long it leaves a job alone that somebody said no to. */
export type RequestRule = RuleId & { askAgainMs: number };

/** How long a rule leaves a job alone that somebody said no to, unless it says otherwise. */
export const ASK_AGAIN_MS = 24 * 3_600_000;

/** What is told of the alert behind a request, in its sender's words. `link` is https. */
export type AlertFacts = { name: string; severity?: string; link?: string };

/** A choice of a pick, and whose it is: the start of a request that carries it out. */
export type Choice = { name: string; start: number };

/** An alert as the rules read it, so that they can be asked once more when its warning is over. */
export type SeenAlert = { source: string; labels: Record<string, string>; annotations: Record<string, string> };

/**
 * Of a round of a warning, and of the kill that it comes to: the start of its first round, under whose name all of them claim, which
 * round it is (the kill: the one that handed on to it), and how much of `keepAtMost` was used before. `killNow`: a person clicked Kill
 * now, and it is their request.
 */
export type WarningRound = { first: Choice; round: number; usedMs: number; killNow?: true | undefined };

/** One wish to kill one job. What triggered it decides who is asked and where the end is shown, never how it is killed. */
export type KillRequest = {
  /** Random; ties together every log line, message and record of this request. */
  killId: string;
  trigger: Trigger;
  target: Target;
  /** Who asks, for people to read: `ci` (an API token's name), `token:1a2b3c4d`, `U012AB3CD`, an alert's name, a cleanup rule. */
  requestedBy: string;
  /** Why, in the requester's words; '' if none were given. */
  reason: string;
  action: Action;
  /** The request itself, or the rule behind it, wants a dry run. The policy can only make it stricter. */
  dryRun: boolean;
  /** The rule of policy.yml that asks: a cleanup rule's name, or `alerts.0`. */
  policyRule?: string | undefined;
  /** The same rule under a name that stays when the rules around it change. */
  rule?: RequestRule | undefined;
  /** The alert behind it, for people. */
  alert?: AlertFacts | undefined;
  /** A hash of what this alert's firing and its resolved have in common; undefined where its sender has nothing of the kind. */
  occurrence?: string | undefined;
  /** The alert itself, where its rule warns first. */
  alertSeen?: SeenAlert | undefined;
  /** The rule warns before it kills: this request tells people and waits, and kills nothing itself. */
  warns?: true | undefined;
  /** The warning that this request goes on with; left out in its first round. */
  warning?: WarningRound | undefined;
  /** The pick that chose this job. */
  pickedBy?: Choice | undefined;
  /** What the job has to fit still when it comes to the kill: it was chosen for this, not named. */
  onlyIf?: Selector | undefined;
  /** Epoch ms. */
  receivedAt: number;
  /** Slack user id of the person behind it, whatever the trigger: who asked for a kill never approves it. */
  person?: string | undefined;
  /** The person whose click asked for it after they saw the job: it is the requester's answer too, who is not asked once more. */
  confirmedBy?: string | undefined;
  /** Slack: the channel of the command or click. Alerts and cleanup report in the policy's channel. */
  channel?: string | undefined;
  /** The message that this request's own messages are replies to: the report of a cleanup run. */
  thread?: MessageRef | undefined;
};

/** A message in Slack, so that it can be updated or answered. */
export type MessageRef = { channel: string; ts: string };

/** A wish to kill the jobs that a rule picks: it becomes one KillRequest for each of them. */
export type PickRequest = Omit<KillRequest, 'target'> & { target: PickTarget };

export type Requested = KillRequest | PickRequest;

/** What is known of a request that ends: one that is refused at the door may have no target yet. */
export type Closed = Pick<KillRequest, 'killId' | 'trigger' | 'requestedBy' | 'reason' | 'policyRule' | 'rule' | 'receivedAt'> & { target?: unknown };

export function isPick(request: Requested): request is PickRequest {
  return 'pick' in request.target;
}

/** What is meant, in a few words. */
export function targetText(target: Target | PickTarget): string {
  if (!('pick' in target)) return jobRefText(target.job);
  const { order, count, cooldownMs: _cooldown, ...selector } = target.pick;
  return `the ${count === 1 ? `${order} job` : `${count} ${order} jobs`} of ${target.cluster} (${describeSelector(selector)})`;
}
