import type { Key } from '../../lib/ledger/port.ts';
import type { Actor } from './actor.ts';
import type { People } from './people.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

export type Mishaps = {
  /** Whether so many executions are open that no more are taken. */
  isFull: () => boolean;
  /** A run has looked at a job that is not over: the next that it does may be to kill it. */
  onLook: (actor: Actor) => void;
  onKill: () => void;
  onWritten: (keys: readonly Key[]) => void;
};

/** What is written when somebody is asked or warned, has answered, or when it is all over. */
const WORST = /\/(?:asked|warned|answer|end)$/;

/**
 * What comes at the worst moment: the process that runs the executions dies and begins again, it takes no more starts for a while, and
 * people pause, resume and click just when something else is decided. Drawn from dice of its own, in some stories only.
 */
export function setOutMishaps(world: World, people: () => People, restart: () => void): Mishaps {
  const { odd } = world;
  const soonMs = (): number => odd.one([odd.whole(1, 900), odd.whole(1, 40 * SECOND_MS)]);
  const restartNow = (): void => {
    world.tell('operator', 'the process dies, and begins again');
    restart();
  };
  const restarts = odd.happens(0.25);
  for (let count = restarts ? odd.whole(0, 2) : 0; count > 0; count--) world.after(odd.one([odd.whole(1, 25 * MINUTE_MS), odd.whole(1, 6 * HOUR_MS)]), restartNow);

  const fullFrom = odd.happens(0.2) && world.rate() > 0 ? world.startMs + odd.whole(0, HOUR_MS) : Infinity;
  const fullUntil = fullFrom + odd.one([odd.whole(1, 5 * MINUTE_MS), odd.whole(1, 60 * MINUTE_MS)]);
  if (fullFrom < Infinity) world.at(fullFrom, () => world.tell('engine', `takes no more for ${Math.round((fullUntil - fullFrom) / SECOND_MS)} s`));

  const meddles = odd.happens(0.35);
  const pause = (): void => {
    void people().type(`pause for ${odd.one(['30s', '2m', '20m', '1h'])} because of it`);
    if (odd.happens(0.5)) world.after(odd.one([odd.whole(1, 90) * SECOND_MS, odd.whole(1, 50) * MINUTE_MS]), () => void people().typeAsApprover('resume'));
  };
  const meddle = (probability: number, whatMs: number): void => {
    if (!meddles || world.now() > world.healsAt || !odd.happens(probability)) return;
    world.after(whatMs, odd.happens(0.4) ? pause : () => people().clickAnywhere(odd));
  };
  return {
    isFull: () => world.now() >= fullFrom && world.now() < fullUntil,
    onLook: ({ execution }) => execution !== '' && meddle(0.1, odd.whole(1, 400)),
    onKill() {
      if (restarts && odd.happens(0.15)) world.after(soonMs(), restartNow);
      meddle(0.25, soonMs());
    },
    onWritten(keys) {
      if (keys.some(({ rest }) => WORST.test(rest))) meddle(0.12, soonMs());
    },
  };
}
