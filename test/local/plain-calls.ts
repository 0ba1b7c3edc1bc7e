import type { Activity } from './activity.ts';
import { functionArn } from './function-name.ts';
import type { PlainFunction } from './functions.ts';
import { invocationContext } from '../../home/engine/invocation-event.ts';

/** What a function answered, as JSON text, or what it threw. */
export type PlainAnswer = { kind: 'answered'; payload: string } | { kind: 'threw'; error: unknown };

/** Calls of ordinary functions, by any form of their name and with a JSON payload. */
export type PlainCalls = {
  /** Returns at once; a throw goes to `onFunctionFailure` and is not repeated. */
  callLater: (functionName: string, payload: string) => void;
  call: (functionName: string, payload: string) => Promise<PlainAnswer>;
};

type Parts = {
  activity: Activity;
  functionOf: (name: string) => PlainFunction;
  onFunctionFailure: (failure: { functionName: string; error: unknown }) => void;
};

/** Makes the calls out of their parts. */
export function createPlainCalls({ activity, functionOf, onFunctionFailure }: Parts): PlainCalls {
  let count = 0;

  async function run({ handler }: PlainFunction, functionName: string, payload: string): Promise<PlainAnswer> {
    count += 1;
    const worker = {};
    activity.begin(worker);
    try {
      const context = invocationContext(functionName, functionArn(functionName), `${functionName}/${count}`);
      const answer = await handler(JSON.parse(payload) as never, context as never);
      return { kind: 'answered', payload: JSON.stringify(answer) ?? 'null' };
    } catch (error) {
      return { kind: 'threw', error };
    } finally {
      activity.end(worker);
    }
  }

  return {
    callLater(functionName, payload) {
      const registered = functionOf(functionName);
      void run(registered, functionName, payload).then((answer) => {
        if (answer.kind === 'threw') onFunctionFailure({ functionName, error: answer.error });
      });
    },
    call: async (functionName, payload) => run(functionOf(functionName), functionName, payload),
  };
}
