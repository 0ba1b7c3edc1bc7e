/** The process's timers, moved by hand: for tests of pauses that do not go by the engine's clock. */
export function handTimers() {
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  let nowMs = 0;
  let waiting: { atMs: number; run: () => void }[] = [];
  globalThis.setTimeout = ((run: () => void, ms = 0) => {
    const timer = { atMs: nowMs + ms, run };
    waiting.push(timer);
    return timer;
  }) as never;
  globalThis.clearTimeout = ((timer: unknown) => void (waiting = waiting.filter((one) => one !== timer))) as never;
  return {
    /** Lets so much time pass; what is due runs, and what it leads to. */
    async advance(ms: number): Promise<void> {
      const untilMs = nowMs + ms;
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve));
        const next = waiting.filter(({ atMs }) => atMs <= untilMs).toSorted((one, other) => one.atMs - other.atMs)[0];
        if (next === undefined) break;
        waiting = waiting.filter((one) => one !== next);
        nowMs = next.atMs;
        next.run();
      }
      nowMs = untilMs;
    },
    count: (): number => waiting.length,
    putBack: (): void => void Object.assign(globalThis, real),
  };
}
