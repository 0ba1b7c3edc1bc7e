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
/** Needs LocalDurableTestRunner.setupTestEnvironment(). */
export const awsRuntime: SceneEngine = { name: "AWS's test runtime", createBackend: createAwsRuntime, lacks: ['stop', 'the life of an execution'] };
