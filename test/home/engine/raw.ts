import type { CheckpointDurableExecutionResponse, OperationUpdate } from '@aws/durable-execution-sdk-js';
import { createEngine, type DurableEngine, type EngineOptions } from '../../../home/engine/engine.ts';
import type { InvocationEvent } from '../../../home/engine/invocation-event.ts';
import type { Store } from '../../../home/store/store.ts';
import { type VirtualClock, virtualClock } from '../../local/clock.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { until } from '../../support/until.ts';

/** 2026-01-05T12:00:00Z */
export const NOW = Date.UTC(2026, 0, 5, 12);
export const LIFE_MS = 3_600_000;
export const SUCCEEDED = { Status: 'SUCCEEDED', Result: '1' };
export const PENDING = { Status: 'PENDING' };

/** A function that speaks the wire model itself: `take` makes a checkpoint call with the token that it holds. */
export type Speaker = (take: Take, event: InvocationEvent, context: Record<string, unknown>) => unknown;
export type Take = ((...updates: OperationUpdate[]) => Promise<CheckpointDurableExecutionResponse>) & { token: () => string };

export type Raw = ReturnType<typeof createRaw>;

/** An engine over a store in memory, on a clock that stands, and what it told. */
export function createRaw(options: Partial<EngineOptions> = {}, store: Store = memoryStore(), clock: VirtualClock = virtualClock(NOW)) {
  let ids = 0;
  const told: string[] = [];
  const troubles: unknown[] = [];
  const engine: DurableEngine = createEngine({
    store,
    clock,
    createId: () => `id-${++ids}`,
    version: '1',
    defer: queueMicrotask,
    onStatusChange: ({ name, status }) => void told.push(`${name} ${status}`),
    onThrow: ({ name }, error) => void told.push(`${name} threw ${(error as Error).message}`),
    onTrouble: (error) => void troubles.push(error),
    ...options,
  });
  return {
    engine, store, clock, told, troubles,
    register(functionName: string, speaker: Speaker, { timeoutSec }: { timeoutSec?: number } = {}): void {
      const handler = async (event: InvocationEvent, context: Record<string, unknown>): Promise<unknown> => {
        let token = event.CheckpointToken;
        const call = async (...updates: OperationUpdate[]): Promise<CheckpointDurableExecutionResponse> => {
          const answer = await engine.checkpoint({ DurableExecutionArn: event.DurableExecutionArn, CheckpointToken: token, Updates: updates });
          token = answer.CheckpointToken ?? '';
          return answer;
        };
        return speaker(Object.assign(call, { token: () => token }), event, context);
      };
      engine.register(functionName, { handler: handler as never, lifeSec: LIFE_MS / 1_000, timeoutSec });
    },
    async rest(): Promise<void> {
      await new Promise((resolve) => setImmediate(resolve)); // what the clock woke is begun by then
      await until(() => engine.isResting());
      if (!engine.isResting()) throw new Error('the engine does not come to rest');
    },
  };
}

/** What a promise comes to, for a comparison. */
export async function nameAndMessage(promise: Promise<unknown>): Promise<string> {
  return promise.then(() => 'answered', (error: Error) => `${error.name}: ${error.message}`);
}
