import { isDryRun } from '../core/dry-run.ts';
import type { Explained, ExplainedRule } from '../core/explain.ts';
import { explainCleanup, explainWish } from '../core/explain.ts';
import { isOver, type Job } from '../core/job.ts';
import { TRIGGERS, type Trigger } from '../core/request.ts';
import { formatDuration, shortDuration } from '../core/time.ts';
import type { Policy } from '../policy/policy.ts';
import { code, dayAndTime, foreign, person } from './text.ts';

/** What the policy makes of a job now, in lines for a person: who may kill it, what protects it, who is asked, which cleanup rule means it. */
export function whatWouldHappen(policy: Policy, job: Job, now: Date): string[] {
  if (isOver(job)) return ['it is over, so there is nothing to kill'];
  const bySlack = explainWish(policy, 'slack', job, now);
  if (bySlack.decision.verdict === 'refuse') return [`every kill is refused: ${foreign(bySlack.decision.reason, 500)}`];
  const others = TRIGGERS.filter((trigger) => trigger !== 'slack').map((trigger) => `${NAMES[trigger]}: ${whoAgrees(policy, explainWish(policy, trigger, job, now), trigger)}`);
  const rules = explainCleanup(policy.cleanup, job, now).map((rule) => ruleLine(rule, doesTo(policy, job, rule, now), now));
  return [
    `\`/mrs kill\` by ${people(policy.slack.mayKill, 'slack.mayKill')}: ${whoAgrees(policy, bySlack, 'slack')}`,
    ...others,
    ...(rules.length === 0 ? ['no cleanup rule fits it, and none will when it only gets older'] : rules),
  ];
}

const NAMES: Record<Exclude<Trigger, 'slack'>, string> = { alerts: 'an alert rule with `action: kill`', cleanup: 'a cleanup rule with `action: kill`', api: 'REST' };

function whoAgrees({ slack }: Policy, { asked: { who, rule }, isDryRun }: Explained, trigger: Trigger): string {
  const byRule = rule === undefined ? '' : ` (by ask.${rule} of policy.yml)`;
  const played = isDryRun ? '; dry run: nothing is killed' : '';
  if (who === 'none') return `nobody is asked${byRule}${played}`;
  const needs = who === 'requester' ? 'the requester has to confirm it' : 'an approver has to approve it';
  if (trigger === 'api') return `refused, since ${needs} and REST asks nobody${byRule}${played}`;
  const by = who === 'requester' ? '' : `, not the requester: ${people(slack.mayApprove, 'slack.mayApprove')}`;
  return `${needs}${by}${byRule}${played}`;
}

const MOST_PEOPLE = 5;

function people(ids: readonly string[], list: string): string {
  if (ids.length === 0) return `nobody (${list} of policy.yml is empty)`;
  const more = ids.length - MOST_PEOPLE;
  return `${ids.slice(0, MOST_PEOPLE).map(person).join(', ')}${more > 0 ? ` and ${more} more of ${list}` : ''}`;
}

/** What the next run of a cleanup rule does with a job that it fits. */
function doesTo(policy: Policy, job: Job, { rule: { action, dryRun = false, warnMs } }: ExplainedRule, now: Date): string {
  if (action === 'notify') return 'tells people of it';
  if (isDryRun(policy, { trigger: 'cleanup', dryRun })) return 'would kill it (dry run)';
  const does = action === 'ask' || explainWish(policy, 'cleanup', job, now).asked.who !== 'none' ? 'asks an approver' : 'kills it';
  return warnMs === undefined ? does : `warns people for ${shortDuration(warnMs)}, then ${does}`;
}

function ruleLine(explained: ExplainedRule, does: string, now: Date): string {
  const { rule } = explained;
  const subject = `cleanup rule ${code(rule.name, 60)}`;
  switch (explained.fits) {
    case 'now':
      return `${subject} fits it now: the next run ${does}`;
    case 'from':
      return `${subject} will fit it from ${dayAndTime(explained.at)}, in ${formatDuration(explained.at - now.getTime())}: the next run then ${does}`;
    case 'running':
      return `${subject} will fit it when it has run for ${formatDuration(explained.forMs)}: the next run then ${does}`;
    case 'open':
      return `${subject} leaves it alone: MRS gave no ${explained.leftOut.join(' and no ')} of it`;
  }
}
