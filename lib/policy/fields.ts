import * as z from 'zod';
import { DURATION_PATTERN, parseDurationMs } from '../core/time.ts';
import { meant, unknownKey } from './meant.ts';

// The kinds of values in policy.yml, each with what is said of a wrong one: what was found, and what has to be there.

type Wrong = { input?: unknown };

const LONGEST_SHOWN = 40;

/** What was found in place of what has to be there: `is "#ops" but `. Long texts are left out. */
function found(input: unknown): string {
  if (input === undefined) return 'is required and ';
  if (input === null || input === '') return 'is empty but ';
  if (Array.isArray(input)) return 'is a list but ';
  if (typeof input === 'object') return 'is a mapping but ';
  const shown = show(input);
  return shown === undefined ? '' : `is ${shown} but `;
}

/** A word or a number as it was written; undefined for what is too long for a line, or is more than that. */
export function show(input: unknown): string | undefined {
  if (typeof input !== 'string' && typeof input !== 'number' && typeof input !== 'boolean') return undefined;
  const shown = JSON.stringify(input);
  return shown.length > LONGEST_SHOWN ? undefined : shown;
}

/** As `error` of a schema: `problem` says what has to be there. */
export const wrong = (problem: string) => ({ error: ({ input }: Wrong) => `${found(input)}${problem}` });

/** YAML makes numbers of ids that consist of digits, or look like 12e3, and booleans of true and false. */
function describeWrongType(input: unknown, problem: string): string {
  if (typeof input === 'number') return 'was read as a number; put it in quotes';
  if (typeof input === 'boolean') return 'was read as true or false; put it in quotes';
  return `${found(input)}${problem}`;
}

export function text(problem: string, pattern: RegExp) {
  return z.string({ error: ({ input }) => describeWrongType(input, problem) }).regex(pattern, wrong(problem));
}

/** By a pattern, since zod asks the length of a list too, and would say the same of it twice. */
export function filledText(problem: string) {
  return text(problem, /^[\s\S]+$/);
}

export function oneOf<const Words extends readonly string[]>(words: Words) {
  const problem = `has to be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return z.enum(words, { error: ({ input }) => `${found(input)}${problem}${meant(input, words)}` });
}

export function wholeNumber(max: number) {
  const problem = wrong(`has to be a whole number from 1 to ${max}`);
  return z.number(problem).int(problem).min(1, problem).max(max, problem);
}

export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      const { input } = issue;
      // One issue for all of them: parse.ts gives each its line.
      if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, known)).join('\n');
      return `${found(input)}has to be a mapping of ${known.join(', ')}${explainForm(input, known)}`;
    },
  });
}

/** `perHour:1` alone is a text, no key with a value; entries with dashes are a list. */
function explainForm(input: unknown, known: readonly string[]): string {
  if (Array.isArray(input)) return '; write its keys without a dash';
  const [, key, value] = (typeof input === 'string' && /^([\w-]+):(\S.*)/.exec(input)) || [];
  return key !== undefined && known.includes(key) ? `; a space is missing behind the colon: ${key}: ${value}` : '';
}

/** A section whose entries are all commented out is read as null by YAML: the same as left out. */
export function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, LIST).nullish().transform((items) => items ?? []);
}

export const LIST = {
  error: ({ input }: Wrong) => {
    const isMapping = typeof input === 'object' && input !== null && !Array.isArray(input);
    return `${found(input)}has to be a list${isMapping ? '; begin each entry with a dash and a space' : ''}`;
  },
};

const DURATION = 'has to be a duration such as 90s, 30m, 6h, 2d or 2w';

function describeDuration(input: unknown): string {
  if (typeof input === 'number' || (typeof input === 'string' && /^\d{1,6}$/.test(input))) return `is ${input} without a unit; write ${['s', 'm', 'h', 'd'].map((unit) => `${input}${unit}`).join(', ')} or ${input}w`;
  const [, count, unit] = (typeof input === 'string' && /^\s*(\d{1,6})\s*(s|m|h|d|w)(?:ec|econd|in|inute|our|r|ay|eek)?s?\s*$/i.exec(input)) || [];
  const likely = `${count}${unit?.toLowerCase()}`;
  return `${found(input)}${DURATION}${parseDurationMs(likely) === undefined ? '' : `; did you mean ${likely}?`}`;
}

export const duration = z
  .string({ error: ({ input }) => describeDuration(input) })
  .meta({ pattern: DURATION_PATTERN.source })
  .transform((value, context) => {
    const durationMs = parseDurationMs(value);
    if (durationMs !== undefined) return durationMs;
    context.addIssue(describeDuration(value));
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
export const trueOrFalse = z.boolean({ error: ({ input }) => `${found(input)}has to be true or false${yesOrNo(input)}` });

/** YAML 1.1 read these as true and false; today they are texts. */
export function yesOrNo(input: unknown): string {
  if (typeof input !== 'string') return '';
  if (/^(?:y|yes|on|true)$/i.test(input)) return '; write true';
  return /^(?:n|no|off|false)$/i.test(input) ? '; write false' : '';
}

export const isFilled = (fields: object): boolean => Object.values(fields).some((value) => value !== undefined);
/** What isFilled asks, for the JSON Schema, which cannot see into a function. */
export const FILLED = { minProperties: 1 };

/** A second look at what has the right form: a field that is misspelled, say, is mistake enough, and without it the rest may look empty. */
export const unlessBroken = (error: string) => ({ error, when: ({ issues }: z.core.ParsePayload) => issues.length === 0 });
