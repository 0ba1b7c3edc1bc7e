import type { Rule } from './end.ts';
import { matchesGlob } from './glob.ts';
import { type Job, jobLabel } from './job.ts';
import type { KillRequest, Trigger } from './request.ts';
import { matchesSelector, type Selector } from './selector.ts';

/** Who has to agree; the words of `who:` in policy.yml. */
export const WHO = ['requester', 'approver', 'none'] as const;
export type Who = (typeof WHO)[number];

/** A selector that may also name the cluster, by a glob over its name in the policy. */
export type ClusterSelector = Selector & { cluster?: string | undefined };

/** First match decides. Without `match` or `trigger` that part fits everything. */
export type AskRule = { trigger?: Trigger | undefined; match?: ClusterSelector | undefined; who: Who };

/** What a decision rests on; the policy has it, and more. */
export type DecisionRules = {
  /** By name. Only what stands here can be touched. */
  clusters: Readonly<Record<string, unknown>>;
  /** Never killed, whoever asks. */
  protected: readonly Selector[];
  ask: readonly AskRule[];
  /** Dry run for everything, or for the triggers named. */
  dryRun: boolean | readonly Trigger[];
};

/** What the policy says of one request for one job. `reason` says what to change. */
export type Decision =
  | { verdict: 'allow' }
  | { verdict: 'ask'; rule: 'ask'; who: Exclude<Who, 'none'>; reason: string }
  | { verdict: 'refuse'; rule: Rule; reason: string };

/** What keeps back a kill that everything else allows: the off switch, an alert that was resolved, a job that is kept. */
export type Brake = { rule: Extract<Rule, 'paused' | 'resolved' | 'kept'>; reason: string };

/** What decide needs to know of the moment: the clock, and the brake as it was read just now. */
export type Moment = { now: Date; brake?: Brake | undefined };

/**
 * Decides one request for one job: pure, ordered, deny by default. The order is part of the contract: cluster listed,
 * protected, SparkSql, the brake (the off switch first), then who has to be asked. Dry run is not its business: see isDryRun.
 */
export function decide(policy: DecisionRules, request: KillRequest, job: Job, { now, brake }: Moment): Decision {
  if (!Object.hasOwn(policy.clusters, job.cluster)) {
    return refuse('clusters', `${job.cluster} is not listed; add it under clusters: in policy.yml`);
  }
  const guard = policy.protected.findIndex((selector) => matchesSelector(selector, job, now));
  if (guard >= 0) {
    const selector = describeSelector(policy.protected[guard] ?? {});
    return refuse('protected', `${jobLabel(job)} is protected by ${selector}; change protected: in policy.yml to allow it`);
  }
  if (job.job_type.toLowerCase() === 'sparksql') {
    return refuse('SparkSql', `MRS cannot stop SparkSql jobs (${jobLabel(job)}); end its session in the cluster instead`);
  }
  if (brake) return refuse(brake.rule, brake.reason);

  const who = whoIsAsked(policy, request, job, now);
  if (who === 'none') return { verdict: 'allow' };
  return { verdict: 'ask', rule: 'ask', who, reason: `ask: ${jobLabel(job)} may be killed only after the ${who} agreed` };
}

/** Whether the kill is only played: the stricter of the request's own wish and the policy. */
export function isDryRun({ dryRun }: Pick<DecisionRules, 'dryRun'>, request: Pick<KillRequest, 'dryRun' | 'trigger'>): boolean {
  return request.dryRun || (typeof dryRun === 'boolean' ? dryRun : dryRun.includes(request.trigger));
}

/** Why a kill is only played, and what to change; undefined where it is not. */
export function dryRunReason(policy: Pick<DecisionRules, 'dryRun'>, request: Pick<KillRequest, 'dryRun' | 'trigger' | 'policyRule'>): string | undefined {
  if (!isDryRun(policy, request)) return undefined;
  if (!request.dryRun) return `dryRun in policy.yml covers ${request.trigger}, so this was a dry run; set it to false to kill`;
  return request.policyRule === undefined ? 'the request asked for a dry run' : `${request.policyRule} or this run of it asked for a dry run`;
}

/** First match of `ask:` decides; without one, Slack asks the requester and the others ask nobody. */
function whoIsAsked(policy: Pick<DecisionRules, 'ask'>, request: KillRequest, job: Job, now: Date): Who {
  if (request.action === 'ask') return 'approver';
  const rule = policy.ask.find(
    ({ trigger, match }) =>
      (trigger === undefined || trigger === request.trigger) && (match === undefined || matchesWithCluster(match, job, now)),
  );
  const who = rule?.who ?? (request.trigger === 'slack' ? 'requester' : 'none');
  // An alert or a schedule is no person that could confirm.
  return who === 'requester' && request.trigger !== 'slack' && request.trigger !== 'api' ? 'approver' : who;
}

function matchesWithCluster({ cluster, ...selector }: ClusterSelector, job: Job, now: Date): boolean {
  if (cluster !== undefined && !matchesGlob(cluster, job.cluster)) return false;
  const fields = Object.values(selector).filter((value) => value !== undefined);
  return fields.length === 0 ? cluster !== undefined : matchesSelector(selector, job, now);
}

function refuse(rule: Rule, reason: string): Extract<Decision, { verdict: 'refuse' }> {
  return { verdict: 'refuse', rule, reason: `${rule}: ${reason}` };
}

function describeSelector(selector: Selector): string {
  return Object.entries(selector)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}
