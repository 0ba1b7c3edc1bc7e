import '../simulation/node-timers.ts';
import type { HomeName, StormFigures, StormOptions } from './play.ts';

/** Plays a storm over a home. Loaded when the timers are ready, as the simulation is. */
export async function playStorm(home: HomeName, options: StormOptions): Promise<StormFigures> {
  const { play } = await import('./play.ts');
  return play(home, options);
}
