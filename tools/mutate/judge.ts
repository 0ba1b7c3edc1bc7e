import { readFileSync } from 'node:fs';
import { matchesGlob, relative } from 'node:path';
import { EXEMPT, type Exempt } from './exempt.ts';

/** What Stryker says of a mutant, as far as it is read here; lines and columns count from 1. https://stryker-mutator.io/docs/mutation-testing-elements/mutant-states-and-metrics/ */
export type Mutant = {
  id: string;
  status: string;
  fileName: string;
  mutatorName: string;
  replacement: string;
  location: { start: Place; end: Place };
};
type Place = { line: number; column: number };

/** `percent`: what was noticed of what is not exempt. */
export type Judged = { noticed: number; alive: number; exempt: number; percent: number };

/** Counts what became of the mutants of a room; what could not be run at all counts as nothing. `root`: the project's folder. */
export function judge(mutants: readonly Mutant[], root: string): Judged {
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const unnoticed = mutants.filter(isAlive);
  const exempt = unnoticed.filter((mutant) => findExempt(mutant, root) !== undefined).length;
  const alive = unnoticed.length - exempt;
  return { noticed, alive, exempt, percent: (100 * noticed) / Math.max(1, noticed + alive) };
}

/** A line that says where a mutant is that nobody noticed; undefined for one that was, or is exempt. */
export function aliveText(mutant: Mutant, root: string): string | undefined {
  if (!isAlive(mutant) || findExempt(mutant, root) !== undefined) return undefined;
  const { line, column } = mutant.location.start;
  return `${relative(root, mutant.fileName)}:${line}:${column} ${mutant.status === 'NoCoverage' ? 'no test comes here' : 'survived'}: ${textOf(mutant)} => ${oneLine(mutant.replacement)}`;
}

function isAlive({ status }: Mutant): boolean {
  return status === 'Survived' || status === 'NoCoverage';
}

function findExempt(mutant: Mutant, root: string): Exempt | undefined {
  const file = relative(root, mutant.fileName);
  const was = textOf(mutant);
  const [line = ''] = linesOf(mutant);
  return EXEMPT.find((entry) => matchesGlob(file, entry.file) && entry.was === was && (entry.now === undefined || entry.now === oneLine(mutant.replacement)) && line.includes(entry.on ?? ''));
}

/** The lines that it stands in, whole. */
function linesOf({ fileName, location: { start, end } }: Mutant): string[] {
  return readFileSync(fileName, 'utf8').split('\n').slice(start.line - 1, end.line);
}

function textOf(mutant: Mutant): string {
  const { start, end } = mutant.location;
  const lines = linesOf(mutant);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return oneLine(lines.join('\n'));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
