import type { Clock } from '../../lib/core/time.ts';

/** Forgets at most `most` of what is over at `now` (epoch ms); how many it forgot. */
export type Forget = (now: number, most: number) => Promise<number>;

export type Tidying = { stop(): void };

const EVERY_MS = 60_000;
/** A batch is one commit: short enough that nobody who waits for theirs sees it. */
const BATCH = 200;
const PAUSE_MS = 50;

type TidyParts = {
  clock: Pick<Clock, 'now'> & {
    /** Until when (epoch ms) nothing is to be forgotten, after the clock was set forward: what looks over need not be. */
    quietUntil: () => number;
  };
  forget: readonly Forget[];
  onTrouble: (error: unknown) => void;
};

/** Every minute forgets what nobody reads any more, in small batches, so that the store does not grow without end: the space is used again. */
export function startTidying({ clock, forget, onTrouble }: TidyParts): Tidying {
  let isStopped = false;
  let timer: NodeJS.Timeout;

  async function tidy(): Promise<void> {
    try {
      for (const some of forget) {
        for (let forgot = BATCH; forgot === BATCH && !isStopped; ) {
          if (clock.now() < clock.quietUntil()) return;
          forgot = await some(clock.now(), BATCH);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }
    } catch (error) {
      onTrouble(error);
    }
  }

  function next(): void {
    if (isStopped) return;
    timer = setTimeout(() => void tidy().then(next), EVERY_MS);
  }

  next();
  return {
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
