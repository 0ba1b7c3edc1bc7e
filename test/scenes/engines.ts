import { createDurableBackend, type DurableBackend, type DurableBackendOptions } from '../local/durable-backend.ts';
import type { Need } from './scene.ts';

/** What scenes are played on. */
export type SceneEngine = {
  name: string;
  createBackend: (options: DurableBackendOptions) => DurableBackend;
  /** What it cannot do. */
  lacks: readonly Need[];
};

export const inMemory: SceneEngine = { name: 'the engine in memory', createBackend: createDurableBackend, lacks: [] };
