import type { CheckpointDurableExecutionRequest, CheckpointDurableExecutionResponse } from '@aws/durable-execution-sdk-js';
import type { DurableEngine } from '../../home/engine/engine.ts';
import { ServiceError } from '../../home/engine/service-error.ts';

/** Before or after a checkpoint call takes effect: the two moments at which an invocation can be made to die there. */
export type CrashPoint = 'before-checkpoint' | 'after-checkpoint';

/** Asked at every checkpoint call; true kills the running invocation at that moment. `call` counts the execution's calls from 1. */
export type CrashHook = (at: {
  point: CrashPoint;
  call: number;
  executionName: string;
  operations: { type: string; name?: string; action: string }[];
}) => boolean;

/** Invocations that die as their process would: what they still call is never answered, and the engine begins anew. */
export type Deaths = {
  /** An invocation with that token begins; those of the execution before it are over. */
  begin: (executionName: string, token: string) => void;
  /** Never answers where the invocation of that token is dead; else resolves. */
  admit: (token: string) => Promise<void>;
  checkpoint: (request: CheckpointDurableExecutionRequest) => Promise<CheckpointDurableExecutionResponse>;
  kill: (executionName: string) => void;
  /** Lets go of the dead who still wait for an answer: they get an error and tidy up their timers. */
  close: () => void;
};

/** Stands between the code and the engine of the moment. */
export function createDeaths(engine: () => DurableEngine, crash: CrashHook | undefined): Deaths {
  const alive = new Map<string, string | undefined>(); // the number of the invocation that lives, by its execution's id
  const idOf = new Map<string, string>(); // by name
  const calls = new Map<string, number>(); // by name, those that took no effect too
  const hanging = new Set<(error: Error) => void>();
  let isClosed = false;

  const invocationIn = (token: string): [id: string, number: string] => token.split('/') as [string, string];

  function kill(executionName: string): void {
    if (!engine().inFlight().includes(executionName)) return;
    alive.set(idOf.get(executionName) ?? '', undefined);
    engine().forget(executionName);
  }

  function neverAnswer(): Promise<never> {
    if (isClosed) throw closedError();
    return new Promise((_, reject) => hanging.add(reject));
  }

  async function admit(token: string): Promise<void> {
    const [id, number] = invocationIn(token);
    if (alive.has(id) && alive.get(id) !== number) await neverAnswer();
  }

  return {
    begin(executionName, token) {
      const [id, number] = invocationIn(token);
      idOf.set(executionName, id);
      alive.set(id, number);
    },
    admit,
    async checkpoint(request) {
      await admit(request.CheckpointToken ?? '');
      const execution = engine().get(request.DurableExecutionArn ?? '');
      const operations = (request.Updates ?? []).map(({ Type: type, Name: name, Action: action }) => ({ type: String(type), action: String(action), ...(name !== undefined && { name }) }));
      const call = (calls.get(execution.name) ?? 0) + 1;
      calls.set(execution.name, call);
      const diesAt = (point: CrashPoint): boolean => crash?.({ point, call, executionName: execution.name, operations }) ?? false;
      if (diesAt('before-checkpoint')) {
        kill(execution.name);
        return neverAnswer();
      }
      const answer = await engine().checkpoint(request);
      if (diesAt('after-checkpoint')) {
        kill(execution.name);
        return neverAnswer();
      }
      return answer;
    },
    kill,
    close() {
      isClosed = true;
      for (const reject of hanging) reject(closedError());
      hanging.clear();
    },
  };
}

function closedError(): ServiceError {
  return new ServiceError('ServiceException', 500, 'the backend is closed');
}
