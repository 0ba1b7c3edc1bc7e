import { chanceOf } from './chance.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

export type Upgrades = {
  /** A kill leaves: a bad moment for an upgrade, and so a good one. */
  onKill: () => void;
};

/** So that its dice are none that a story is played with. */
const OWN_DICE = 7_919_000;

/**
 * In some stories the process that runs the executions ends in the middle of it all, once or more, and one with another version of
 * the workflow goes on. When is drawn from dice of its own: what else happens in a seed does not depend on whether it is asked.
 */
export function setOutUpgrades(world: World, seed: number, upgrade: () => void): Upgrades {
  const chance = chanceOf(seed + OWN_DICE);
  const isUpgraded = chance.happens(0.4);
  const now = (): void => {
    world.tell('operator', 'upgrades the workflow');
    upgrade();
  };
  for (let count = isUpgraded ? chance.whole(0, 2) : 0; count > 0; count--) {
    world.at(world.startMs + chance.one([chance.whole(1, 25 * MINUTE_MS), chance.whole(1, 2 * HOUR_MS), chance.whole(1, 12 * HOUR_MS)]), now);
  }
  return {
    onKill() {
      if (isUpgraded && chance.happens(0.15)) world.after(chance.one([chance.whole(1, SECOND_MS), chance.whole(1, 40 * SECOND_MS)]), now);
    },
  };
}
