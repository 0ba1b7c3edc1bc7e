import { RULES } from '../core/end.ts';
import { parseJobRef, jobRefText } from '../core/target.ts';
import { formatDuration } from '../core/time.ts';
import { dayPartition, type EndEntry, jobPartition, rulePartition } from '../ledger/keys.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { type Policy, ruleIdOf } from '../policy/policy.ts';
import { FIRST_WORDS, linesMessage, type Message } from './cards.ts';
import { type HistoryParts, newestEnds } from './read-ends.ts';
import { asker, code, foreign, jobLine, person } from './text.ts';

const HISTORY_LENGTH = 10;
const HISTORY_DAYS = 30;
const DAY_MS = 86_400_000;

type Parts = HistoryParts & { clusters: readonly Cluster[]; policy: Policy };

/**
 * The newest Ends with who, why and outcome, REST and refusals too. `of` narrows them to a job, by its name or an id, or to a
 * rule: one that asked, or one that refused; where a word means several of these, all of them are shown. Without it refusals by
 * `alerts` and what was ignored are left out.
 */
export async function listHistory(parts: Parts, of?: string): Promise<Message> {
  const now = new Date(parts.clock.now());
  const ends = of === undefined ? await endsOfAll(parts, now) : await newestEnds(parts, partitionsOf(parts.policy, of), HISTORY_LENGTH);
  const named = of === undefined ? '' : ` of ${code(of)}`;
  const lines = ends.map((end) => endLine(parts.clusters, end, now));
  if (ends.length > 0) return linesMessage(`How the last ${ends.length === 1 ? 'request' : `${ends.length} requests`}${named} ended`, lines);
  return linesMessage(of === undefined ? `No request for a kill ended in the last ${HISTORY_DAYS} days` : `Nothing${named} in the last ${HISTORY_DAYS} days: it is the name or id of no job, and of no rule, that something ended for`, []);
}

async function endsOfAll(parts: Parts, now: Date): Promise<EndEntry[]> {
  const newest: EndEntry[] = [];
  for (let day = 0; day < HISTORY_DAYS && newest.length < HISTORY_LENGTH; day++) {
    const partition = dayPartition(now.getTime() - day * DAY_MS);
    newest.push(...(await newestEnds(parts, [partition], HISTORY_LENGTH - newest.length, ({ outcome, rule }) => outcome !== 'ignored' && rule !== 'alerts')));
  }
  return newest;
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

/** An End in one line: how it ended, of which job, when, who asked and why, and who answered. */
export function endLine(clusters: readonly Cluster[], { outcome, rule, began, by, trigger, why, answeredBy, job, asked, policyRule }: EndEntry, now: Date): string {
  const words = rule === undefined ? FIRST_WORDS[outcome] : `${FIRST_WORDS[outcome]}: ${rule}`;
  const subject = job === undefined ? (asked === undefined ? '' : ` ${code(asked)}`) : ` ${jobLine({ ...job, cluster: findCluster(clusters, job.cluster)?.name ?? job.cluster })}`;
  // Cleanup's rules ask in their own name.
  const byRule = policyRule === undefined || trigger !== 'alerts' ? '' : `, by rule ${code(policyRule, 60)}`;
  const because = why === '' ? '' : `, because ${foreign(why, 100)}`;
  const answered = answeredBy === undefined ? '' : `, answered by ${person(answeredBy)}`;
  return `*${words}*${subject}, ${formatDuration(now.getTime() - began)} ago, asked for by ${asker(trigger, by)}${byRule}${because}${answered}`;
}
