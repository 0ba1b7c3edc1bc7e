import { createHomeClock } from '../../home/clock/home-clock.ts';
import type { Clock } from '../../lib/core/time.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** The time as the house has it, and as its engine's timers go. `isSet`: whether somebody sets its clock in this story. */
export type HouseClock = Pick<Clock, 'now' | 'wall' | 'skippedMs' | 'state'> & { setTimer: World['at']; isSet: boolean };

/**
 * In some stories somebody sets the machine's clock, forward or back, and puts it right again, early or late. The house goes on by the own
 * home's clock over it; what is judged goes by the world's.
 */
export function setOutClock(world: World): HouseClock {
  const { odd } = world;
  if (!odd.happens(0.2) || world.rate() === 0) return { now: world.now, wall: world.now, setTimer: world.at, isSet: false };
  let offsetMs = 0;
  const clock = createHomeClock({ wall: () => world.now() + offsetMs, monotonic: () => world.now() - world.startMs, random: world.chance.random });
  // By a minute at most is a correction, and followed: what is waited for is as much shorter then.
  for (let count = odd.whole(1, 2); count > 0; count--) {
    const byMs = odd.one([1, 1, -1]) * odd.one([odd.whole(61, 150) * SECOND_MS, odd.whole(1, 20) * MINUTE_MS, odd.whole(1, 3) * HOUR_MS]);
    world.at(world.startMs + odd.whole(1, 90 * MINUTE_MS), () => {
      world.tell('operator', `sets the clock ${byMs < 0 ? 'back' : 'forward'} by ${Math.abs(byMs) / SECOND_MS} s`);
      offsetMs += byMs;
    });
  }
  const putRight = (): void => {
    world.tell('operator', 'puts the clock right');
    offsetMs = 0;
  };
  if (odd.happens(0.5)) world.at(world.startMs + odd.whole(20, 150) * MINUTE_MS, putRight);
  world.at(world.healsAt, () => {
    putRight();
    clock.stop(); // nobody sets it any more: who asks for the time is enough, and a look every 2 s is dear
  });
  return { now: clock.now, wall: clock.wall, skippedMs: clock.skippedMs, state: clock.state, setTimer: clock.setTimer, isSet: true };
}
