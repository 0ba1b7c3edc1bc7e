import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * One invocation of a durable execution. Its signal aborts when it is revoked: from then on it may do nothing more. `waitAside` waits
 * for what many wait for together, and does not count meanwhile among those that run at once.
 */
export type Invocation = { readonly name: string; readonly signal: AbortSignal; readonly waitAside: <T>(wait: Promise<T>) => Promise<T> };

const current = new AsyncLocalStorage<Invocation>();

/** Runs `work` as part of that invocation, and all that it calls. */
export function runInvocation<T>(invocation: Invocation, work: () => T): T {
  return current.run(invocation, work);
}

/** The invocation that this code runs in; undefined outside of one, as at the door. */
export function currentInvocation(): Invocation | undefined {
  return current.getStore();
}

/** Runs `work` as part of no invocation: what serves several is not one's to end for the others. */
export function runOutside<T>(work: () => T): T {
  return current.exit(work);
}

/** What ends a call or a wait of this code: `signal`, and that its invocation is revoked. A step that waits on would keep it from settling. */
export function orRevoked(signal?: AbortSignal): AbortSignal | undefined {
  const revoked = currentInvocation()?.signal;
  return signal && revoked ? AbortSignal.any([signal, revoked]) : (signal ?? revoked);
}
