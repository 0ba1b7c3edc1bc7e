import type { Execution } from './executions.ts';
import type { Records } from './records.ts';

/** Who is told of an execution that ended FAILED, TIMED_OUT or STOPPED; it is told again until this resolves. */
export type OnBadEnd = (end: { arn: string; name: string; status: 'FAILED' | 'TIMED_OUT' | 'STOPPED' }) => Promise<void>;

export type BadEnds = { tell(execution: Execution): void; tellAll(): void; close(): void };

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/** Tells of bad ends, as EventBridge does on AWS: each until it is taken, after a new start of the process too. */
export function createBadEnds({ store, executions, arnOf }: Records, onBadEnd: OnBadEnd, onTrouble: (error: unknown) => void): BadEnds {
  const waiting = new Map<string, NodeJS.Timeout | undefined>();
  let isClosed = false;

  async function tryToTell(execution: Execution, pauseMs: number): Promise<void> {
    const { name, status } = execution;
    if (isClosed || status === 'RUNNING' || status === 'SUCCEEDED') return;
    try {
      await onBadEnd({ arn: arnOf(execution), name, status });
      await store.write(() => executions.markTold(name));
      waiting.delete(name);
    } catch (error) {
      if (isClosed) return;
      onTrouble(error);
      waiting.set(name, setTimeout(() => void tryToTell(execution, Math.min(LONGEST_PAUSE_MS, pauseMs * 2)), pauseMs));
    }
  }

  function tell(execution: Execution): void {
    if (waiting.has(execution.name)) return;
    waiting.set(execution.name, undefined);
    void tryToTell(execution, FIRST_PAUSE_MS);
  }

  return {
    tell,
    tellAll: () => executions.untold().forEach(tell),
    close() {
      isClosed = true;
      for (const timer of waiting.values()) clearTimeout(timer);
    },
  };
}
