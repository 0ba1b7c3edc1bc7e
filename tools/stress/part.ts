import { wholeNumberOf } from '../command-line.ts';

export type Print = (line: string) => void;

/** What stands behind the options of a run; `true` where an option takes no value. */
export type Given = Readonly<Record<string, string | boolean | undefined>>;

/** One thing that `npm run stress` plays: a row of PARTS, asked for by the option of its name. */
export type Part = {
  /** Its line of the usage, behind `npm run stress -- `. */
  usage: string;
  /** The options that it takes, its own among them: `string` where a value stands behind it. */
  options: Readonly<Record<string, 'string' | 'boolean'>>;
  /** What --help says of each option that no other part says. */
  help: Readonly<Record<string, string>>;
  /** Plays it, prints its figures, and gives the exit code. Throws WrongUsage. Loads what it plays itself: --help should not wait for it. */
  play(given: Given, print: Print): Promise<0 | 1>;
};

/** The whole number behind an option, or what it is without. Throws WrongUsage. */
export function numberOf(given: Given, option: string, otherwise: number): number {
  const text = given[option];
  return typeof text === 'string' ? wholeNumberOf(`--${option}`, text) : otherwise;
}
