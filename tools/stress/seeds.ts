import { type Given, numberOf, type Part, type Print } from './part.ts';

/** What is played of a seed. */
const KINDS = { story: {}, days: { isWarned: true } } as const;
type Kind = keyof typeof KINDS;

/** Looks for seeds that break a promise. */
export const seeds: Part = {
  usage: '[--seeds <n>] [--from <seed>]',
  options: { seeds: 'string', from: 'string' },
  help: {
    seeds: 'how many, default 1000; of each its story is played, and its days on which owners are warned',
    from: 'the first one, default 1',
  },
  play: (given, print) => search(numberOf(given, 'from', 1), numberOf(given, 'seeds', 1000), print),
};

export const story: Part = {
  usage: '--story <seed>',
  options: { story: 'string' },
  help: { story: 'prints the story of one seed, line by line: seconds, who, what' },
  play: (given, print) => tell('story', given, print),
};

export const days: Part = {
  usage: '--days <seed>',
  options: { days: 'string' },
  help: { days: 'prints its days of warnings' },
  play: (given, print) => tell('days', given, print),
};

async function search(from: number, count: number, print: Print): Promise<0 | 1> {
  const { play } = await import('../../test/simulation/simulation.ts');
  const beganAt = performance.now();
  let failing = 0;
  let starts = 0;
  let kills = 0;
  for (let seed = from; seed < from + count; seed++) {
    let isFailing = false;
    for (const kind of ['story', 'days'] as const) {
      const played = await play(seed, { setting: KINDS[kind] });
      starts += played.starts;
      kills += played.kills;
      isFailing ||= played.faults.length > 0;
      for (const { rule, line } of played.faults) print(`--${kind} ${String(seed).padEnd(8)}  ${rule}: ${line}`);
    }
    if (isFailing) failing += 1;
  }
  const tookSec = (performance.now() - beganAt) / 1_000;
  print(`${count} seeds from ${from}, ${failing} with a fault; ${starts} executions, ${kills} kills; ${(count / tookSec).toFixed(1)} seeds a second`);
  return failing === 0 ? 0 : 1;
}

async function tell(kind: Kind, given: Given, print: Print): Promise<0 | 1> {
  const { play } = await import('../../test/simulation/simulation.ts');
  const { story: lines, faults } = await play(numberOf(given, kind, 1), { isTold: true, setting: KINDS[kind] });
  for (const line of lines) print(line);
  print(faults.length === 0 ? 'no promise was broken' : faults.map(({ rule, line }) => `broken: ${rule}: ${line}`).join('\n'));
  return faults.length === 0 ? 0 : 1;
}
