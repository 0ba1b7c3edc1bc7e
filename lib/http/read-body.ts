import * as z from 'zod';
import { InvalidRequest } from '../core/errors.ts';
import { parseJson } from './json.ts';

/** ISO time in, epoch ms out. */
export const timestamp = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

/** The value of a body. Throws InvalidRequest where it is no JSON in UTF-8. */
export function readJson(rawBody: Buffer): unknown {
  const value = parseJson(rawBody);
  if (value === undefined) throw new InvalidRequest('body: expected JSON');
  return value;
}

/** Reads a body by its schema. Throws InvalidRequest with every field that is wrong, and no value. */
export function readBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 5).map(({ path, message }) => `${path.length === 0 ? 'body' : path.join('.').slice(0, 100)}: ${message}`);
  throw new InvalidRequest(problems.join('; '));
}
