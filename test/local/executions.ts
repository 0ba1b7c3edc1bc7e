import type { ErrorObject, Event, ExecutionStatus } from '@aws-sdk/client-lambda';
import { functionArn } from './function-name.ts';
import type { Operations } from './operations.ts';
import { alreadyStarted, invalidParameter } from './service-error.ts';

/** One execution as the backend keeps it. */
export type Execution = {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly functionName: string;
  readonly functionArn: string;
  /** The start payload, JSON text. */
  readonly input: string;
  /** Epoch ms. */
  readonly startMs: number;
  endMs?: number;
  status: ExecutionStatus;
  /** JSON text. */
  result?: string | undefined;
  error?: ErrorObject | undefined;
  readonly operations: Operations;
  readonly history: Event[];
  /** Operations changed from outside that the code was not told about yet. */
  readonly undelivered: Set<string>;
  /** How many invocations and checkpoint calls there were. */
  invocations: number;
  checkpointCalls: number;
};

/** Which executions to list; what is left out does not filter. Times are epoch ms, exclusive. */
export type ExecutionFilter = {
  functionName?: string;
  executionName?: string;
  statuses?: readonly ExecutionStatus[];
  startedAfterMs?: number;
  startedBeforeMs?: number;
  /** Default: newest first. */
  oldestFirst?: boolean;
};

/** All executions, those that are over too: a name is never free again (the service frees it after the retention period). */
export type ExecutionTable = {
  /** Throws DurableExecutionAlreadyStartedException, or InvalidParameterValueException for a bad name. */
  begin(functionName: string, name: string | undefined, input: string, nowMs: number): { execution: Execution; started: boolean };
  byArn(arn: string): Execution | undefined;
  byName(name: string): Execution | undefined;
  list(filter: ExecutionFilter): Execution[];
};

/** Makes an empty table. Names are unique over all functions, the wider of the two readings of the documentation. */
export function createExecutionTable(): ExecutionTable {
  const executions = new Map<string, Execution>();
  const byArn = new Map<string, Execution>();

  return {
    begin(functionName, wantedName, input, nowMs) {
      if (wantedName !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(wantedName)) {
        throw invalidParameter('DurableExecutionName must be 1 to 64 of a-z, A-Z, 0-9, - and _');
      }
      const taken = wantedName === undefined ? undefined : executions.get(wantedName);
      if (taken !== undefined) {
        if (taken.functionName !== functionName || taken.input !== input) throw alreadyStarted(taken.name);
        return { execution: taken, started: false };
      }
      const id = uuidOf(executions.size + 1);
      const execution = beginExecution({ id, name: wantedName ?? id, functionName, input, nowMs });
      executions.set(execution.name, execution);
      byArn.set(execution.arn, execution);
      return { execution, started: true };
    },
    byArn: (arn) => byArn.get(arn),
    byName: (name) => executions.get(name),
    list(filter) {
      const oldestFirst = [...executions.values()].filter((execution) => matchesFilter(execution, filter));
      return filter.oldestFirst === true ? oldestFirst : oldestFirst.toReversed();
    },
  };
}

function matchesFilter({ functionName, name, status, startMs }: Execution, filter: ExecutionFilter): boolean {
  return (
    (filter.functionName === undefined || filter.functionName === functionName) &&
    (filter.executionName === undefined || filter.executionName === name) &&
    (filter.statuses === undefined || filter.statuses.includes(status)) &&
    (filter.startedAfterMs === undefined || startMs > filter.startedAfterMs) &&
    (filter.startedBeforeMs === undefined || startMs < filter.startedBeforeMs)
  );
}

type Beginning = { id: string; name: string; functionName: string; input: string; nowMs: number };

function beginExecution({ id, name, functionName, input, nowMs }: Beginning): Execution {
  const ownArn = functionArn(functionName);
  return {
    arn: `${ownArn}/durable-execution/${name}/${id}`,
    id,
    name,
    functionName,
    functionArn: ownArn,
    input,
    startMs: nowMs,
    status: 'RUNNING',
    operations: new Map([
      [
        id,
        { Id: id, Name: name, Type: 'EXECUTION', Status: 'STARTED', StartTimestamp: new Date(nowMs), ExecutionDetails: { InputPayload: input } },
      ],
    ]),
    history: [],
    undelivered: new Set(),
    invocations: 0,
    checkpointCalls: 0,
  };
}

/** Counted instead of random, so that a failed run can be played again. */
function uuidOf(count: number): string {
  return `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`;
}
