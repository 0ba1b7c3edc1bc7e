import type { DurableExecutionInvocationInputWithClient } from '@aws/durable-execution-sdk-js';
import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { alreadyStarted, callbackOver, notFound } from '../../home/engine/service-error.ts';
import type { VirtualClock } from '../local/clock.ts';
import type { DurableBackend, DurableBackendOptions } from '../local/durable-backend.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { functionArn, parseFunctionName } from '../local/function-name.ts';
import type { Handler } from '../local/functions.ts';
import { type Answer, type AwsCallback, invoke, type Run } from './aws-invocation.ts';
import { createPace } from './pace.ts';

/**
 * AWS's own test runtime for durable functions (`setupTestEnvironment` has to have been called), behind a front that has what it
 * lacks: names and their 409, one runner for each execution, a late answer that is refused. Stop, the life of an execution, history
 * and quotas it does not have. https://www.npmjs.com/package/@aws/durable-execution-sdk-js-testing
 */
export function createAwsRuntime({ clock, crash, onFunctionFailure = () => undefined }: DurableBackendOptions): DurableBackend {
  const pace = createPace(clock as VirtualClock);
  const functions = new Map<string, { kind: 'durable' | 'plain'; handler: Handler }>();
  const runs = new Map<string, Run>();
  const waiting = new Map<string, (view: ExecutionView) => void>();

  function functionOf(functionName: string): { kind: 'durable' | 'plain'; handler: Handler } {
    const found = functions.get(parseFunctionName(functionName).name);
    if (found === undefined) throw notFound(`Function ${functionName}`);
    return found;
  }

  function begin(ofFunction: string, name: string, input: string): Run {
    const arn = functionArn(ofFunction);
    const view: ExecutionView = { arn: `${arn}/durable-execution/${name}/${runs.size + 1}`, name, functionName: ofFunction, functionArn: arn, status: 'RUNNING', startMs: clock.now(), input, operations: [], invocations: 0, checkpointCalls: 0 };
    const run: Run = { view, id: '', due: new Map(), callbacks: new Map() };
    runs.set(name, run);
    pace.begin(run);
    const handlerFunction = async (event: DurableExecutionInvocationInputWithClient): Promise<Answer> => {
      pace.begin(run);
      run.id = event.DurableExecutionArn;
      const answer = await invoke({ now: clock.now, pace, crash, expire }, run, functionOf(ofFunction).handler, event);
      if (answer.Status !== 'PENDING') end(run, answer);
      else if (run.due.size === 0 && [...run.callbacks.values()].every(({ isOpen, isSeen }) => isOpen || isSeen)) pace.end(run);
      return answer;
    };
    new LocalDurableTestRunner({ handlerFunction: handlerFunction as never }).run({ payload: JSON.parse(input) as unknown }).catch((error: unknown) => {
      onFunctionFailure({ functionName: ofFunction, executionName: name, error });
      end(run, { Status: 'FAILED', Error: { ErrorMessage: String(error) } });
    });
    return run;
  }

  function end(run: Run, { Status: status, Result: result, Error: error }: Answer): void {
    const { view, callbacks } = run;
    if (view.status !== 'RUNNING') return;
    for (const { cancel } of callbacks.values()) cancel();
    Object.assign(view, { status, endMs: clock.now(), ...(result !== undefined && { result }), ...(error && { error }) });
    waiting.get(view.name)?.(view);
    pace.end(run);
  }

  function answer(id: string): void {
    for (const run of runs.values()) {
      const callback = [...run.callbacks.values()].find((one) => one.id === id);
      if (callback?.isOpen && run.view.status === 'RUNNING') return close(run, callback);
    }
    throw callbackOver();
  }

  function close(run: Run, callback: AwsCallback): void {
    callback.cancel();
    callback.isOpen = false;
    pace.begin(run);
  }

  function expire(run: Run, callback: AwsCallback): void {
    close(run, callback);
    const CallbackDetails = { CallbackId: callback.id, Error: { ErrorMessage: 'Callback timed out' } };
    void LocalDurableTestRunner['createCheckpointApiClient']().updateCheckpointData({ executionId: run.id as never, operationId: callback.operationId, operationData: { Status: 'TIMED_OUT', CallbackDetails } });
  }

  const call: DurableBackend['call'] = async (functionName, payload) => {
    const worker = {};
    pace.begin(worker);
    try {
      return { kind: 'answered', payload: JSON.stringify(await functionOf(functionName).handler(JSON.parse(payload) as never, {} as never)) ?? 'null' };
    } catch (error) {
      return { kind: 'threw', error };
    } finally {
      pace.end(worker);
    }
  };

  return {
    register: (name, handler) => void functions.set(name, { kind: 'durable', handler }),
    registerPlain: (name, handler) => void functions.set(name, { kind: 'plain', handler }),
    kindOf: (functionName) => ({ kind: functionOf(functionName).kind, ...parseFunctionName(functionName) }),
    call,
    callLater: (functionName, payload) =>
      void call(functionName, payload).then((answered) => {
        if (answered.kind === 'threw') onFunctionFailure({ functionName, error: answered.error });
      }),
    start(functionName, executionName = `unnamed-${runs.size + 1}`, payload) {
      const known = runs.get(executionName);
      if (known && known.view.input !== payload) throw alreadyStarted(executionName);
      return { arn: (known ?? begin(parseFunctionName(functionName).name, executionName, payload)).view.arn, started: known === undefined };
    },
    get: (arn) => [...runs.values()].find(({ view }) => view.arn === arn)?.view,
    list({ oldestFirst = false }) {
      const views = [...runs.values()].map(({ view }) => view);
      return oldestFirst ? views : views.toReversed();
    },
    succeedCallback(id, result) {
      answer(id);
      void LocalDurableTestRunner['createDurableApi']().sendCallbackSuccess({ CallbackId: id, ...(result !== undefined && { Result: Buffer.from(result) }) });
    },
    failCallback(id, error) {
      answer(id);
      void LocalDurableTestRunner['createDurableApi']().sendCallbackFailure({ CallbackId: id, Error: error });
    },
    callbacks: () => [...runs.values()].flatMap(({ view, callbacks }) => [...callbacks.values()].map(({ id, name, isOpen }) => ({ id, executionName: view.name, name, open: isOpen && view.status === 'RUNNING' }))),
    settled(name) {
      const view = runs.get(name)?.view;
      return view && view.status !== 'RUNNING' ? Promise.resolve(view) : new Promise((resolve) => waiting.set(name, resolve));
    },
    idle: pace.idle,
    close: () => undefined,
    stop: lacking, heartbeat: lacking, crashNow: lacking, upgrade: lacking, restart: lacking, engine: lacking, during: lacking, checkpoint: lacking, state: lacking,
  };
}

function lacking(): never {
  throw new Error("AWS's test runtime cannot do that");
}
