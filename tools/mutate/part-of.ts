import { WrongUsage } from '../command-line.ts';

/** One of `of` parts of the mutants of a room, by their numbers: each part has some of each file, and all of them are the whole. */
export type PartOf = { nth: number; of: number };

/** Reads `<n>/<m>`. Throws WrongUsage. */
export function readPart(text: string): PartOf {
  const [, nth, of] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text) ?? [];
  if (nth === undefined || of === undefined || Number(nth) > Number(of)) throw new WrongUsage(`--part ${text} is no part: it is a number of a part, a slash and how many parts there are, as in 1/10.`);
  return { nth: Number(nth), of: Number(of) };
}

/** Whether a mutant is of that part; without one, all are. `id` is Stryker's number of it. */
export function isOfPart(id: string, part: PartOf | undefined): boolean {
  return part === undefined || Number(id) % part.of === part.nth - 1;
}
