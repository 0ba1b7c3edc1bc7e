import { findBite } from '../../test/simulation/bites.ts';
import { BROKEN_PARTS } from '../../test/simulation/broken-parts.ts';

/** Plays every broken part until it is noticed, in `most` stories each; a line for each. Exit code: 0 all were, 1 some were not. */
export async function playBites(most: number, print: (line: string) => void): Promise<0 | 1> {
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
