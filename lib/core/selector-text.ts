import type { Selector } from './selector.ts';
import { formatDuration } from './time.ts';

/** A selector as policy.yml has it: `user: svc-*, olderThan: 6 h`. */
export function describeSelector({ olderThanMs, pendingLongerThanMs, ...globs }: Selector): string {
  const ages = { olderThan: olderThanMs, pendingLongerThan: pendingLongerThanMs };
  return [
    ...Object.entries(globs).map(([key, value]) => [key, value] as const),
    ...Object.entries(ages).map(([key, ageMs]) => [key, ageMs === undefined ? undefined : formatDuration(ageMs)] as const),
  ]
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ');
}
