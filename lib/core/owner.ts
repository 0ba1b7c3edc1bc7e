import { matchesGlob } from './glob.ts';

/** Whose jobs those of an MRS user are: the Slack id of a person or channel, by the first glob that fits; undefined where there is none. */
export function findOwner(people: Readonly<Record<string, string>> | undefined, user: string): string | undefined {
  if (user === '') return undefined;
  return Object.entries(people ?? {}).find(([pattern]) => matchesGlob(pattern, user))?.[1];
}
