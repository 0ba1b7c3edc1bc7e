import { isOver, type Job } from '../../lib/core/job.ts';
import type { Trigger } from '../../lib/core/request.ts';
import { formatDuration, shortDuration, utcText } from '../../lib/core/time.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { jobAge } from '../../lib/slack/text.ts';
import type { AlertAnswer } from './judge-alert.ts';
import type { Answer } from './judge.ts';
import type { FindPlace, Place } from './places.ts';
import { leftOut, NO_ID } from './read-job.ts';

type Parts = { policy: Policy; place: FindPlace; now: Date };

/** Where a rule of the policy is not known, since the wish is anybody's. */
const NAMES: Record<Trigger, string> = { slack: 'Slack, /mrs kill', alerts: 'An alert whose rule says kill', cleanup: 'Cleanup', api: 'REST' };

/** The job that the answers are about. */
export function jobWords(job: Job, now: Date): string[] {
  const { job_name, job_id, cluster, job_type, user, queue, job_state, started_time, submitted_time } = job;
  const age = started_time > 0 || submitted_time > 0 || isOver(job) ? jobAge(job, now) : '';
  const known = [job_type && `type ${job_type}`, user && `user ${user}`, queue && `queue ${queue}`, job_state, age].filter((words) => words !== '');
  const names = [job_name, job_id === NO_ID ? '' : job_id].filter((name) => name !== '').join(', ');
  const open = isOver(job) ? [] : leftOut(job);
  return [
    `Job: ${names || 'without a name'} in ${cluster}: ${known.join(', ')}`,
    ...(open.length === 0 ? [] : [`Not given: ${open.join(', ')}. A rule that reads it protects the job, asks the stricter question, and kills nothing`]),
  ];
}

/** One way to a kill, in lines: may it be killed, who is asked, by which rule, and what counts. */
export function answerWords(parts: Parts, answer: Answer): string[] {
  const { by, policyRule } = answer;
  const subject = policyRule === undefined ? NAMES[by] : `${by === 'alerts' ? 'Alert' : NAMES[by]} rule ${policyRule.name} (${policyRule.at})`;
  return [`${subject}: ${verdictWords(parts, answer)}`, ...[...whoWords(parts, answer), ...limitWords(answer)].map((line) => `  ${line}`)];
}

function verdictWords({ now }: Parts, answer: Answer): string {
  const { verdict, by, fits, reason = '', decidedBy, who, dryRun } = answer;
  const when = fits === undefined ? '' : whenWords(fits, now);
  const played = dryRun === undefined ? '' : `NOT killed, since it is a dry run (${placeWords(dryRun)}). Without that: `;
  const warned = answer.warnMs === undefined ? '' : `people are warned for ${shortDuration(answer.warnMs)}; then, unless somebody keeps it, `;
  switch (verdict) {
    case 'refuse':
      return `${when}NOT killed. ${reason}${byPlace(decidedBy)}`;
    case 'nothing':
      return `NOT killed. ${fits?.fits === 'open' ? `The rule reads what was not given: ${fits.leftOut.join(', ')}` : 'No rule fits it, and none will when it only gets older'}`;
    case 'notify':
      return `${when}people are told, with a button to kill it. The rule itself kills nothing`;
    case 'kill':
      return `${when}${played}${warned}killed${by === 'cleanup' && warned === '' ? ' by the next run' : ''}; nobody is asked${byPlace(decidedBy)}`;
    case 'ask':
      return `${when}${played}${warned}killed once ${who === 'requester' ? 'the person who asks has confirmed it' : 'an approver has approved it, who is not the person who asks'}${byPlace(decidedBy)}`;
  }
}

function whenWords(fits: NonNullable<Answer['fits']>, now: Date): string {
  switch (fits.fits) {
    case 'from':
      return `from ${utcText(fits.at)} on, in ${formatDuration(fits.at - now.getTime())}: `;
    case 'running':
      return `once it has run for ${formatDuration(fits.forMs)}: `;
    case 'now':
    case 'open':
      return '';
  }
}

/** What decided, in brackets: `ask.0, policy.yml:12`. */
export function byPlace(place: Place | undefined): string {
  return place === undefined ? '' : ` (${placeWords(place)})`;
}

function placeWords({ rule, at }: Place): string {
  return `${rule}, ${at}`;
}

function whoWords({ policy, place }: Parts, { by, verdict, who }: Answer): string[] {
  if (verdict !== 'kill' && verdict !== 'ask') return [];
  const list = (key: 'mayKill' | 'mayApprove'): string => {
    const ids = policy.slack[key];
    return ids.length === 0 ? `nobody, since slack.${key} is empty` : `${ids.join(', ')}${byPlace(place('slack', key))}`;
  };
  return [...(by === 'slack' ? [`Who may ask for it: ${list('mayKill')}`] : []), ...(verdict === 'ask' && who === 'approver' ? [`Who may approve: ${list('mayApprove')}`] : [])];
}

function limitWords({ limits = {} }: Answer): string[] {
  const counted = Object.entries(limits).map(([name, most]) => `${name} ${most}`);
  return counted.length === 0 ? [] : [`Limits that count: ${counted.join(', ')}`];
}

/** One alert, in lines: what its sender is answered, which rule took it, and what becomes of the job. */
export function alertWords(parts: Parts, told: AlertAnswer): string[] {
  const { alert, source, result, policyRule, means, picks, notMeant, job, answer } = told;
  const subject = `Alert ${alert} of ${source}, ${utcText(parts.now.getTime())}`;
  const rule = policyRule === undefined ? '' : `rule ${policyRule.name} (${policyRule.at}), action ${policyRule.action}`;
  if (means === undefined) return [`${subject}: NOT killed. ${result.outcome}: ${result.reason}${rule && `; it met ${rule}`}`];
  const taken = `${subject}: it meets ${rule}. It means ${means}`;
  if (notMeant !== undefined) return [taken, `  NOT the described job: ${notMeant}`];
  if (job === undefined || answer === undefined) return [taken, '  Describe the job to see what becomes of it: --job <file>, or --name, --user and so on'];
  const first = picks ? ['The rule picks it, where no other job comes first'] : [];
  return [taken, ...[...jobWords(job, parts.now), ...first, ...answerWords(parts, answer)].map((line) => `  ${line}`)];
}
