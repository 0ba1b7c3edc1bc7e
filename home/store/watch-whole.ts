import { Worker } from 'node:worker_threads';
import type { Seen } from './read-whole.ts';

const EVERY_MS = 3_600_000;

type Watched = {
  onDamage: () => void;
  /** It could not be read now; it is tried again an hour later. */
  onTrouble: (trouble: unknown) => void;
  /** It is whole. */
  onWhole?: () => void;
};

/**
 * Reads the store at `path` from end to end once an hour, as a start does: damage to what nobody reads for weeks is known while there is
 * a backup of before. In a thread of its own, since that takes 3 s for each GB, and by a connection of this very process, whose locks
 * SQLite keeps together. What it returns ends that. https://sqlite.org/pragma.html#pragma_quick_check
 */
export function watchWhole(path: string, { onDamage, onTrouble, onWhole }: Watched, everyMs = EVERY_MS): () => void {
  let isStopped = false;
  let timer: NodeJS.Timeout;
  let worker: Worker | undefined;

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(look, everyMs);
    timer.unref();
  }

  function look(): void {
    worker = new Worker(new URL('./read-whole.ts', import.meta.url), { workerData: path });
    worker.once('message', (seen: Seen) => {
      if (isStopped) return;
      if ('trouble' in seen) onTrouble(seen.trouble);
      else if (seen.isDamaged) onDamage();
      else onWhole?.();
    });
    worker.once('error', onTrouble);
    worker.once('exit', next);
    worker.unref();
  }

  next();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    void worker?.terminate();
  };
}
