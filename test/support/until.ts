import { setTimeout as sleep } from 'node:timers/promises';

/** Longer than any machine takes for what a test waits for. */
export const GENEROUS_MS = 10_000;

/** Waits until `isSo`, however slow the machine is; returns after 10 s in any case, so that the test says what was not so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + GENEROUS_MS; !isSo() && performance.now() < giveUpAt; ) await sleep(1);
}

/** A signal that times out as AbortSignal.timeout does, but only once `isSo`, or after 10 s. */
export function timeOutWhen(isSo: () => boolean): AbortSignal {
  const controller = new AbortController();
  void until(isSo).then(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')));
  return controller.signal;
}
