import type { DurableEngine } from '../../home/engine/engine.ts';
import type { DurableFunction } from '../../home/engine/invoke.ts';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';

/** Engines over one store, one after the other, as processes of a home follow each other. */
export type Lives = {
  /** The one that lives. */
  engine: () => DurableEngine;
  register: (functionName: string, registered: DurableFunction) => void;
  /** It dies with all that it runs, and the next one, with another version of the workflow, goes on. Resolves when that has begun. */
  upgrade: () => Promise<void>;
  /** The same, with the workflow as it was. */
  restart: () => Promise<void>;
};

/** Begins the first; `begin` makes one of that version, `onDeath` is told of what runs just before one dies. */
export function createLives(begin: (version: string) => DurableEngine, onDeath: (inFlight: string[]) => void): Lives {
  const functions = new Map<string, DurableFunction>();
  let upgrades = 0;
  let engine = begin(WORKFLOW_VERSION);
  void engine.resume();

  async function goOn(): Promise<void> {
    onDeath(engine.inFlight());
    engine.close();
    engine = begin(upgrades === 0 ? WORKFLOW_VERSION : `${WORKFLOW_VERSION}, raised ${upgrades} times`);
    for (const [functionName, registered] of functions) engine.register(functionName, registered);
    await engine.resume();
  }

  return {
    engine: () => engine,
    register(functionName, registered) {
      functions.set(functionName, registered);
      engine.register(functionName, registered);
    },
    async upgrade() {
      upgrades += 1;
      await goOn();
    },
    restart: goOn,
  };
}
