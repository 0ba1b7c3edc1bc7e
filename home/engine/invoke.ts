import { runInvocation } from './invocation.ts';
import { invocationContext, type InvocationEvent } from './invocation-event.ts';
import type { Answer, Outcome } from './outcomes.ts';
import type { Running } from './running.ts';

/** A durable function: its handler, made by `withDurableExecution`, and how long one invocation may take (any time, where it is left out). */
export type DurableFunction = { handler: (event: never, context: never) => Promise<unknown>; lifeSec: number; timeoutSec?: number | undefined };

type Functions = { functionOf: (functionName: string) => DurableFunction; functionArn: (functionName: string) => string };

/** Has the code run once, for as long as its function has; what it came to. It may go on after that time: then it is only revoked. Never rejects. */
export async function invoke({ functionOf, functionArn }: Functions, invocation: Running, event: InvocationEvent): Promise<Outcome> {
  const { functionName, id, invocations } = invocation.execution;
  let limit: NodeJS.Timeout | undefined;
  try {
    const { handler, timeoutSec } = functionOf(functionName);
    if (timeoutSec !== undefined) limit = setTimeout(invocation.revoke, timeoutSec * 1_000);
    const context = invocationContext(functionName, functionArn(functionName), `${id}/${invocations}`);
    return { kind: 'answered', answer: (await runInvocation(invocation, () => handler(event as never, context as never))) as Answer };
  } catch (error) {
    return { kind: 'threw', error };
  } finally {
    clearTimeout(limit);
  }
}
