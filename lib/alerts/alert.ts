import { sha256 } from '../core/sha256.ts';

const LONGEST_LINK = 2_000;

export type AlertStatus = 'firing' | 'resolved' | 'no-data' | 'test';

/** One alert, whatever sent it. Decided one by one: a group's own status says nothing of its members. */
export type Alert = {
  /** What the answer calls it: the sender's fingerprint or id. */
  id: string;
  /** What makes this delivery of it unique; a repeat has the same. */
  deliveryKey: string;
  /** What its firing and its resolved have in common; undefined where the sender has nothing of the kind. */
  occurrence?: string | undefined;
  /** By the sender's own state field, never by words in a text. `test`: the sender tries whether we can be reached. */
  status: AlertStatus;
  /** Names the field where this alert cannot be read: what was read of it says nothing then. */
  unreadable?: string | undefined;
  /** Epoch ms; undefined where the sender does not say. */
  startsAt?: number | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** A page of the sender's own about it. */
  link?: string | undefined;
};

/** Stands for the fingerprint where the sender gives none: its labels are what makes an alert that alert. */
export function fingerprintOf(labels: Record<string, string>): string {
  return hashOf(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** An alert that cannot be read, `problems` naming each field: it is known again by its content. */
export function unreadableAlert(id: string, content: unknown, problems: string): Alert {
  return { id, deliveryKey: `unreadable ${hashOf(content)}`, status: 'firing', unreadable: problems, labels: {}, annotations: {} };
}

/** Tells two values apart; those that are nested deeper than the stack are all one. */
function hashOf(value: unknown): string {
  return sha256(toJson(value)).slice(0, 16);
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}

/** The first that is an https link, not longer than any browser takes. */
export function findLink(candidates: readonly unknown[]): string | undefined {
  return candidates.find((link): link is string => typeof link === 'string' && link.length <= LONGEST_LINK && URL.parse(link)?.protocol === 'https:');
}

/** Labels out of pairs. A name that stands there with two different values gets none: nobody can say which is meant. */
export function soleValues(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) values.set(name, (values.get(name) ?? new Set()).add(value));
  return Object.fromEntries([...values].flatMap(([name, [value, ...others]]) => (value === undefined || others.length > 0 ? [] : [[name, value]])));
}
