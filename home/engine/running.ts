import type { Execution } from './executions.ts';
import type { Invocation } from './invocation.ts';
import type { Place } from './places.ts';

/** An invocation in flight. `token` is undefined while a checkpoint of it is on its way to the disk, and from the moment at which it is revoked. */
export type Running = Invocation & {
  execution: Execution;
  place?: Place;
  token: string | undefined;
  /** Its checkpoint calls. */
  calls: number;
  mayBeDeadly: boolean;
  /** It may do nothing more, and is to settle. */
  revoke: () => void;
  /** It has settled, or nobody waits for that any more. */
  over: () => void;
};

/** `settlesWithinMs`: so long may one that was revoked go on; then `onStuck`, since only the end of the process ends it. */
type RunningOptions = { settlesWithinMs: number; onStuck: (name: string) => void };

/** Makes the invocations of one engine, and their tokens: each is held by one of them, until its next checkpoint. */
export function createRunnings({ settlesWithinMs, onStuck }: RunningOptions) {
  let tokens = 0;

  function renewToken(invocation: Running): string {
    tokens += 1;
    const token = `${invocation.execution.id}/${invocation.execution.invocations}/${tokens}`;
    if (!invocation.signal.aborted) invocation.token = token;
    return token;
  }

  function make(execution: Execution): Running {
    const controller = new AbortController();
    let stuck: NodeJS.Timeout | undefined;
    let isOver = false;
    const invocation: Running = {
      name: execution.name,
      signal: controller.signal,
      waitAside: (wait) => invocation.place?.waitWithout(wait, controller.signal) ?? wait,
      execution: { ...execution, invocations: execution.invocations + 1 },
      token: undefined,
      calls: 0,
      mayBeDeadly: execution.mayBeDeadly,
      revoke() {
        if (controller.signal.aborted) return;
        invocation.token = undefined;
        controller.abort(new Error('the invocation is over'));
        if (!isOver) stuck = setTimeout(() => onStuck(execution.name), settlesWithinMs); // its own end revokes it, too
      },
      over() {
        isOver = true;
        clearTimeout(stuck);
      },
    };
    renewToken(invocation);
    return invocation;
  }

  return { make, renewToken };
}
