import type { Clock } from '../../lib/core/time.ts';

/** Ends as `work` does; resolves to undefined where that takes longer than `ms`. */
export async function within<T>(clock: Pick<Clock, 'sleep'>, ms: number, work: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, clock.sleep(ms, timer.signal).then(() => undefined)]);
  } finally {
    timer.abort();
  }
}
