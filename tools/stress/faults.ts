import type { Part, Print } from './part.ts';

/** Plays everything that can go wrong with everybody we call, and looks for secrets in all that comes of it. */
export const faults: Part = {
  usage: '--faults',
  options: { faults: 'boolean' },
  help: { faults: 'plays each fault at each place for each trigger, prints what came of it, and looks for secrets in all of it' },
  play: (_given, print) => playFaults(print),
};

/** Plays every cell; a line for each row of the table, and one for each cell that does not hold. Exit code: 0 all hold, 1 some do not. */
async function playFaults(print: Print): Promise<0 | 1> {
  const { cellsOfSources, cellsOfTable } = await import('../../test/faults/cells.ts');
  const { playCell } = await import('../../test/faults/play-cell.ts');
  const { CANNOT_BE, readTable } = await import('../../test/faults/table.ts');
  const beganAt = performance.now();
  const stated = cellsOfTable();
  const wrong: string[] = [];
  let cannot = 0;
  for (const { place, fault, cells } of readTable()) {
    const came: string[] = [];
    for (const [trigger, cell] of Object.entries(cells)) {
      const lengths = stated.filter((one) => one.place === place && one.fault === fault && one.trigger === trigger);
      if (lengths.length === 0) cannot += 1;
      const words: string[] = [];
      for (const { expected, ...played } of lengths) {
        const { came: word, broken } = await playCell(played);
        words.push(word);
        const faulty = [...(word === expected ? [] : [`${word}, and not ${expected}`]), ...broken];
        wrong.push(...faulty.map((line) => `${place}, ${fault}, ${trigger}, ${played.length}: ${line}`));
      }
      came.push(words.length > 0 ? [...new Set(words)].join(' / ') : cell in CANNOT_BE ? cell : 'not played in this home');
    }
    print(`| ${[place, fault, ...came].join(' | ')} |`);
  }
  for (const [mark, why] of Object.entries(CANNOT_BE)) print(`${mark} ${why}`);
  const sources = cellsOfSources();
  for (const cell of sources) wrong.push(...(await playCell(cell)).broken.map((line) => `${cell.trigger}, ${cell.source}, ${cell.fault}: ${line}`));
  for (const line of wrong) print(`broken: ${line}`);
  const tookSec = (performance.now() - beganAt) / 1_000;
  print(`${stated.length} cells and ${sources.length} more for secrets (alerts of every source, REST with a caller's token), ${wrong.length} do not hold; ${cannot} cells cannot be; ${tookSec.toFixed(0)} s`);
  return wrong.length === 0 ? 0 : 1;
}
