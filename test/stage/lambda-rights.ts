import { createRequire } from 'node:module';
import type { CallLambda } from '../../functions/aws/lambda-call.ts';

/** Of each function the functions that it calls, and by which actions: the table behind the roles. */
export const LAMBDA_RIGHTS = createRequire(import.meta.url)('../../serverless/lambda-rights.cjs') as Record<string, Record<string, string[]>>;

/** What a call of Lambda's API is judged by: the action, and the name of the function where the path has it. */
function actionOf(method: string, path: string): { action: string; on?: string } {
  const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path)?.[1];
  if (invoked !== undefined) return { action: 'InvokeFunction', on: decodeURIComponent(invoked).replace(/^arn:.*:function:/, '').replace(/:.*$/, '').replace(/^.*-/, '') };
  if (method === 'POST' && /^\/2025-12-01\/durable-execution-callbacks\/[^/]+\/succeed$/.test(path)) return { action: 'SendDurableExecutionCallbackSuccess' };
  const read = /^\/2025-12-01\/durable-executions\/([^/?]+)\?/.exec(path)?.[1];
  if (method === 'GET' && read !== undefined) return { action: 'GetDurableExecution', on: /-(\w+):/.exec(decodeURIComponent(read).replace(/^.*:function:/, ''))?.[1] ?? '' };
  throw new RangeError(`no role knows ${method} ${path}`);
}

/** Whether the role of a function lets it make this call; where the path does not say of which function, whether of any. */
export function isGrantedByLambda(functionName: string, { method, path }: { method: string; path: string }): boolean {
  const rights = LAMBDA_RIGHTS[functionName];
  if (rights === undefined) throw new RangeError(`there is no function ${functionName}`);
  const { action, on } = actionOf(method, path);
  return Object.entries(rights).some(([called, actions]) => (on === undefined || called === on) && actions.includes(action));
}

/** `call` with each call held against the role of the function that makes it; `forbid` throws, and remembers. */
export function holdToLambdaRights(call: CallLambda, caller: () => string | undefined, forbid: (what: string) => never): CallLambda {
  return (what, sent) => {
    const by = caller();
    if (by !== undefined && !isGrantedByLambda(by, sent)) forbid(`the role of ${by} does not let it ${sent.method} ${sent.path}: see serverless/lambda-rights.cjs`);
    return call(what, sent);
  };
}
