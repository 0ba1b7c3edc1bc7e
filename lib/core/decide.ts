import type { Rule } from './end.ts';
import { matchesGlob } from './glob.ts';
import { type Job, jobName } from './job.ts';
import type { KillRequest, Trigger, Who } from './request.ts';
import { fieldsLeftOut, type Match, matchSelector, type Selector } from './selector.ts';
import { describeSelector } from './selector-text.ts';

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

/** What a decision looks at of a request. */
export type Wished = Pick<KillRequest, 'trigger' | 'action'>;

/**
 * Decides one request for one job: pure, ordered, deny by default. The order is part of the contract: cluster listed,
 * protected, SparkSql, the brake (the off switch first), then who has to be asked. What MRS left out of the job makes nothing weaker: a protection that
 * reads it holds, and of the answers that it leaves open the strictest does. Dry run is not its business: see dry-run.ts.
 */
export function decide(policy: DecisionRules, request: Wished, job: Job, { now, brake }: Moment): Decision {
  if (!Object.hasOwn(policy.clusters, job.cluster)) {
    return refuse('clusters', `${job.cluster} is not listed; add it under clusters: in policy.yml`);
  }
  const guard = findGuard(policy.protected, job, now);
  if (guard !== undefined) return refuse('protected', guard.reason);
  if (job.job_type.toLowerCase() === 'sparksql') {
    return refuse('SparkSql', `MRS cannot kill a SparkSql job; end the session of ${jobName(job)} in the cluster itself`);
  }
  if (brake) return refuse(brake.rule, brake.reason);

  const { who } = findAsk(policy, request, job, now);
  if (who === 'none') return { verdict: 'allow' };
  return { verdict: 'ask', rule: 'ask', who, reason: `ask: ${who === 'approver' ? 'an approver has to approve' : 'the requester has to confirm'} the kill of ${jobName(job)} first` };
}

/** Which entry of `protected:` (counted from 0) holds for a job, and what to change; undefined where none does. One that surely fits says it before one that may. */
export function findGuard(guards: readonly Selector[], job: Job, now: Date): { place: number; reason: string } | undefined {
  const matches = guards.map((selector) => matchSelector(selector, job, now));
  const place = matches.includes('yes') ? matches.indexOf('yes') : matches.indexOf('open');
  const guard = guards[place];
  if (guard === undefined) return undefined;
  return { place, reason: matches[place] === 'yes' ? protectedText(guard, job) : mayBeProtectedText(guard, job, now) };
}

function protectedText(guard: Selector, job: Job): string {
  return `${jobName(job)} is protected by ${describeSelector(guard)}; to allow the kill, change protected: in policy.yml`;
}

function mayBeProtectedText(guard: Selector, job: Job, now: Date): string {
  const missing = fieldsLeftOut(guard, job, now).join(' and no ');
  return `MRS gave no ${missing} of ${jobName(job)}, so it may be protected by ${describeSelector(guard)}; look at the job in MRS, or change protected: in policy.yml`;
}

/** Who is asked, and which rule of `ask:` says so, counted from 0: none where what holds without a rule does. */
export type Asked = { who: Who; rule?: number };

/**
 * First match of `ask:` decides; without one, Slack asks the requester and the others ask nobody. Where it is open whether a
 * rule matches, what comes after it may hold as well: of all these answers the strictest one is given.
 */
export function findAsk(policy: Pick<DecisionRules, 'ask'>, request: Wished, job: Job, now: Date): Asked {
  const { trigger } = request;
  if (request.action === 'ask') return { who: 'approver' };
  const possible: Asked[] = [];
  for (const [rule, { who, ...needs }] of policy.ask.entries()) {
    const match = matchAsk(needs, trigger, job, now);
    if (match !== 'no') possible.push({ who: personFor(who, trigger), rule });
    if (match === 'yes') return strictest(possible);
  }
  return strictest([...possible, { who: trigger === 'slack' ? 'requester' : 'none' }]);
}

/** An alert or a schedule is no person that could confirm. */
function personFor(who: Who, trigger: Trigger): Who {
  return who === 'requester' && trigger !== 'slack' && trigger !== 'api' ? 'approver' : who;
}

const STRICTNESS: Record<Who, number> = { none: 0, requester: 1, approver: 2 };

function strictest(possible: readonly Asked[]): Asked {
  return possible.reduce((strict, one) => (STRICTNESS[one.who] > STRICTNESS[strict.who] ? one : strict));
}

function matchAsk({ trigger: wanted, match }: Omit<AskRule, 'who'>, trigger: Trigger, job: Job, now: Date): Match {
  if (wanted !== undefined && wanted !== trigger) return 'no';
  return match === undefined ? 'yes' : matchWithCluster(match, job, now);
}

function matchWithCluster({ cluster, ...selector }: ClusterSelector, job: Job, now: Date): Match {
  if (cluster !== undefined && !matchesGlob(cluster, job.cluster)) return 'no';
  const isFilled = Object.values(selector).some((value) => value !== undefined);
  if (!isFilled) return cluster === undefined ? 'no' : 'yes';
  return matchSelector(selector, job, now);
}

function refuse(rule: Rule, reason: string): Extract<Decision, { verdict: 'refuse' }> {
  return { verdict: 'refuse', rule, reason: `${rule}: ${reason}` };
}
