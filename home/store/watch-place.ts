import { statSync } from 'node:fs';

const LOOK_EVERY_MS = 5_000;

/**
 * Looks whether the store still lies where its owner found it: who moves it away, to put a backup in its place, leaves a process that writes
 * where nobody looks. Calls `onMoved` once; what it returns ends the looking.
 */
export function watchPlace(path: string, onMoved: () => void, everyMs = LOOK_EVERY_MS): () => void {
  const inodeOf = (): number | undefined => statSync(path, { throwIfNoEntry: false })?.ino;
  const own = inodeOf();
  const timer = setInterval(() => {
    if (inodeOf() === own) return;
    clearInterval(timer);
    onMoved();
  }, everyMs);
  timer.unref();
  return () => clearInterval(timer);
}
