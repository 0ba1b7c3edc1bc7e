import { readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import { EXEMPT, type Exempt } from './exempt.ts';

/** What Stryker says of a mutant, as far as it is read here; lines and columns count from 1. https://stryker-mutator.io/docs/mutation-testing-elements/mutant-states-and-metrics/ */
export type Mutant = {
  status: string;
  fileName: string;
  mutatorName: string;
  replacement: string;
  location: { start: Place; end: Place };
};
type Place = { line: number; column: number };

/** `alive` and `exempt` have a line for each mutant. `percent`: what was noticed of what is not exempt. */
export type Judged = { noticed: number; alive: string[]; exempt: Exempt[]; percent: number };

/** Counts what became of the mutants of a room; what could not be run at all counts as nothing. `nameOf` gives a file's path from the root. */
export function judge(mutants: readonly Mutant[], nameOf: (file: string) => string): Judged {
  const noticed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const alive: string[] = [];
  const exempt: Exempt[] = [];
  for (const mutant of mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')) {
    const file = nameOf(mutant.fileName);
    const was = textOf(mutant);
    const reason = EXEMPT.find((entry) => matchesGlob(file, entry.file) && entry.was === was && (entry.now ?? mutant.replacement) === mutant.replacement);
    if (reason !== undefined) exempt.push(reason);
    else alive.push(`${file}:${mutant.location.start.line}:${mutant.location.start.column} ${mutant.status === 'NoCoverage' ? 'no test comes here' : 'survived'}: ${was} => ${oneLine(mutant.replacement)}`);
  }
  return { noticed, alive, exempt, percent: (100 * noticed) / Math.max(1, noticed + alive.length) };
}

function textOf({ fileName, location: { start, end } }: Mutant): string {
  const lines = readFileSync(fileName, 'utf8').split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return oneLine(lines.join('\n'));
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
