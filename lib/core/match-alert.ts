import { matchesGlob } from './glob.ts';
import type { SeenAlert } from './request.ts';

/** What a rule of alerts looks at. */
export type AlertMatch = { source?: string | undefined; match: Readonly<Record<string, string>> };

/** The first rule whose source and label globs all fit; labels are read before annotations, and a missing one never fits. */
export function findAlertRule<Rule extends AlertMatch>(rules: readonly Rule[], alert: SeenAlert): Rule | undefined {
  return rules.find((rule) => Object.keys(rule.match).length > 0 && (rule.source === undefined || rule.source === alert.source) && fitsLabels(rule, alert, () => false));
}

/** Whether all globs fit; `isOpen`: what may be otherwise or missing under a name is passed over. */
export function fitsLabels({ match }: AlertMatch, { labels, annotations }: Omit<SeenAlert, 'source'>, isOpen: (name: string, value: string | undefined) => boolean): boolean {
  return Object.entries(match).every(([name, glob]) => {
    const value = own(labels, name) ?? own(annotations, name);
    return isOpen(name, value) || (value !== undefined && matchesGlob(glob, value));
  });
}

function own(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
