import type { Selector } from './selector.ts';
import { formatDuration } from './time.ts';

/** A selector as policy.yml has it: `user: svc-*, olderThan: 6 h`. */
export function describeSelector({ olderThanMs, pendingLongerThanMs, ...globs }: Selector): string {
  const age = (ageMs: number | undefined): string | undefined => (ageMs === undefined ? undefined : formatDuration(ageMs));
  const fields = { ...globs, olderThan: age(olderThanMs), pendingLongerThan: age(pendingLongerThanMs) };
  return Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`])).join(', ');
}
