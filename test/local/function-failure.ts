/** A function that threw: a plain one called asynchronously, or an invocation of a durable one (it is repeated). */
export type FunctionFailure = { functionName: string; executionName?: string; error: unknown };

export function printFailure({ functionName, executionName, error }: FunctionFailure): void {
  console.error(`${functionName}${executionName === undefined ? '' : ` (${executionName})`} threw:`, error);
}
