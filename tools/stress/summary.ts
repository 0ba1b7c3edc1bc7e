import { type Looks, PROMISES, type Rule, RULES } from '../../test/simulation/promises.ts';
import type { Played } from '../../test/simulation/simulation.ts';

/** What a number of stories came to, all in all. */
export type Summary = { starts: number; kills: number; looks: Looks; /** In how many stories each rule was broken. */ found: Looks };

export const emptySummary = (): Summary => ({ starts: 0, kills: 0, looks: {}, found: {} });

/** Adds one story to the others. */
export function addTo(summary: Summary, { starts, kills, looks, faults }: Omit<Played, 'story' | 'seed'>): void {
  summary.starts += starts;
  summary.kills += kills;
  for (const rule of RULES) if (looks[rule] !== undefined) summary.looks[rule] = (summary.looks[rule] ?? 0) + looks[rule];
  for (const { rule } of faults) summary.found[rule] = (summary.found[rule] ?? 0) + 1;
}

/** A line for each promise: in how many stories it was broken, and how often it was looked at; then the rules that nothing was looked at for. */
export function linesOf({ looks, found }: Summary): string[] {
  const sum = (counts: Looks, rules: readonly Rule[]): number => rules.reduce((all, rule) => all + (counts[rule] ?? 0), 0);
  const lines = Object.entries(PROMISES).map(([promise, rules]) => `${String(sum(found, rules)).padStart(8)}  ${promise.padEnd(54)} ${grouped(sum(looks, rules)).padStart(12)}`);
  const unseen = RULES.filter((rule) => looks[rule] === undefined);
  return [`${'found'.padStart(8)}  ${''.padEnd(54)} ${'looked at'.padStart(12)}`, ...lines, ...(unseen.length === 0 ? [] : [`never looked at in these: ${unseen.join(', ')}`])];
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
