import { chanceOf } from '../simulation/chance.ts';
import { holdTime } from '../simulation/time.ts';
import { type Fault, NOON, type World } from '../simulation/world.ts';

/** The simulation's world on a day on which nothing goes wrong: what a storm shows comes of its size alone. */
export function makeCalmWorld(seed: number): World {
  const chance = chanceOf(seed);
  const time = holdTime(NOON, chance.random);
  const faults: Fault[] = [];
  return {
    ...time,
    chance,
    odd: chance,
    startMs: NOON,
    rate: () => 0,
    isDown: () => false,
    wasDown: () => false,
    breakDown: () => undefined,
    leavesOut: () => false,
    lateMs: () => 0,
    healsAt: NOON,
    tell: () => undefined,
    isTold: false,
    story: [],
    judge: (rule, isBroken, line) => void (isBroken && faults.push({ rule, at: time.now(), line: line() })),
    faults,
    looks: {},
    die(actor, why) {
      if (!actor.isAlive) return;
      actor.isAlive = false;
      actor.onDeath(why);
    },
    sleep: (delayMs) => new Promise((resolve) => time.after(delayMs, resolve)),
  };
}
