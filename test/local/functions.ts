import { parseFunctionName } from './function-name.ts';
import { notFound } from '../../home/engine/service-error.ts';

/** A Lambda handler, of whatever event it takes: only its author knows. */
export type Handler = (event: never, context: never) => Promise<unknown>;

/** A handler made by `withDurableExecution`. */
export type DurableFunction = { kind: 'durable'; handler: Handler };
/** An ordinary handler. */
export type PlainFunction = { kind: 'plain'; handler: Handler };

/** The functions by name. `get` takes every form of a function's name and throws ResourceNotFoundException. */
export type FunctionTable = {
  add: (name: string, registered: DurableFunction | PlainFunction) => void;
  get: (functionName: string) => { name: string; qualifier?: string; registered: DurableFunction | PlainFunction };
  durable: (functionName: string) => DurableFunction;
  plain: (functionName: string) => PlainFunction;
};

/** Makes an empty table. */
export function createFunctionTable(): FunctionTable {
  const functions = new Map<string, DurableFunction | PlainFunction>();

  const get: FunctionTable['get'] = (functionName) => {
    const parsed = parseFunctionName(functionName);
    const registered = functions.get(parsed.name);
    if (registered === undefined) throw notFound(`Function ${parsed.name}`);
    return { ...parsed, registered };
  };

  return {
    add: (name, registered) => void functions.set(name, registered),
    get,
    durable(functionName) {
      const { registered } = get(functionName);
      if (registered.kind !== 'durable') throw notFound(`Durable function ${functionName}`);
      return registered;
    },
    plain(functionName) {
      const { registered } = get(functionName);
      if (registered.kind !== 'plain') throw notFound(`Plain function ${functionName}`);
      return registered;
    },
  };
}
