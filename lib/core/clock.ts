/** Time comes in as an argument, so that tests can write it down. */
export type Clock = {
  /** Epoch milliseconds. */
  now: () => number;
  /** Resolves after `ms`; rejects at once when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1, to spread retries. */
  random: () => number;
};
