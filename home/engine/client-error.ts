import { DurableExecutionClientError } from '@aws/durable-execution-sdk-js';
import { mayPass } from './service-error.ts';

/** An error of the engine as the SDK's client throws it, which says how far it reaches: repeat the invocation, or give the execution up. */
export function rethrowForSdk(error: unknown): never {
  throw new DurableExecutionClientError(String(error), { scope: mayPass(error) ? 'INVOCATION' : 'EXECUTION', cause: error });
}
