import { type Played, play } from '../../test/simulation/simulation.ts';
import type { Setting } from '../../test/simulation/plot.ts';

/** What is played of a seed. */
export const KINDS = { story: {}, days: { isWarned: true } } as const satisfies Record<string, Setting>;
export type Kind = keyof typeof KINDS;

/** What one kind of a seed came to; it is sent from one process to the other. */
export type PlayedKind = Omit<Played, 'story'> & { kind: Kind };

/** Plays all kinds of a seed. */
export async function playAllOf(seed: number): Promise<PlayedKind[]> {
  const all: PlayedKind[] = [];
  for (const kind of Object.keys(KINDS) as Kind[]) {
    const { story: _story, ...played } = await play(seed, { setting: KINDS[kind] });
    all.push({ ...played, kind });
  }
  return all;
}
