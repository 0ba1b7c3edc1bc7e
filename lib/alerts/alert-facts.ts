import type { AlertFacts } from '../core/request.ts';
import { type Alert, findLink } from './alert.ts';

const NAMES = ['alertname', 'alarm_name', 'title'];
const SEVERITIES = ['severity', 'priority', 'level', 'urgency'];
/** What to do about it comes before where to look at it. */
const RUNBOOKS = ['runbook_url', 'runbook', 'runbook_link'];
const PAGES = ['link', 'url', 'dashboard_url', 'dashboard'];

/** What people are told of an alert: its name, how bad it is and a page about it, in its sender's words and cut to what a card shows. */
export function factsOf(alert: Alert): AlertFacts {
  const texts = (names: readonly string[]): string[] =>
    names.flatMap((name) => [alert.labels, alert.annotations].flatMap((record) => (Object.hasOwn(record, name) ? [record[name] ?? ''] : [])));
  const [severity] = texts(SEVERITIES);
  const link = findLink([...texts(RUNBOOKS), alert.link, ...texts(PAGES)]);
  return { name: nameOf(alert), ...(severity !== undefined && { severity: shorten(severity, 100) }), ...(link !== undefined && { link }) };
}

/** What people know an alert by: each sender has its own label for it. */
export function nameOf({ id, labels }: Alert): string {
  const name = NAMES.map((label) => labels[label]).find((value) => value !== undefined);
  return shorten(name ?? id, 200);
}

/** These travel on in the start payload, the record and the messages, all of which have limits of their own. */
export function shorten(text: string, mostLetters: number): string {
  const letters = Array.from(text);
  return letters.length > mostLetters ? `${letters.slice(0, mostLetters).join('')}…` : text;
}
