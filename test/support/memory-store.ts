import { DatabaseSync } from 'node:sqlite';
import { createStore, type Store } from '../../home/store/store.ts';

/** A store in memory, committed without a turn of the loop: under a clock that a test moves nothing waits for one. */
export function memoryStore(): Store {
  return createStore(new DatabaseSync(':memory:'), queueMicrotask);
}
