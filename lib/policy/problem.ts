import { countTypos } from '../core/near-names.ts';

/** One mistake; `path` leads to it in policy.yml, as in `['alerts', 1, 'cluster']`. */
export type PolicyProblem = { path: Path; message: string };
export type Path = (string | number)[];

/** What a policy is checked against: whether there is a token to post with, and the alert sources that there are. */
export type Surroundings = { hasBotToken: boolean; sources: readonly string[] };

/** Whether what belongs at a path is there in a form that cannot be read: that is said already, and that it lacks is no second mistake. */
export type IsBroken = (path: Path) => boolean;

const MOST_TYPOS = 2;

/** `broken`: where the form is wrong, unknown keys too: one of those may be meant for the key that is looked for. */
export function brokenParts(broken: readonly (readonly PropertyKey[])[]): IsBroken {
  return (path) => broken.some((part) => part.every((step, at) => isNear(step, path[at])));
}

function isNear(step: PropertyKey, wanted: string | number | undefined): boolean {
  return step === wanted || (typeof step === 'string' && typeof wanted === 'string' && countTypos(step, wanted) <= MOST_TYPOS);
}
