import { judgePosts } from '../../tools/deaths/judge-posts.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { LogLine } from '../stage/stage.ts';
import type { Kind, Sent } from './deliveries.ts';
import { PER_HOUR } from './soaked.ts';

export type Judged = { faults: string[]; /** How many alerts ended so, by their audit lines: `killed`, `refused protected`. */ ends: Map<string, number>; posts: number };

/** What the audit says of one start: its End, and how often. */
type Audited = { outcome: string; rule?: string | undefined; code?: string | undefined };

/** How each kind ends where nothing goes wrong. What goes wrong may make it `failed` or `expired`, and nothing else. */
const ENDS: Readonly<Record<Kind, string>> = {
  Stuck: 'killed', Slow: 'expired', Guarded: 'refused protected', Gone: 'not-found', Unruled: 'refused alerts', Aimless: 'refused target', Resolved: '',
};
const TROUBLE = ['failed', 'expired'];
const NO_PLACE = 'refused perHour';
const HOUR_MS = 3_600_000;
/** A kill leaves so soon after its place was taken, or the place moves with it. */
const FRESH_FOR_MS = 10_000;
/** Who was told that a kill failed though it worked: its answer was lost. Such a job is over all the same. */
const MAY_BE_OVER: readonly string[] = ['killed', 'finished-first', 'already-over', 'still-running', 'failed'];

/** Accounts for every delivery by the audit: each alert that was taken has its End there, the true one, and no more starts than it may have. */
export function judgeSoak(simulator: Simulator, all: readonly Sent[], lines: readonly LogLine[]): Judged {
  const faults: string[] = [];
  const blame = (rule: string, line: string): void => void faults.push(`${rule}: ${line}`);
  const ends = new Map<string, number>();
  const audited = readAudit(lines, blame);
  const killed = new Set(simulator.killed());
  for (const sent of all) {
    const starts = audited.get(sent.name) ?? new Map<string, Audited>();
    judgeOne(sent, [...starts.values()], killed, blame);
    for (const { outcome, rule, code } of starts.values()) count(ends, [outcome, rule, code].filter((word) => word !== undefined).join(' '));
    audited.delete(sent.name);
  }
  for (const name of audited.keys()) blame('an End of what nobody sent', name);
  judgeHour(simulator, ends.get(NO_PLACE) ?? 0, blame);
  return { faults, ends, posts: judgePosts(simulator, blame) };
}

/** No more kills in any hour than it has places, and none refused for the want of one while most are free. */
function judgeHour(simulator: Simulator, refused: number, blame: (rule: string, line: string) => void): void {
  const firsts = new Map<string, number>();
  for (const { path, at } of simulator.kills()) firsts.set(path, Math.min(at, firsts.get(path) ?? Infinity));
  const moments = [...firsts.values()].toSorted((one, other) => one - other);
  if (moments.some((at, index) => (moments[index + PER_HOUR] ?? Infinity) - at < HOUR_MS - FRESH_FOR_MS)) blame('more kills in an hour than it has places', `${moments.length} in all`);
  if (refused > 0 && moments.length < 0.9 * PER_HOUR) blame('refused for the want of a place, with most of them free', `${refused} refused, ${moments.length} killed`);
}

/** The Ends by the alert's name and the start's. */
function readAudit(lines: readonly LogLine[], blame: (rule: string, line: string) => void): Map<string, Map<string, Audited>> {
  const audited = new Map<string, Map<string, Audited>>();
  for (const { message, requested_by: by, run, outcome, rule, code } of lines) {
    if (message !== 'kill request ended') continue;
    const name = String(by).replace('generic alert ', '');
    const starts = audited.get(name) ?? new Map<string, Audited>();
    audited.set(name, starts);
    const before = starts.get(String(run));
    if (before !== undefined && before.outcome !== outcome) blame('two Ends of one start', `${String(run)}: ${before.outcome} and ${String(outcome)}`);
    starts.set(String(run), { outcome: String(outcome), rule: rule as string | undefined, code: code as string | undefined });
  }
  return audited;
}

function judgeOne({ name, kind, jobId, told, untaken }: Sent, starts: readonly Audited[], killed: ReadonlySet<string>, blame: (rule: string, line: string) => void): void {
  if (untaken > 0) blame('a delivery that was never taken', name);
  const accepted = told.filter((outcome) => outcome === 'accepted').length;
  if (accepted > starts.length) blame('accepted and lost', `${name}: ${accepted} accepted, ${starts.length} in the audit`);
  const expected = ENDS[kind];
  if (starts.length === 0 && expected !== '') blame('no End in the audit', `${name}, of which was told: ${told.join(', ')}`);
  for (const { outcome, rule } of starts) {
    const end = [outcome, rule].filter((word) => word !== undefined).join(' ');
    if (end !== expected && (expected === '' || expected.startsWith('refused a') || !TROUBLE.includes(outcome)) && !(kind === 'Stuck' && (end === NO_PLACE || MAY_BE_OVER.includes(outcome)))) blame('another End than it may have', `${name}: ${end}`);
  }
  const isKilled = killed.has(jobId ?? '');
  if (isKilled && kind !== 'Stuck') blame('killed, though nothing meant it', name);
  if (isKilled && !starts.some(({ outcome }) => MAY_BE_OVER.includes(outcome))) blame('killed, and the audit does not know it', `${name}: ${starts.map(({ outcome }) => outcome).join(', ')}`);
  if (!isKilled && starts.some(({ outcome }) => outcome === 'killed')) blame('not killed, and the audit says so', name);
}

export function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
