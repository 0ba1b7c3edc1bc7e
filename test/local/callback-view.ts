import type { ExecutionView } from './execution-view.ts';

/** How a test sees a callback; `open` while somebody waits for its answer. */
export type CallbackView = { id: string; executionName: string; name?: string; open: boolean };

/** The callbacks of these executions. */
export function viewCallbacks(executions: readonly ExecutionView[]): CallbackView[] {
  return executions.flatMap(({ name: executionName, status, operations }) =>
    operations.flatMap(({ Name, ParentId, Status, CallbackDetails: details }): CallbackView[] => {
      const id = details?.CallbackId;
      if (id === undefined) return [];
      // waitForCallback gives its name to the context around the callback.
      const name = Name ?? operations.find(({ Id }) => Id === ParentId)?.Name;
      return [{ id, executionName, open: status === 'RUNNING' && Status === 'STARTED', ...(name !== undefined && { name }) }];
    }),
  );
}
