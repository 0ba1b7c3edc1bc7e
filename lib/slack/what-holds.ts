import type { Job } from '../core/job.ts';
import { matchSelector } from '../core/selector.ts';
import { formatDuration } from '../core/time.ts';
import { readKeep } from '../kill/brake.ts';
import { noWords } from '../kill/no.ts';
import { No, noKey, Picked, pickKey } from '../ledger/keys.ts';
import type { Entry } from '../ledger/port.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { type AlertRule, type Policy, ruleContent, ruleIdOf } from '../policy/policy.ts';
import { keptWords } from './kept.ts';
import { warningsOf } from './job-warnings.ts';
import { type HistoryParts, readCall } from './read-ends.ts';
import { code, dayAndTime, foreign, person } from './text.ts';

type Parts = HistoryParts & { policy: Policy; clusters: readonly Cluster[] };
const MOST_KEYS = 100; // of one read

/** What keeps rules from a job just now, in lines: a keep, a warning that stands, a no, the cooldown of a pick that could mean it. Throws LedgerFailed. */
export async function whatHolds(parts: Parts, job: Job): Promise<string[]> {
  const now = parts.clock.now();
  const [keep, warnings, held] = await Promise.all([readKeep(parts.ledger, job.job_id, readCall(parts)), warningsOf(parts, job), readHolds(holdsOf(parts, job, now), parts)]);
  const kept = keep === undefined ? [] : [`${keptWords(parts.policy, keep)}; until then no cleanup rule, no pick and no rule with \`warn\` kills it`];
  return [...kept, ...warnings, ...held];
}

type Hold = { key: Entry['key']; tell: (entry: Entry) => string[] };

/** The keys under which something may hold a job back, and how each is told. */
function holdsOf({ policy, clusters }: Parts, job: Job, now: number): Hold[] {
  const cluster = findCluster(clusters, job.cluster);
  const places = policy.alerts.map((rule, place) => ({ rule, name: rule.name ?? `alerts.${place}` }));
  const nos = [...policy.cleanup.filter((rule) => rule.cluster === job.cluster).map((rule) => ({ rule, name: rule.name })), ...places].flatMap(({ rule, name }) =>
    [false, true].map((isDry): Hold => ({ key: noKey(ruleIdOf(rule), job.job_id, isDry), tell: (entry) => tellNo(name, entry, now) })),
  );
  const picks = places
    .filter(({ rule }) => mayPick(rule, job, clusters, now))
    .flatMap(({ rule, name }) =>
      [false, true].map((isDry): Hold => ({ key: pickKey(ruleContent(rule), cluster?.id ?? job.cluster, isDry), tell: (entry) => tellPick(name, job, entry, now) })),
    );
  return [...nos, ...picks];
}

function mayPick({ pick, cluster }: AlertRule, job: Job, clusters: readonly Cluster[], now: number): boolean {
  if (pick === undefined || (cluster !== undefined && findCluster(clusters, cluster)?.name !== job.cluster)) return false;
  const { order: _order, count: _count, cooldownMs: _cooldown, ...selector } = pick;
  return matchSelector(selector, job, new Date(now)) !== 'no';
}

async function readHolds(holds: readonly Hold[], parts: Parts): Promise<string[]> {
  const lines: string[] = [];
  for (let first = 0; first < holds.length; first += MOST_KEYS) {
    const some = holds.slice(first, first + MOST_KEYS);
    const entries = await parts.ledger.get(some.map(({ key }) => key), readCall(parts));
    lines.push(...some.flatMap(({ tell }, index) => (entries[index] === undefined ? [] : tell(entries[index]))));
  }
  return lines;
}

function tellNo(rule: string, { value, until }: Entry, now: number): string[] {
  const no = No.safeParse(value).data;
  if (no === undefined) return [];
  const by = no.by === undefined ? '' : ` by ${person(no.by)}`;
  return [`${code(rule, 60)} leaves it alone until ${dayAndTime(until)}: ${foreign(noWords(no.what), 60)}${by}, ${formatDuration(now - no.at)} ago`];
}

function tellPick(rule: string, job: Job, { value, until }: Entry, now: number): string[] {
  const picked = Picked.safeParse(value).data;
  if (picked === undefined) return [`${code(rule, 60)} is picking just now in ${code(job.cluster)}`];
  const what = picked.ids.includes(job.job_id) ? 'this job' : `${picked.ids.length} other ${picked.ids.length === 1 ? 'job' : 'jobs'}`;
  return [`${code(rule, 60)} picked ${what} ${formatDuration(now - picked.at)} ago, and picks nothing else in ${code(job.cluster)} until ${dayAndTime(until)}`];
}
