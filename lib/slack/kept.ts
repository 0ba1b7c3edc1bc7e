import { readKeeps } from '../kill/brake.ts';
import type { Kept } from '../ledger/keys.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { linesMessage, type Message } from './cards.ts';
import type { HistoryParts } from './read-ends.ts';
import { code, dayAndTime, jobLine, person } from './text.ts';
import { usedText } from './warning-card.ts';

type Parts = HistoryParts & { clusters: readonly Cluster[]; policy: Policy };

/** What is kept now, each job once by the latest of its keeps, the one that ends first at the top. Throws LedgerFailed. */
export async function listKept(parts: Parts): Promise<Message> {
  const { ledger, clock, clusters } = parts;
  const latest = await readKeeps(ledger, clock.now());
  const lines = [...latest.values()]
    .toSorted((a, b) => a.until - b.until)
    .map((kept) => `${jobLine({ ...kept.job, cluster: findCluster(clusters, kept.job.cluster)?.name ?? kept.job.cluster })}: ${keptWords(parts.policy, kept)}`);
  if (lines.length === 0) return linesMessage('No job is kept now', []);
  return linesMessage(`${lines.length} ${lines.length === 1 ? 'job is' : 'jobs are'} kept`, lines);
}

/** Until when, by whom, from which rule, and how much of what that allows is used. */
export function keptWords(policy: Policy, { until, by, rule, usedMs }: Kept): string {
  const { keepAtMostMs } = ruleCalled(policy, rule) ?? {};
  return `kept until ${dayAndTime(until)} by ${person(by)}, for ${usedText({ usedMs, keepAtMostMs })}; warned by rule ${code(rule, 60)}`;
}

/** A rule by the name that people know it by; it may be gone by now. */
function ruleCalled({ cleanup, alerts }: Policy, called: string): { keepAtMostMs?: number | undefined } | undefined {
  return cleanup.find(({ name }) => name === called) ?? alerts.find(({ name }, place) => (name ?? `alerts.${place}`) === called);
}
