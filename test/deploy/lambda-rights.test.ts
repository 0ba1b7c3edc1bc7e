import { describe, expect, it } from '@jest/globals';
import { createLambdaEngine, invokeLater } from '../../functions/aws/lambda-engine.ts';
import type { CallLambda } from '../../functions/aws/lambda-call.ts';
import { isGrantedByLambda, LAMBDA_RIGHTS } from '../stage/lambda-rights.ts';
import { FUNCTIONS } from './packaged.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:mrs-killswitch-prod-kill:3/durable-execution/alerts-live-0/0b1c';

/** Who may make each call that the code makes of Lambda's API. */
async function callers(make: (callLambda: CallLambda) => Promise<unknown>): Promise<string[]> {
  const calls: { method: string; path: string }[] = [];
  await make(async (_what, call) => {
    calls.push(call);
    return {};
  });
  expect(calls).toHaveLength(1);
  return FUNCTIONS.filter((name) => calls.every((call) => isGrantedByLambda(name, call)));
}

const engineOf = (callLambda: CallLambda, name: string) => createLambdaEngine(callLambda, `mrs-killswitch-prod-${name}:durable`, { now: () => 0, wall: () => 0, sleep: async () => {}, random: () => 0 });

describe("the rights in Lambda's API", () => {
  it('are of every function', () => {
    expect(Object.keys(LAMBDA_RIGHTS).toSorted()).toEqual([...FUNCTIONS].toSorted());
  });

  it.each(['kill', 'warn'])('let all but api start %s', async (name) => {
    expect(await callers((call) => engineOf(call, name).start('a-name', '{}'))).toEqual(['slack', 'alerts', 'cleanup', 'events', 'kill', 'warn']);
  });

  it('let slack answer, and a run wake itself; slack alone hands over, and to itself', async () => {
    expect(await callers((call) => engineOf(call, 'kill').answer('a-callback/of=', '{}'))).toEqual(['slack', 'kill', 'warn']);
    expect(['kill', 'warn'].map((name) => Object.entries(LAMBDA_RIGHTS[name] ?? {}).filter(([, actions]) => actions.includes('SendDurableExecutionCallbackSuccess')).map(([called]) => called))).toEqual([['kill'], ['warn']]);
    expect(await callers((call) => invokeLater(call, 'mrs-killswitch-prod-slack', {}))).toEqual(['slack']);
  });

  it('let events alone read an execution, and nobody list any', async () => {
    expect(await callers((call) => engineOf(call, 'kill').inputOf(ARN))).toEqual(['events']);
    expect(Object.values(LAMBDA_RIGHTS).flatMap((rights) => Object.values(rights).flat()).filter((action) => action.startsWith('List'))).toEqual([]);
  });

  it('know no other call: a new one has to stand in the table first', () => {
    expect(() => isGrantedByLambda('slack', { method: 'GET', path: '/2025-12-01/functions/f/durable-executions' })).toThrow('no role knows GET');
    expect(() => isGrantedByLambda('warm', { method: 'GET', path: '/' })).toThrow('there is no function warm');
  });
});
