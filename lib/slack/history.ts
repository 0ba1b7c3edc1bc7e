import { RULES } from '../core/end.ts';
import { parseJobRef, jobRefText } from '../core/target.ts';
import { formatDuration } from '../core/time.ts';
import { dayPartition, type EndEntry, jobPartition, type JobSeen, type Noted, rulePartition } from '../ledger/keys.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { type Policy, ruleIdOf } from '../policy/policy.ts';
import { becauseText } from './background.ts';
import { FIRST_WORDS, linesMessage, type Message } from './cards.ts';
import { type HistoryParts, isEnd, leaveOutOvertaken, newestTold, type Told } from './read-ends.ts';
import { asker, code, dayAndTime, jobLine, person } from './text.ts';

const HISTORY_LENGTH = 10;
const HISTORY_DAYS = 30;
const DAY_MS = 86_400_000;

type Parts = HistoryParts & { clusters: readonly Cluster[]; policy: Policy };

/**
 * The newest Ends with who, why and outcome, REST and refusals too. `of` narrows them to a job, by its name or an id, or to a
 * rule: one that asked, or one that refused; where a word means several of these, all of them are shown. Without it refusals by
 * `alerts` and what was ignored are left out. Beside them stand who kept a job, and the warnings that nothing has come of yet.
 */
export async function listHistory(parts: Parts, of?: string): Promise<Message> {
  const now = new Date(parts.clock.now());
  const all = of === undefined ? await toldOfAll(parts, now) : await newestTold(parts, partitionsOf(parts.policy, of), HISTORY_LENGTH);
  const named = of === undefined ? '' : ` about ${code(of)}`;
  const lines = all.map((told) => toldLine(parts.clusters, told, now));
  const count = all.filter(isEnd).length;
  if (count > 0) return linesMessage(`How the last ${count === 1 ? 'request' : `${count} requests`}${named} ended`, lines);
  if (lines.length > 0) return linesMessage(`No request${named} ended in the last ${HISTORY_DAYS} days, but people were warned or kept a job`, lines);
  return linesMessage(of === undefined ? `No request for a kill ended in the last ${HISTORY_DAYS} days` : `No request${named} ended in the last ${HISTORY_DAYS} days. Give the name or an id of a job, or the name of a rule`, []);
}

async function toldOfAll(parts: Parts, now: Date): Promise<Told[]> {
  const newest: Told[] = [];
  for (let day = 0, left = HISTORY_LENGTH; day < HISTORY_DAYS && left > 0; day++) {
    const partition = dayPartition(now.getTime() - day * DAY_MS);
    newest.push(...(await newestTold(parts, [partition], left, (told) => !isEnd(told) || (told.outcome !== 'ignored' && told.rule !== 'alerts'))));
    left = HISTORY_LENGTH - newest.filter(isEnd).length;
  }
  return leaveOutOvertaken(newest, now.getTime());
}

/** Everything that a word may be called by. A rule that has no name is known by its content, and to people by its place. */
function partitionsOf(policy: Policy, of: string): string[] {
  const ref = parseJobRef(of);
  const refusing = RULES.find((rule) => rule.toLowerCase() === of.toLowerCase());
  const [, place] = /^alerts\.(\d+)$/.exec(of) ?? [];
  const atPlace = place === undefined ? undefined : policy.alerts[Number(place)];
  return [
    ...(ref === undefined ? [] : [jobPartition(jobRefText(ref))]),
    rulePartition({ name: of }),
    ...(refusing === undefined ? [] : [rulePartition({ name: refusing })]),
    ...(atPlace === undefined ? [] : [rulePartition(ruleIdOf(atPlace))]),
  ];
}

/** What stands in a history in one line. */
export function toldLine(clusters: readonly Cluster[], told: Told, now: Date): string {
  return isEnd(told) ? endLine(clusters, told, now) : noteLine(clusters, told, now);
}

/** That a job was kept, or that it is warned, in one line. */
function noteLine(clusters: readonly Cluster[], { what, at, by, until, job, policyRule }: Noted, now: Date): string {
  const subject = job === undefined ? '' : ` ${subjectOf(clusters, job)}`;
  const rule = policyRule === undefined ? '' : `, by rule ${code(policyRule, 60)}`;
  const ago = `${formatDuration(now.getTime() - at)} ago`;
  if (what === 'kept') return `*Kept*${subject}${until === undefined ? '' : ` until ${dayAndTime(until)}`}, ${ago}, by ${person(by)}${policyRule === undefined ? '' : `, warned by rule ${code(policyRule, 60)}`}`;
  return `*Warned*${subject}, ${ago}${rule}${until === undefined ? '' : `: it will be killed at ${dayAndTime(until)} unless kept`}`;
}

function subjectOf(clusters: readonly Cluster[], job: JobSeen): string {
  return jobLine({ ...job, cluster: findCluster(clusters, job.cluster)?.name ?? job.cluster });
}

/** An End in one line: how it ended, of which job, when, who asked and why, and who answered. */
export function endLine(clusters: readonly Cluster[], { outcome, rule, began, by, trigger, why, answeredBy, job, asked, policyRule }: EndEntry, now: Date): string {
  const words = rule === undefined ? FIRST_WORDS[outcome] : `${FIRST_WORDS[outcome]}: ${rule}`;
  const subject = job === undefined ? (asked === undefined ? '' : ` ${code(asked)}`) : ` ${subjectOf(clusters, job)}`;
  // Cleanup's rules ask in their own name.
  const byRule = policyRule === undefined || trigger !== 'alerts' ? '' : `, by rule ${code(policyRule, 60)}`;
  const because = becauseText({ trigger, why, policyRule }, 100);
  const answered = answeredBy === undefined ? '' : `, answered by ${person(answeredBy)}`;
  return `*${words}*${subject}, ${formatDuration(now.getTime() - began)} ago, asked for by ${asker(trigger, by)}${byRule}${because}${answered}`;
}
