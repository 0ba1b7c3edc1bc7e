import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createStore } from '../../home/store/store.ts';
import { createDurableBackend, type DurableBackend, type DurableBackendOptions } from '../local/durable-backend.ts';
import { createAwsRuntime } from './aws-runtime.ts';
import type { Need } from './scene.ts';

/** What scenes are played on. */
export type SceneEngine = {
  name: string;
  createBackend: (options: DurableBackendOptions) => DurableBackend;
  /** What it cannot do. */
  lacks: readonly Need[];
};

export const inMemory: SceneEngine = { name: 'the engine in memory', createBackend: createDurableBackend, lacks: [] };

export const withFile: SceneEngine = {
  name: 'the engine with a file',
  createBackend(options) {
    const folder = mkdtempSync(join(tmpdir(), 'scene-'));
    const database = new DatabaseSync(join(folder, 'store.db'));
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    const backend = createDurableBackend({ ...options, store: createStore(database, queueMicrotask) });
    return {
      ...backend,
      close() {
        backend.close();
        if (database.isOpen) database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  },
  lacks: [],
};

/** Needs LocalDurableTestRunner.setupTestEnvironment(). */
export const awsRuntime: SceneEngine = { name: "AWS's test runtime", createBackend: createAwsRuntime, lacks: ['stop', 'the life of an execution'] };
