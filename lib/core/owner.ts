import { matchesGlob } from './glob.ts';

/**
 * Who is told before a job of this MRS user is killed: the Slack id of a person or channel, by the first glob of `people`
 * (`slack.people` of policy.yml) that fits. Undefined where none does, and where MRS did not give the user.
 */
export function findOwner(people: Readonly<Record<string, string>> | undefined, user: string): string | undefined {
  if (people === undefined || user === '') return undefined;
  return Object.entries(people).find(([glob]) => matchesGlob(glob, user))?.[1];
}
