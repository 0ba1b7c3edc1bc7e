import * as z from 'zod';
import { DURATION_PATTERN, parseDurationMs } from '../core/time.ts';

// The kinds of values in policy.yml, each with what is said of a wrong one.

/** YAML makes numbers of ids that consist of digits, or look like 12e3, and booleans of true and false. */
function describeWrongType(input: unknown, problem: string): string {
  if (input === undefined) return `is required and ${problem}`;
  if (typeof input === 'number') return 'was read as a number; put it in quotes';
  if (typeof input === 'boolean') return 'was read as true or false; put it in quotes';
  return problem;
}

export function text(problem: string, pattern: RegExp) {
  return z.string({ error: ({ input }) => describeWrongType(input, problem) }).regex(pattern, problem);
}

/** By a pattern, since zod asks the length of a list too, and would say the same of it twice. */
export function filledText(problem: string) {
  return text(problem, /^[\s\S]+$/);
}

export function oneOf<const Words extends readonly string[]>(words: Words) {
  const problem = `has to be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return z.enum(words, { error: ({ input }) => (input === undefined ? `is required and ${problem}` : problem) });
}

export function wholeNumber(max: number) {
  const problem = `has to be a whole number from 1 to ${max}`;
  return z.number(problem).int(problem).min(1, problem).max(max, problem);
}

export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code === 'unrecognized_keys') return `unknown key; known here: ${known}`;
      return `${input === undefined ? 'is required and ' : ''}has to be a mapping of ${known}`;
    },
  });
}

/** A section whose entries are all commented out is read as null by YAML: the same as left out. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, 'has to be a list').nullish().transform((items) => items ?? []);
}

const DURATION = 'has to be a duration such as 90s, 30m, 6h, 2d or 2w';

export const duration = z
  .string(DURATION)
  .meta({ pattern: DURATION_PATTERN.source })
  .transform((value, context) => {
    const durationMs = parseDurationMs(value);
    if (durationMs !== undefined) return durationMs;
    context.addIssue({ code: 'custom', message: DURATION });
    return z.NEVER;
  });

/** A duration from `least` to `most`, both as they are written, which the JSON Schema can only tell in words. */
export function durationBetween(least: string, most: string) {
  const leastMs = parseDurationMs(least) ?? 0;
  const mostMs = parseDurationMs(most) ?? 0;
  const limits = `${least} to ${most}`;
  return duration.refine((durationMs) => durationMs >= leastMs && durationMs <= mostMs, `has to be a duration from ${limits}`).meta({ limits });
}

export const glob = filledText('has to be text that is not empty; * and ? stand for other characters');
export const trueOrFalse = z.boolean('has to be true or false');

export const isFilled = (fields: object): boolean => Object.values(fields).some((value) => value !== undefined);
/** What isFilled asks, for the JSON Schema, which cannot see into a function. */
export const FILLED = { minProperties: 1 };

/** A second look at what has the right form: a field that is misspelled, say, is mistake enough, and without it the rest may look empty. */
export const unlessBroken = (error: string) => ({ error, when: ({ issues }: z.core.ParsePayload) => issues.length === 0 });
