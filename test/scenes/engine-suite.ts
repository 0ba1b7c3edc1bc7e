import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from '@jest/globals';
import { GetDurableExecutionCommand, type LambdaClient, ListDurableExecutionsByFunctionCommand, StopDurableExecutionCommand } from '@aws-sdk/client-lambda';
import type { Engine } from '../../lib/start/engine.ts';

/** `engine` and `client` lead to the same function, functions/kill; `name` is a name that no execution has had. */
export type Deployed = { engine: Engine; client: LambdaClient; functionName: string; name: string; close?: () => Promise<void> };

/** A payload that functions/kill has nothing to do with: it ends at once, without a word to anybody. */
const payloadOf = (attempt: string): string => JSON.stringify({ kind: 'warn', attempt, name: 'conformance', start: 1, request: { killId: 'conformance' } });

/**
 * What the product relies on of the engine that starts its executions, as far as it can be tried on a deployed stack without a job and
 * without a person: names and their 409, what is told of an execution, a stop that comes late.
 */
export function engineSuite(where: string, open: () => Promise<Deployed>): void {
  const opened = open();
  afterAll(async () => (await opened).close?.());

  describe(`the engine of ${where}`, () => {
    it('starts a name once: the same bytes are a success, others are told that it is there', async () => {
      const { engine, name } = await opened;
      expect(await engine.start(name, payloadOf('1'))).toBe('started');
      expect(await engine.start(name, payloadOf('1'))).toBe('started');
      expect(await engine.start(name, payloadOf('2'))).toBe('exists');
    });

    it('runs it to its end, and tells what it was started with', async () => {
      const { engine, client, functionName, name } = await opened;
      const [FunctionName, Qualifier] = functionName.split(':');
      let arn = '';
      let status: string | undefined = 'RUNNING';
      for (let tries = 1; status === 'RUNNING' && tries <= 30; tries++) {
        const { DurableExecutions: [found] = [] } = await client.send(new ListDurableExecutionsByFunctionCommand({ FunctionName, Qualifier, DurableExecutionName: name }));
        ({ DurableExecutionArn: arn = '', Status: status = 'RUNNING' } = found ?? {});
        if (status === 'RUNNING') await sleep(tries * 100); // the list may be read 15 times a second by the whole account
      }
      expect(status).toBe('SUCCEEDED');
      expect(await engine.inputOf(arn)).toBe(payloadOf('1'));
      expect(await client.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }))).toMatchObject({ DurableExecutionName: name, Status: 'SUCCEEDED' });
      await client.send(new StopDurableExecutionCommand({ DurableExecutionArn: arn })).catch(() => undefined);
      expect(await client.send(new GetDurableExecutionCommand({ DurableExecutionArn: arn }))).toMatchObject({ Status: 'SUCCEEDED' });
    });

    it('holds the name when it is over', async () => {
      const { engine, name } = await opened;
      expect(await engine.start(name, payloadOf('3'))).toBe('exists');
    });
  });
}
