import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { AppError } from '../lib/core/errors.ts';
import { nearestWord } from '../lib/core/near-names.ts';

/** A command that cannot be done as it was asked for. The message has a line for each reason, with what to do. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const HELP = { help: { type: 'boolean', short: 'h' } } as const;

/** `name` as people type it: `npm run stress`. `mostWords`: so many words may stand beside the options; none where it is left out. */
type Usage<Options extends ParseArgsOptionsConfig> = { name: string; options: Options; mostWords?: number };
type Read<Options extends ParseArgsOptionsConfig> = ReturnType<typeof parseArgs<{ options: Options; allowPositionals: true }>>;

/** Reads a command line; `help` where that was asked for, whatever else stands there. Throws WrongUsage with all that is wrong. */
export function readArgs<const Options extends ParseArgsOptionsConfig>(args: readonly string[], { name, options, mostWords = 0 }: Usage<Options>): Read<Options> | 'help' {
  const known: ParseArgsOptionsConfig = { ...options, ...HELP };
  const { tokens } = parseArgs({ args: [...args], options: known, allowPositionals: true, strict: false, tokens: true });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return 'help';
  const seen = new Set<string>();
  const problems = tokens.flatMap((token) => (token.kind === 'option' ? checkOption(token, seen, name, known) : []));
  if (problems.length > 0) throw new WrongUsage(problems.join('\n')); // a word behind an unknown option may be its value
  const [extra] = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : [])).slice(mostWords);
  if (extra !== undefined) throw new WrongUsage(`${extra} is too much: ${name} takes ${takes(mostWords)}. ${name} -- --help says more.`);
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

function takes(mostWords: number): string {
  return mostWords === 0 ? 'options only' : `${mostWords} word${mostWords === 1 ? '' : 's'} beside its options`;
}

type Option = { name: string; rawName: string; value: string | undefined; inlineValue: boolean | undefined };

function checkOption({ name, rawName, value, inlineValue }: Option, seen: Set<string>, command: string, known: ParseArgsOptionsConfig): string[] {
  const option = Object.hasOwn(known, name) ? known[name] : undefined;
  if (option === undefined) {
    const near = nearestWord(name, Object.keys(known));
    return [`${rawName} is no option of ${command}${near === undefined ? '.' : `; did you mean --${near}?`} ${command} -- --help lists them.`];
  }
  if (seen.has(name) && !option.multiple) return [`${rawName} stands twice: give it once.`];
  seen.add(name);
  if (option.type === 'boolean') return value === undefined ? [] : [`${rawName} takes no value: leave out =${value}.`];
  if (value === undefined || value === '' || (!inlineValue && value.startsWith('-'))) return [`${rawName} needs a value behind it. ${command} -- --help says which.`];
  return [];
}

/** The whole number that an option was given. Throws WrongUsage unless it is one from 1 to `most`. */
export function wholeNumberOf(option: string, text: string, most = 999_999_999): number {
  const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > most) throw new WrongUsage(`${option} has to be a whole number from 1${most < 999_999_999 ? ` to ${most}` : ''}, and is ${text}.`);
  return number;
}

/**
 * Runs a command: what it resolves to is the exit code. What says itself what to do is said in its own lines on standard error, and
 * the exit code is 1; anything else that is thrown is a bug, and its stack is shown.
 */
export async function runCommand(work: () => Promise<number> | number): Promise<void> {
  try {
    process.exitCode = await work();
  } catch (error) {
    if (!(error instanceof WrongUsage) && !(error instanceof AppError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
