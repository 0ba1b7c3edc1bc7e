import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(import.meta.dirname, '../../../Containerfile');

/** One line of a Containerfile: `COPY`, and what stands behind it. */
export type Instruction = { name: string; rest: string };

/** The instructions in their order, without comments. Ours has one on each line. */
export function readContainerfile(): Instruction[] {
  return readFileSync(FILE, 'utf8').split('\n').filter((line) => /^[A-Z]/.test(line)).map((line) => {
    const [name = '', ...rest] = line.split(' ');
    return { name, rest: rest.join(' ') };
  });
}

/** What all instructions of that name say. */
export function restOf(instructions: readonly Instruction[], name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({ rest }) => rest);
}

/** A `COPY`'s sources and where they go. */
export function readCopy(rest: string): { sources: string[]; to: string } {
  const paths = rest.split(' ');
  return { sources: paths.slice(0, -1), to: paths.at(-1) ?? '' };
}
