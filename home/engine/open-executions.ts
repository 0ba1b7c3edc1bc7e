import type { Execution } from './executions.ts';
import type { Operation } from './operations.ts';
import { LIFE, type Records } from './records.ts';

/** An open execution for people. Times are epoch ms. */
export type OpenExecution = {
  name: string;
  functionName: string;
  version: string;
  startMs: number;
  /** What it was started with, JSON text. */
  input: string;
  phase: 'queued' | 'running' | 'waiting';
  /** The operation that it is at, and when it goes on by itself. */
  at?: string;
  nextMs?: number;
};

/** What is open, oldest first. */
export function describeOpen({ executions, journal, timers }: Records): OpenExecution[] {
  const describe = (phase: OpenExecution['phase']) => ({ name, functionName, version, startMs, input }: Execution): OpenExecution => {
    const at = journal.all(name).filter(isOpen).at(-1);
    const next = timers.nextOf(name, LIFE);
    return { name, functionName, version, startMs, input, phase, ...(at?.Name !== undefined && { at: at.Name }), ...(next && { nextMs: next.atMs }) };
  };
  const phases = ['queued', 'running', 'waiting'] as const;
  return phases.flatMap((phase) => executions.inPhase(phase).map(describe(phase))).toSorted((one, other) => one.startMs - other.startMs);
}

function isOpen({ Status: status, Name: name }: Operation): boolean {
  return name !== undefined && (status === 'STARTED' || status === 'PENDING' || status === 'READY');
}
