import { readArgs, WrongUsage } from '../command-line.ts';
import { bites } from './bites.ts';
import { faults } from './faults.ts';
import { full } from './full-size.ts';
import type { Given, Part, Print } from './part.ts';
import { requests } from './requests.ts';
import { days, seeds, story } from './seeds.ts';
import { soak } from './soak.ts';
import { storm } from './storm.ts';

/** What can be played: asked for by the option of its name, the first one by none. */
const PARTS: Readonly<Record<string, Part>> = { seeds, story, days, bites, faults, requests, full, soak, storm };

const parts = Object.values(PARTS);
const optionsOf = Object.fromEntries(parts.flatMap(({ options }) => Object.entries(options)).map(([name, type]) => [name, { type }]));
const helpLines = parts.flatMap(({ help }) => Object.entries(help)).map(([name, line]) => `  ${`--${name}`.padEnd(13)} ${line}`);

const HELP = `Usage: ${parts.map(({ usage }) => `npm run stress -- ${usage}`).join('\n       ')}

Plays the whole product in simulated worlds: each seed decides who asks, who dies, and whose answers are lost.
A seed that breaks a promise is a line of its own, with how to print it, and always breaks it again. With --faults it is a table that decides,
with --requests what is sent.
A soak and a storm say in figures what became of all that was sent; what broke a promise is a line of its own.

Options:
${helpLines.join('\n')}
  --help        this text

Exit code: 0 no promise was broken, with --bites each was noticed, with --faults each came to what it has to, with --full all tests passed; 1 otherwise, and for wrong arguments.

Examples:
  npm run stress -- --seeds 100
  npm run stress -- --story 7`;

/** The command: gives the exit code. Throws WrongUsage. */
export async function stress(args: string[], print: Print): Promise<0 | 1> {
  const read = readArgs(args, { name: 'npm run stress', options: optionsOf });
  if (read === 'help') {
    print(HELP);
    return 0;
  }
  const given: Given = read.values;
  return partOf(Object.keys(given)).play(given, print);
}

/** The part that these options ask for. Throws WrongUsage where they ask for two, or for what it does not take. */
function partOf(names: readonly string[]): Part {
  const asked = names.filter((name) => name !== 'seeds' && Object.hasOwn(PARTS, name));
  if (asked.length > 1) throw new WrongUsage(`${asked.map((name) => `--${name}`).join(' and ')} do not go together: give one of them.`);
  const [name = 'seeds'] = asked;
  const part = PARTS[name] ?? seeds;
  const extra = names.filter((option) => !Object.hasOwn(part.options, option)).map((option) => `--${option} does not go ${asked.length === 0 ? 'alone' : `with --${name}`}.`);
  if (extra.length > 0) throw new WrongUsage(`${extra.join('\n')} npm run stress -- --help shows what goes together.`);
  return part;
}
