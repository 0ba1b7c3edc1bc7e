import type { ErrorObject } from '@aws/durable-execution-sdk-js';
import type { Execution } from './executions.ts';
import { NEXT_TRY, type Records } from './records.ts';

/** What a handler of the SDK answers. */
export type Answer = { Status?: string; Result?: string; Error?: ErrorObject } | undefined;
export type Outcome = { kind: 'answered'; answer: Answer } | { kind: 'threw'; error: unknown };

const LONGEST_PAUSE_MS = 60_000;

/** Puts on record what invocations came to; all within a write. */
export function createOutcomes(records: Records) {
  const { clock, executions, journal, timers } = records;

  function take({ name, calls, signal }: { name: string; calls: number; signal: AbortSignal }, outcome: Outcome): void {
    const execution = executions.byName(name);
    if (execution?.status !== 'RUNNING') return;
    // What is revoked is not heard any more, whatever it answers: it is done again.
    if (outcome.kind === 'threw' || signal.aborted) return repeatLater(execution);
    const { answer } = outcome;
    switch (answer?.Status) {
      case 'SUCCEEDED':
        // A result too large for the answer came by a checkpoint before.
        return records.end(name, 'SUCCEEDED', { result: answer.Result === '' ? execution.result : answer.Result });
      case 'FAILED':
        return records.end(name, 'FAILED', { error: answer.Error });
      case 'PENDING':
        return suspend(name, calls);
      default:
        return records.end(name, 'FAILED', { error: { ErrorType: 'InvalidOutput', ErrorMessage: `the function answered ${JSON.stringify(answer)}` } });
    }
  }

  function leave(name: string): void {
    executions.markSettled(name, 0);
    executions.queue(name, clock.now());
  }

  /** As Lambda: with growing pauses, for as long as the execution lives. */
  function repeatLater({ name, throws }: Execution): void {
    executions.markSettled(name, throws + 1);
    timers.set(name, NEXT_TRY, 'progress', clock.now() + Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** throws));
  }

  function suspend(name: string, calls: number): void {
    executions.markSettled(name, 0);
    const operations = journal.all(name);
    // A step may be ready without any timer (delay 0). Only after a checkpoint: else the code left it, and would be asked forever.
    const isReady = calls > 0 && operations.some(({ Status: status }) => status === 'READY');
    if (isReady || journal.news(name).length > 0) return executions.queue(name, clock.now());
    const waitsForCallback = operations.some(({ Type: type, Status: status }) => type === 'CALLBACK' && status === 'STARTED');
    if (waitsForCallback || timers.hasProgress(name)) return;
    records.end(name, 'FAILED', { error: { ErrorType: 'InvalidOutput', ErrorMessage: 'the function answered PENDING, but nothing is pending' } });
  }

  return {
    /** What an invocation came to that made so many checkpoint `calls`: its end, a wait, or another try. */
    take,
    /** Left for the next start, which goes on with it as with one that waited. */
    leave,
  };
}
