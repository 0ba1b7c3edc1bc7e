import type { Selector } from '../../lib/core/selector.ts';

/** What is written as in a regular expression. A dot before a star stands in names of queues and users too, and in none of a job. */
const REGEXP = /^\^|\$$|^\/.+\/$|\\|\|/;
const REGEXP_OF_JOB = /\.[*+]/;

/** What is odd in the globs of a selector, that fits other jobs than it looks like, in words; undefined where nothing is. */
export function oddGlobIn({ name, user, queue }: Selector): string | undefined {
  for (const [field, glob] of Object.entries({ name, user, queue })) {
    if (glob === undefined) continue;
    if (glob !== glob.trim()) return `${field} has a blank at its ${glob === glob.trimStart() ? 'end' : 'beginning'}, which a name would have to have too; leave it out`;
    if (REGEXP.test(glob) || (field === 'name' && REGEXP_OF_JOB.test(glob))) return `${field} ${glob} looks like a regular expression: a glob knows * and ? alone, and takes all else as it stands`;
  }
  return undefined;
}
