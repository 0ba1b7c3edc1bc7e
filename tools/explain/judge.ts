import type { Asked } from '../../lib/core/decide.ts';
import type { Rule } from '../../lib/core/end.ts';
import { type Explained, explainCleanup, explainWish, type Fits } from '../../lib/core/explain.ts';
import { isOver, type Job } from '../../lib/core/job.ts';
import type { Action, Requested, Trigger } from '../../lib/core/request.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { isLimited } from '../../lib/start/limits.ts';
import type { FindPlace, Place } from './places.ts';

/** What would become of a job, in words that a program reads too. Times are ms. */
export type Answer = {
  by: Trigger;
  /** `nothing`: no rule means it. */
  verdict: 'kill' | 'ask' | 'notify' | 'refuse' | 'nothing';
  /** The rule of `alerts:` or `cleanup:` that wishes it. */
  policyRule?: Place & { name: string; action: Action };
  /** What refuses it, and in words. */
  rule?: Rule | 'over';
  reason?: string;
  /** The entry of `protected:` or `ask:` that decided; left out where none did. */
  decidedBy?: Place;
  who?: Asked['who'];
  /** Of a cleanup rule: when it fits. */
  fits?: Fits;
  warnMs?: number;
  /** It is only played; what says so. */
  dryRun?: Place;
  limits?: Partial<Policy['limits']>;
};

/** The policy with where its parts stand, and the moment that is asked about. */
export type JudgeParts = { policy: Policy; place: FindPlace; now: Date };
/** A rule of the policy with all that counts for its wish. */
type Wishing = { place: Place; name: string; action: Action; dryRun?: boolean | undefined; warnMs?: number | undefined };

/** What a wish of this trigger would come to. `of`: of which rule, and whether it picks; a person has none. */
export function judge({ policy, place, now }: JudgeParts, by: Trigger, job: Job, of?: Wishing, isPicked = false): Answer {
  const { place: where, action = 'kill', dryRun = false, warnMs } = of ?? {};
  const policyRule = of && ruleOf(of);
  if (isOver(job)) return { by, verdict: 'refuse', rule: 'over', reason: 'it is over, so there is nothing to kill' };
  const explained = explainWish(policy, by, job, now, { action, dryRun });
  const known = { by, ...(policyRule && { policyRule }), ...decidedBy(explained, place, action) };
  const { decision, asked } = explained;
  if (decision.verdict === 'refuse') return { ...known, verdict: 'refuse', rule: decision.rule, reason: decision.reason };
  if (decision.verdict === 'ask' && by === 'api') return { ...known, verdict: 'refuse', rule: 'ask', who: asked.who, reason: `${decision.reason}; REST asks nobody, so use /mrs kill` };
  const isPlayed = explained.isDryRun && action !== 'notify';
  return {
    ...known,
    verdict: action === 'notify' ? 'notify' : decision.verdict === 'ask' ? 'ask' : 'kill',
    who: asked.who,
    ...(warnMs !== undefined && { warnMs }),
    ...(isPlayed && { dryRun: dryRun && where ? { ...where, rule: `${where.rule}.dryRun` } : place('dryRun') }),
    ...limitsOf(policy.limits, { by, action, isPicked, isPlayed }),
  };
}

/** A rule as an answer shows it. */
export function ruleOf({ place, name, action }: Wishing): NonNullable<Answer['policyRule']> {
  return { ...place, name, action };
}

function decidedBy({ guard, asked, decision }: Explained, place: FindPlace, action: Action): { decidedBy?: Place } {
  if (guard !== undefined) return { decidedBy: place('protected', guard) };
  // A rule with action: ask asks by itself.
  return decision.verdict === 'refuse' || asked.rule === undefined || action !== 'kill' ? {} : { decidedBy: place('ask', asked.rule) };
}

/** Those that it would count for: a dry run takes no place in the hour, and the share of running jobs is for those who chose the jobs. */
function limitsOf({ perDelivery, perHour, percentOfRunning }: Policy['limits'], { by, action, isPicked, isPlayed }: { by: Trigger; action: Action; isPicked: boolean; isPlayed: boolean }): Pick<Answer, 'limits'> {
  if (!isLimited({ trigger: by, action } as Requested)) return {};
  return { limits: { perDelivery, ...(!isPlayed && { perHour }), ...((isPicked || by === 'cleanup') && { percentOfRunning }) } };
}

/** What the cleanup rules make of it: each that fits later, and the first that fits now. */
export function judgeCleanup(parts: JudgeParts, job: Job): Answer[] {
  const { policy, place, now } = parts;
  if (isOver(job)) return [judge(parts, 'cleanup', job)];
  const answers = explainCleanup(policy.cleanup, job, now).map((explained): Answer => {
    const { rule } = explained;
    const answer = judge(parts, 'cleanup', job, { ...rule, place: place('cleanup', policy.cleanup.findIndex(({ name }) => name === rule.name)) });
    const { rule: _same, ...fits } = explained;
    if (fits.fits !== 'open' || answer.verdict === 'refuse') return { ...answer, fits };
    return { by: 'cleanup', verdict: 'nothing', fits, ...(answer.policyRule && { policyRule: answer.policyRule }) };
  });
  return answers.length > 0 ? answers : [{ by: 'cleanup', verdict: 'nothing' }];
}

/** The rule of `alerts:` that answers call so; undefined for a name that none has. */
export function findAlertRuleNamed({ policy, place }: JudgeParts, name: string | undefined): Wishing | undefined {
  const index = policy.alerts.findIndex((rule, at) => (rule.name ?? `alerts.${at}`) === name);
  const rule = policy.alerts[index];
  return rule && name !== undefined ? { ...rule, place: place('alerts', index), name } : undefined;
}
