import type { CheckpointDurableExecutionRequest } from '@aws/durable-execution-sdk-js';
import type { TableUse } from './table.ts';

/** What Lambda counts. */
export type Bill = { operations: number; bytes: number; invocations: number; durationMs: number };

/** USD, as docs/operating.md has them: a test compares. */
export const PRICES = { operationsPerMillion: 8, writtenPerGb: 0.25, requestsPerMillion: 0.2, gbSecond: 0.0000133, tableWritesPerMillion: 1.25, tableReadsPerMillion: 0.25 } as const;

const MEMORY_GB = 0.5;
const GB = 1e9;
const MILLION = 1e6;

/** Counts what a checkpoint brings: each try of a step, and each wait, callback and context that begins. */
export function countUpdates(bill: Bill, { Updates: updates = [] }: CheckpointDurableExecutionRequest): void {
  for (const { Type: type, Action: action, Payload: payload = '' } of updates) {
    if (type === 'STEP' ? action !== 'START' : action === 'START') bill.operations += 1;
    bill.bytes += payload.length;
  }
}

/** In words, by what is charged: durations are those of the simulation. What is kept, the HTTP API and the logs are not in it. */
export function chargeOf({ operations, bytes, invocations, durationMs }: Bill, { written, read }: TableUse): string {
  const gbSeconds = (durationMs / 1_000) * MEMORY_GB;
  const parts = [
    [`${operations} durable operations`, (operations / MILLION) * PRICES.operationsPerMillion],
    [`${(bytes / MILLION).toFixed(0)} MB written by them`, (bytes / GB) * PRICES.writtenPerGb],
    [`${invocations} invocations, ${gbSeconds.toFixed(0)} GB-seconds`, (invocations / MILLION) * PRICES.requestsPerMillion + gbSeconds * PRICES.gbSecond],
    ['the table', (written / MILLION) * PRICES.tableWritesPerMillion + (read / MILLION) * PRICES.tableReadsPerMillion],
  ] as const;
  const total = parts.reduce((sum, [, usd]) => sum + usd, 0);
  return `${total.toFixed(2)} USD: ${parts.map(([what, usd]) => `${what} ${usd.toFixed(2)}`).join(', ')}`;
}
