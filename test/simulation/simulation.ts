import './node-timers.ts';
import type { Played, PlayOptions } from './play.ts';

export type { Played, PlayOptions } from './play.ts';

/** Plays one seed. Loaded when the timers are ready: what is imported beside them is bound before any of it runs. */
export async function play(seed: number, options: PlayOptions = {}): Promise<Played> {
  const { playSeed } = await import('./play.ts');
  return playSeed(seed, options);
}
