/** Runs a task when its turn comes, and ends as it does. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

/** Runs at most `maxInFlight` of the given tasks at a time, the others in order of arrival. */
export function createLimit(maxInFlight: number): Limit {
  let inFlight = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (inFlight >= maxInFlight) await new Promise<void>((go) => waiting.push(go));
    else inFlight++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next(); // hands its place on
      else inFlight--;
    }
  };
}
