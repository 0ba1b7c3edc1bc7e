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
};

/** The texts that have a value. What is empty is left out: a label that is not there never fits a rule, not even `*`. */
export function given(values: Record<string, unknown>, isGiven = (text: string): boolean => text !== ''): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isGiven(entry[1])));
}

/** Labels out of pairs. A name that stands there with two different values gets none: nobody can say which is meant. */
export function soleValues(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) values.set(name, (values.get(name) ?? new Set()).add(value));
  return Object.fromEntries([...values].flatMap(([name, [value, ...others]]) => (value === undefined || others.length > 0 ? [] : [[name, value]])));
}
