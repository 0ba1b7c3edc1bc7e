import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type DurableContext, retryPresets, StepSemantics, withDurableExecution } from '@aws/durable-execution-sdk-js';
import { createEngine, type DurableEngine, type EngineOptions } from '../../../home/engine/engine.ts';
import { createStore, type Store } from '../../../home/store/store.ts';
import { realClock } from '../../local/clock.ts';

export type Body = (context: DurableContext, event: unknown) => Promise<unknown>;
/** One life of a process over the file. */
export type Life = { engine: DurableEngine; store: Store; badEnds: string[]; stuck: string[]; ended: string[] };
export type LifeOptions = Partial<EngineOptions> & { timeoutSec?: number; /** What comes in before the engine has taken up what was left. */ beforeResume?: (engine: DurableEngine) => Promise<void> };

/** A store in a file, and engines over it, one after the other, on the real clock. */
export function startFile() {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const file = join(folder, 'store.sqlite');
  const lives: Life[] = [];
  let ids = 0;
  return {
    file,
    /** A process begins over it: with these functions, and with what the one before left. That one does not live on in the store: its calls are refused. */
    async begin(bodies: Record<string, Body>, { timeoutSec, beforeResume, ...options }: LifeOptions = {}): Promise<Life> {
      const before = lives.at(-1);
      before?.engine.close();
      before?.store.database.close(); // what it had not committed is lost
      const database = new DatabaseSync(file, { timeout: 5_000 });
      database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
      const store = createStore(database);
      const life: Life = { store, badEnds: [], stuck: [], ended: [], engine: undefined as never };
      const engine = createEngine({
        store,
        clock: realClock(),
        createId: () => `id-${++ids}`,
        version: '1',
        onBadEnd: async ({ name, status }) => void life.badEnds.push(`${name} ${status}`),
        onStatusChange: ({ name, status }) => void (status !== 'RUNNING' && life.ended.push(`${name} ${status}`)),
        onStuck: (name) => void life.stuck.push(name),
        ...options,
      });
      for (const [name, body] of Object.entries(bodies)) {
        const handler = withDurableExecution((event: unknown, context: DurableContext) => body(context, event), { durableExecutionClient: engine.client });
        engine.register(name, { handler: handler as never, lifeSec: 3_600, timeoutSec });
      }
      life.engine = engine;
      lives.push(life);
      await beforeResume?.(engine);
      await engine.resume();
      return life;
    },
    /** The store as another process reads it. */
    read(sql: string): Record<string, unknown>[] {
      const database = new DatabaseSync(file, { readOnly: true });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    },
    close(): void {
      for (const { engine } of lives) engine.close();
      for (const { store } of lives) if (store.database.isOpen) store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A step that is tried once and never again. */
export const once = (context: DurableContext, name: string, body: () => Promise<unknown>): Promise<unknown> =>
  context.step(name, body, { semantics: StepSemantics.AtMostOncePerRetry, retryStrategy: retryPresets.noRetry });

/** What never comes to an end. */
export const never = (): Promise<never> => new Promise(() => undefined);
