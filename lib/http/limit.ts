/** Who goes first where not all have a place: people, who wait for an answer; kills and their looks; follows. */
export const RANKS = ['person', 'kill', 'follow'] as const;
export type Rank = (typeof RANKS)[number];

/** `rank`: default `kill`. A task whose `signal` aborts while it waits is not run: the call rejects with the signal's reason. */
export type Turn = { rank?: Rank | undefined; signal?: AbortSignal | undefined };

/** Runs a task when its turn comes, and ends as it does. */
export type Limit = <T>(task: () => Promise<T>, turn?: Turn) => Promise<T>;

/** Runs at most `maxInFlight` of the given tasks at a time, the others by rank, and within a rank in order of arrival. */
export function createLimit(maxInFlight: number): Limit {
  let inFlight = 0;
  const waiting = { person: new Set<() => void>(), kill: new Set<() => void>(), follow: new Set<() => void>() };
  const takeNext = (): (() => void) | undefined => {
    for (const rank of RANKS) {
      for (const next of waiting[rank]) {
        waiting[rank].delete(next);
        return next;
      }
    }
    return undefined;
  };

  return async (task, { rank = 'kill', signal } = {}) => {
    if (inFlight >= maxInFlight) await waitIn(waiting[rank], signal);
    else inFlight++;
    try {
      return await task();
    } finally {
      const next = takeNext();
      if (next) next(); // hands its place on
      else inFlight--;
    }
  };
}

/** Resolves when a place was handed on; rejects, out of the queue, when the signal aborts first. */
async function waitIn(queue: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => {
    queue.delete(resolve);
    reject(signal?.reason as Error);
  };
  queue.add(resolve);
  signal?.addEventListener('abort', leave);
  try {
    await promise;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}
