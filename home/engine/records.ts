import type { ErrorObject } from '@aws/durable-execution-sdk-js';
import type { Store } from '../store/store.ts';
import { type EndStatus, type Execution, openExecutions } from './executions.ts';
import { openJournal } from './journal.ts';
import type { Operation } from './operations.ts';
import { notFound } from './service-error.ts';
import { type EngineClock, openTimers, type Timer } from './timers.ts';

/** What the engine has on record, and the few changes that touch more than one table. */
export type Records = ReturnType<typeof openRecords>;

/** The timer of an execution's whole life, and of the next try after an invocation that threw. */
export const LIFE = 'execution';
export const NEXT_TRY = 'invocation';

export type RecordOptions = {
  store: Store;
  clock: EngineClock;
  createId: () => string;
  /** The name of a function with its version, as it begins the name of its executions. */
  functionArn: (functionName: string) => string;
  /** What an execution did stands on when it is over; else it goes with its end. */
  keepsOperations: boolean;
  onTimer: (timer: Timer) => void;
  /** Within a write: an execution has ended. */
  onEnd: (execution: Execution) => void;
  onTrouble: (error: unknown) => void;
};

/** Opens the tables, made where they are missing. */
export function openRecords({ store, clock, createId, functionArn, keepsOperations, onTimer, onEnd, onTrouble }: RecordOptions) {
  const executions = openExecutions(store, createId);
  const journal = openJournal(store);
  const timers = openTimers(store, clock, onTimer, endUnreadable, onTrouble);
  const arnOf = ({ functionName, name, id }: Execution): string => `${functionArn(functionName)}/durable-execution/${name}/${id}`;

  /** Within a write. One that is over stays as it is. */
  function end(name: string, status: EndStatus, outcome: { result?: string | undefined; error?: ErrorObject | undefined }): void {
    const execution = executions.byName(name);
    if (execution?.status !== 'RUNNING') return;
    executions.finish(name, status, clock.now(), outcome, status === 'SUCCEEDED');
    timers.cancelAll(name);
    if (!keepsOperations) journal.drop(name);
    onEnd(executions.byName(name) ?? execution);
  }

  function endUnreadable(name: string, error: SyntaxError): void {
    end(name, 'FAILED', { error: { ErrorType: 'RecordUnreadable', ErrorMessage: `what is on record of it cannot be read: ${error.message}` } });
  }

  return {
    store, clock, executions, journal, timers, arnOf, functionArn,
    /** Throws ResourceNotFoundException for what is none of ours, and for an execution that began anew since. */
    find(arn: string | undefined): Execution {
      const [, name = '', id] = /\/durable-execution\/([^/]+)\/([^/]+)$/.exec(arn ?? '') ?? [];
      const execution = executions.byName(name);
      if (execution === undefined || execution.id !== id) throw notFound(`Durable execution ${arn}`);
      return execution;
    },
    end,
    /** Within a write: ends the execution whose record cannot be read, so that the others go on. */
    endUnreadable,
    /** Within a write: changes an operation, and lets the code know, which did not do it. */
    changeFromOutside(name: string, operation: Operation, change: Partial<Operation>): void {
      journal.put(name, { ...operation, ...change }, true);
      executions.queue(name, clock.now());
    },
  };
}
