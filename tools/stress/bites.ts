import { numberOf, type Part } from './part.ts';

/** Breaks each promise on purpose, and looks for the seed that notices it. */
export const bites: Part = {
  usage: '--bites [--seeds <n>]',
  options: { bites: 'boolean', seeds: 'string' },
  help: { bites: 'breaks each promise on purpose, and looks for it in so many stories, default 60: the seed that noticed it, or MISSED' },
  play: (given, print) => playBites(numberOf(given, 'seeds', 60), print),
};

/** Plays every broken part until it is noticed, in `most` stories each; a line for each. Exit code: 0 all were, 1 some were not. */
async function playBites(most: number, print: (line: string) => void): Promise<0 | 1> {
  const { findBite } = await import('../../test/simulation/bites.ts');
  const { BROKEN_PARTS } = await import('../../test/simulation/broken-parts.ts');
  const beganAt = performance.now();
  let missed = 0;
  for (const part of BROKEN_PARTS) {
    const seed = await findBite(part, most);
    if (seed === undefined) missed += 1;
    print(`${seed === undefined ? 'MISSED' : `seed ${seed}`.padEnd(8)}  ${part.breaks}: by ${part.by}`);
  }
  const tookSec = (performance.now() - beganAt) / 1_000;
  print(`${BROKEN_PARTS.length} broken parts, ${BROKEN_PARTS.length - missed} noticed; ${tookSec.toFixed(0)} s`);
  return missed === 0 ? 0 : 1;
}
