import { play } from '../../test/simulation/simulation.ts';
import { readArgs, wholeNumberOf, WrongUsage } from '../command-line.ts';
import { playBites } from './bites.ts';
import { testFullSize } from './full-size.ts';

const HELP = `Usage: npm run stress -- [--seeds <n>] [--from <seed>]
       npm run stress -- --story <seed>
       npm run stress -- --days <seed>
       npm run stress -- --bites [--seeds <n>]
       npm run stress -- --full

Plays the whole product in simulated worlds: each seed decides who asks, who dies, and whose answers are lost.
A seed that breaks a promise is a line of its own, with how to print it, and always breaks it again.

Options:
  --seeds   how many, default 1000; of each its story is played, and its days on which owners are warned
  --from    the first one, default 1
  --story   prints the story of one seed, line by line: seconds, who, what
  --days    prints its days of warnings
  --bites   breaks each promise on purpose, and looks for it in so many stories, default 60: the seed that noticed it, or MISSED
  --full    runs the tests that npm test plays a part of, whole (FULL=1)
  --help

Exit code: 0 no promise was broken, with --bites each was noticed, with --full all tests passed; 1 otherwise, and for wrong arguments.

Examples:
  npm run stress -- --seeds 100
  npm run stress -- --story 7`;

type Print = (line: string) => void;

/** The command: gives the exit code. Throws WrongUsage. */
export async function stress(args: string[], print: Print): Promise<0 | 1> {
  const options = readOptions(args);
  if (options === 'help') {
    print(HELP);
    return 0;
  }
  if (options.isFull) return testFullSize();
  if (options.hasBites) return playBites(options.seeds, print);
  return options.told === undefined ? search(options, print) : tell(options.told, print);
}

/** What is played of a seed. */
const KINDS = { story: {}, days: { isWarned: true } } as const;
type Kind = keyof typeof KINDS;
type Told = { seed: number; kind: Kind };
type Options = { from: number; seeds: number; told?: Told; hasBites: boolean; isFull: boolean };

async function search({ from, seeds }: { from: number; seeds: number }, print: Print): Promise<0 | 1> {
  const beganAt = performance.now();
  let failing = 0;
  let starts = 0;
  let kills = 0;
  for (let seed = from; seed < from + seeds; seed++) {
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
  print(`${seeds} seeds from ${from}, ${failing} with a fault; ${starts} executions, ${kills} kills; ${(seeds / tookSec).toFixed(1)} seeds a second`);
  return failing === 0 ? 0 : 1;
}

async function tell({ seed, kind }: Told, print: Print): Promise<0 | 1> {
  const { story, faults } = await play(seed, { isTold: true, setting: KINDS[kind] });
  for (const line of story) print(line);
  print(faults.length === 0 ? 'no promise was broken' : faults.map(({ rule, line }) => `broken: ${rule}: ${line}`).join('\n'));
  return faults.length === 0 ? 0 : 1;
}

function readOptions(args: string[]): Options | 'help' {
  const read = readArgs(args, {
    name: 'npm run stress',
    options: { seeds: { type: 'string' }, from: { type: 'string' }, story: { type: 'string' }, days: { type: 'string' }, bites: { type: 'boolean' }, full: { type: 'boolean' } },
  });
  if (read === 'help') return 'help';
  const { values } = read;
  const alone = (['story', 'days', 'bites', 'full'] as const).filter((name) => values[name] !== undefined);
  if (alone.length > 1) throw new WrongUsage(`${alone.map((name) => `--${name}`).join(' and ')} do not go together: give one of them.`);
  const kind = values.days === undefined ? 'story' : 'days';
  const told = values[kind];
  return {
    seeds: wholeNumberOf('--seeds', values.seeds ?? (values.bites ? '60' : '1000')),
    from: wholeNumberOf('--from', values.from ?? '1'),
    hasBites: values.bites ?? false,
    isFull: values.full ?? false,
    ...(told !== undefined && { told: { kind, seed: wholeNumberOf(`--${kind}`, told) } }),
  };
}
