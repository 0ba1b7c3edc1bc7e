/** One place. */
export type Place = {
  /** Waits without it, so that somebody else can run meanwhile, and has one again when this resolves; at once where `signal` aborts. */
  waitWithout<T>(wait: Promise<T>, signal: AbortSignal): Promise<T>;
  /** Gives it up for good. */
  leave(): void;
};

/** The places of those that run at once. */
export type Places = ReturnType<typeof createPlaces>;

/** So many places; `onAside` is told where one is free because somebody waits without theirs. */
export function createPlaces(most: number, onAside: () => void) {
  let taken = 0;
  const comingBack: (() => void)[] = [];

  function free(): void {
    const next = comingBack.shift();
    if (next) return next(); // who had begun goes on before anybody begins
    taken -= 1;
  }

  return {
    countFree: (): number => most - taken,
    take(): Place {
      taken += 1;
      let isHeld = true;
      let isOver = false;
      const comeBack = (signal: AbortSignal): Promise<void> | undefined => {
        if (isOver || signal.aborted) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        const takeIt = (): void => {
          if (isOver || signal.aborted) return free();
          isHeld = true;
          signal.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = (): void => resolve(); // it has to settle, and does nothing more
        signal.addEventListener('abort', giveUp, { once: true });
        if (taken >= most) comingBack.push(takeIt);
        else {
          taken += 1;
          takeIt();
        }
        return promise;
      };
      const leave = (): void => {
        if (!isHeld) return;
        isHeld = false;
        free();
      };
      return {
        async waitWithout(wait, signal) {
          if (!isHeld) return wait;
          leave();
          onAside();
          try {
            return await wait;
          } finally {
            await comeBack(signal);
          }
        },
        leave() {
          isOver = true;
          leave();
        },
      };
    },
  };
}
