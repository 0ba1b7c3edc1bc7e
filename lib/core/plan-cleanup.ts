import { decide, type DecisionRules, type Moment } from './decide.ts';
import { isOver, type Job } from './job.ts';
import { type Action, ASK_AGAIN_MS, type KillRequest } from './request.ts';
import type { Terms } from './warned-rule.ts';
import { matchesSelector, type Selector } from './selector.ts';

/** A rule that wishes every job of a cluster that fits gone. */
export type JobRule = { name: string; cluster: string; match: Selector; action: Action; askAgainMs?: number | undefined; dryRun?: boolean | undefined } & Terms;
/** A job and the cleanup rule that fits it. */
export type Fitting = { rule: JobRule; job: Job };
/** A job that is to go; `asks`: once a person has agreed, by its rule or by `ask:`. */
export type Planned = Fitting & { asks: boolean };
/** A job that a rule fits but something keeps alive; `by` is what. */
export type Spared = Fitting & { by: string; reason: string };

/** `asked`: somebody is being asked about it already. */
export type CleanupPlan = { chosen: Planned[]; spared: Spared[]; asked: Fitting[] };

/** What holds a job that a rule would choose: a question that stands, or, in a few words, a no. */
export type Hold = 'asked' | { by: string };

/**
 * What the cleanup rules make of these jobs: for each job the first rule that fits, in the order of the jobs. Pure, and the same
 * for a dry run. What the policy would refuse is spared; `isClockOff` spares what a rule with an age fits, since MRS's times mean
 * nothing then. `trigger`: `slack` where a person asks for what the rules fit, and has confirmed it by that.
 */
export function planCleanup(policy: DecisionRules & { cleanup: readonly JobRule[] }, jobs: readonly Job[], moment: Moment, isClockOff: (cluster: string) => boolean, trigger: 'cleanup' | 'slack' = 'cleanup'): CleanupPlan {
  const plan: CleanupPlan = { chosen: [], spared: [], asked: [] };
  for (const job of jobs) {
    if (isOver(job)) continue;
    const rule = findRule(policy.cleanup, job, moment.now);
    if (rule === undefined) continue;
    const decision = decide(policy, { ...requestFor({ rule, job }, { killId: '', dryRun: false, receivedAt: 0 }), trigger }, job, moment);
    if (decision.verdict === 'refuse') plan.spared.push({ rule, job, by: decision.rule, reason: decision.reason });
    else if (hasAge(rule.match) && isClockOff(job.cluster)) {
      const reason = 'clock: our clock and that of MRS differ by more than 5 min, so ages cannot be trusted; set the clock right';
      plan.spared.push({ rule, job, by: 'clock', reason });
    } else plan.chosen.push({ rule, job, asks: decision.verdict === 'ask' && (trigger === 'cleanup' || decision.who === 'approver') && rule.action !== 'notify' });
  }
  return plan;
}

/** The first rule that fits a job. */
export function findRule(rules: readonly JobRule[], job: Job, now: Date): JobRule | undefined {
  return rules.find(({ cluster, match }) => cluster === job.cluster && matchesSelector(match, job, now));
}

/** The same plan without what is held. */
export function spareHeld({ chosen, spared, asked }: CleanupPlan, holdOf: (fitting: Fitting) => Hold | undefined): CleanupPlan {
  const plan: CleanupPlan = { chosen: [], spared: [...spared], asked: [...asked] };
  for (const planned of chosen) {
    const hold = holdOf(planned);
    const { rule, job } = planned;
    if (hold === undefined) plan.chosen.push(planned);
    else if (hold === 'asked') plan.asked.push({ rule, job });
    else plan.spared.push({ rule, job, by: hold.by, reason: `${hold.by}; ${rule.name} leaves it alone` });
  }
  return plan;
}

/** The request that a planned job becomes; the rule's name is who asks and why. */
export function requestFor({ rule, job }: Fitting, more: Pick<KillRequest, 'killId' | 'dryRun' | 'receivedAt' | 'thread'>): KillRequest {
  return {
    ...more,
    trigger: 'cleanup',
    target: { cluster: job.cluster, job: { by: 'mrs-id', id: job.job_id } },
    requestedBy: `cleanup rule ${rule.name}`,
    reason: rule.name,
    action: rule.action,
    policyRule: rule.name,
    rule: { name: rule.name, askAgainMs: rule.askAgainMs ?? ASK_AGAIN_MS },
    onlyIf: rule.match,
    // A warning stands in the channel itself: in a thread nobody would see its buttons.
    ...(rule.warnMs !== undefined && { warns: true, thread: undefined }),
    dryRun: more.dryRun || (rule.dryRun ?? false),
  };
}

/** The request of a person who clicked on a list of planned jobs: theirs for each job, and confirmed by the click. */
export function requestOfPerson(planned: Fitting, person: string, more: Pick<KillRequest, 'killId' | 'receivedAt' | 'channel'>): KillRequest {
  const { requestedBy: reason, ...request } = requestFor(planned, { ...more, dryRun: false });
  return { ...request, trigger: 'slack', requestedBy: person, reason, person, confirmedBy: person };
}

function hasAge({ olderThanMs, pendingLongerThanMs }: Selector): boolean {
  return olderThanMs !== undefined || pendingLongerThanMs !== undefined;
}
