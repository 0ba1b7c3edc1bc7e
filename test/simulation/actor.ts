/** The off switch has two places, and either one on is on. */
export type SwitchPlace = 'parameter' | 'ledger';

/**
 * One who acts: an invocation of a function, a sender, a person. What is dead goes on inside this process, unheard: none of its
 * calls has an effect or gets an answer any more.
 */
export type Actor = {
  /** As the story names it: `live-1f3c9a-2#3`. */
  readonly name: string;
  /** The execution that it is an invocation of, '' for others. */
  readonly execution: string;
  /** What its request is known by: the execution's name without the number of its start; for others its own name. */
  request: string;
  readonly isMortal: boolean;
  isAlive: boolean;
  /** The executions that it asked for. */
  readonly started: string[];
  /** Told once, when it dies. */
  onDeath: (why: string) => void;
  /** The last reads that got an answer, by when they were sent (epoch ms): what a kill is judged by. */
  readonly lastRead: { job?: { sentAt: number }; switches: Map<SwitchPlace, { sentAt: number; isOn: boolean }> };
};

export function makeActor(name: string, fields: Partial<Actor> = {}): Actor {
  const execution = fields.execution ?? '';
  return { name, execution, request: requestOf(execution || name), isMortal: false, isAlive: true, onDeath: () => undefined, started: [], lastRead: { switches: new Map() }, ...fields };
}

/** A request's name: an execution's without the number of its start. */
export function requestOf(execution: string): string {
  return execution.replace(/-\d{1,4}$/, '');
}

/** Which start of its request an execution is, from 1. */
export function startOf(execution: string): number {
  return Number(/-(\d{1,4})$/.exec(execution)?.[1] ?? 1);
}

/** A name that fits into a line: `alerts-live-1f3c9a…-2` is `live-1f3c9a-2`. */
export function shortName(text: string): string {
  return text.replaceAll(/(?:alerts|slack|cleanup|api)-(live|dry)-([0-9a-f]{6})[0-9a-f]{26}/g, '$1-$2');
}
