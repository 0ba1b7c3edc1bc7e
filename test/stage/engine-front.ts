import type { DurableEngine } from '../../home/engine/engine.ts';
import { ServiceError } from '../../home/engine/service-error.ts';
import type { LambdaCall, LambdaFront } from './lambda-front.ts';

/** The engine with the same record of calls and script of faults in front of it as Lambda's API has on a stage. */
export function engineBehind(front: Pick<LambdaFront, 'calls' | 'script'>, engine: DurableEngine): DurableEngine {
  const pass = <T>(call: Omit<LambdaCall, 'query'>, work: () => T): T => {
    const noted = { ...call, query: new URLSearchParams() };
    front.calls.push(noted);
    const fault = front.script(noted);
    if (fault === undefined) return work();
    if (fault === 'after-effect') work();
    throw typeof fault === 'string' ? new Error('scripted') : new ServiceError(fault.type, fault.status, 'scripted');
  };
  return {
    ...engine,
    start: (functionName, name = '', input) => pass({ on: 'start', path: `/2015-03-31/functions/${functionName}/invocations`, executionName: name, body: input }, () => engine.start(functionName, name, input)),
    get: (arn) => pass({ on: 'get', path: `/2025-12-01/durable-executions/${arn}`, executionName: '', body: '' }, () => engine.get(arn)),
    succeedCallback: async (id, result) =>
      pass({ on: 'start', path: `/2025-12-01/durable-execution-callbacks/${id}/succeed`, executionName: '', body: result ?? '' }, () => engine.succeedCallback(id, result)),
  };
}
