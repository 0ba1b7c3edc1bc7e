import type { Execution, ExecutionStatus } from '../../home/engine/executions.ts';

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

export function matchesFilter({ functionName, name, status, startMs }: Execution, filter: ExecutionFilter): boolean {
  return (
    (filter.functionName === undefined || filter.functionName === functionName) &&
    (filter.executionName === undefined || filter.executionName === name) &&
    (filter.statuses === undefined || filter.statuses.includes(status)) &&
    (filter.startedAfterMs === undefined || startMs > filter.startedAfterMs) &&
    (filter.startedBeforeMs === undefined || startMs < filter.startedBeforeMs)
  );
}
