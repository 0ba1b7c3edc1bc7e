import { playSeeds } from './jobs.ts';
import { type Given, numberOf, type Part, type Print } from './part.ts';
import type { Kind, PlayedKind } from './play-seed.ts';

/** Looks for seeds that break a promise. */
export const seeds: Part = {
  usage: '[--seeds <n>] [--from <seed>] [--jobs <n>]',
  options: { seeds: 'string', from: 'string', jobs: 'string' },
  help: {
    seeds: 'how many, default 1000; of each its story is played, and its days on which owners are warned',
    from: 'the first one, default 1',
    jobs: 'so many processes at once, default 1: as many as there are cores is fastest',
  },
  play: (given, print) => search({ from: numberOf(given, 'from', 1), count: numberOf(given, 'seeds', 1000), jobs: numberOf(given, 'jobs', 1) }, print),
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

async function search({ from, count, jobs }: { from: number; count: number; jobs: number }, print: Print): Promise<0 | 1> {
  const { addTo, emptySummary, linesOf } = await import('./summary.ts');
  const beganAt = performance.now();
  const summary = emptySummary();
  let failing = 0;
  const onPlayed = (played: PlayedKind[]): void => {
    for (const kind of played) {
      addTo(summary, kind);
      for (const { rule, line } of kind.faults) print(`--${kind.kind} ${String(kind.seed).padEnd(8)}  ${rule}: ${line}`);
    }
    if (played.some(({ faults }) => faults.length > 0)) failing += 1;
  };
  await playSeeds(numbers(from, count), Math.min(jobs, count), onPlayed);
  const tookSec = (performance.now() - beganAt) / 1_000;
  for (const line of linesOf(summary)) print(line);
  print(`${count} seeds from ${from}, ${failing} with a fault; ${summary.starts} executions, ${summary.kills} kills; ${(count / tookSec).toFixed(1)} seeds a second`);
  return failing === 0 ? 0 : 1;
}

function* numbers(from: number, count: number): Generator<number> {
  for (let number = from; number < from + count; number++) yield number;
}

async function tell(kind: Kind, given: Given, print: Print): Promise<0 | 1> {
  const { play } = await import('../../test/simulation/simulation.ts');
  const { KINDS } = await import('./play-seed.ts');
  const { story: lines, faults } = await play(numberOf(given, kind, 1), { isTold: true, setting: KINDS[kind] });
  for (const line of lines) print(line);
  print(faults.length === 0 ? 'no promise was broken' : faults.map(({ rule, line }) => `broken: ${rule}: ${line}`).join('\n'));
  return faults.length === 0 ? 0 : 1;
}
