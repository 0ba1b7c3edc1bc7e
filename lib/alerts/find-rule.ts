import { matchesGlob } from '../core/glob.ts';
import type { AlertRule } from '../policy/policy.ts';
import type { Alert } from './alert.ts';

/** The first rule whose source and label globs all fit; labels are read before annotations, and a missing one never fits. */
export function findRule(rules: readonly AlertRule[], source: string, { labels, annotations }: Alert): AlertRule | undefined {
  return rules.find(
    (rule) =>
      (rule.source === undefined || rule.source === source) &&
      Object.keys(rule.match).length > 0 &&
      Object.entries(rule.match).every(([name, glob]) => {
        const value = Object.hasOwn(labels, name) ? labels[name] : Object.hasOwn(annotations, name) ? annotations[name] : undefined;
        return value !== undefined && matchesGlob(glob, value);
      }),
  );
}
