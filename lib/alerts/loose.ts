import * as z from 'zod/mini';
import { timestamp } from '../http/timestamp.ts';

// What senders write loosely: a number in place of a text, a time in any of three ways, labels without values.

/** A text such as `text`, or the number or the word that a loose sender put in its place; `problem` says what fits. */
export function loose(text: z.ZodMiniType<string, string>, problem = 'expected a text') {
  return z.pipe(z.union([text, z.number(), z.boolean()], problem), z.transform(String));
}

export const looseText = loose(z.string());

const epoch = z.union([z.string().check(z.regex(/^\d{10}(?:\d{3})?$/)), z.int().check(z.gte(1e9), z.lte(9_999_999_999)), z.int().check(z.gte(1e12), z.lte(9_999_999_999_999))]);
export const NO_TIME = 'expected a time such as 2026-11-28T12:00:00Z, or epoch seconds or milliseconds';
/** A moment: an ISO time, or epoch seconds or milliseconds as a number or a text. Epoch ms out. */
export const looseTime = z.union([timestamp, z.pipe(epoch, z.transform((digits) => Number(String(digits).padEnd(13, '0'))))], NO_TIME);
/** Labels or annotations, from a sender who may leave out any of them, or all. */
export const looseTexts = z.pipe(z.nullish(z.record(z.string(), z.nullish(looseText))), z.transform((texts) => given(texts ?? {})));

/**
 * The texts that have a value, numbers and `true` or `false` as texts. What is empty is left out, as what is not there: it never
 * fits a rule, not even `*`.
 */
export function given(values: Record<string, unknown>, isGiven = (text: string): boolean => text.trim() !== ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]): [string, string][] => {
      const text = typeof value === 'string' ? value : looseText.safeParse(value).data; // most are
      return text !== undefined && isGiven(text) ? [[name, text]] : [];
    }),
  );
}
