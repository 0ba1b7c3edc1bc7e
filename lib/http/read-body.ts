import * as z from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { InvalidRequest } from '../core/errors.ts';
import { parseJson } from './json.ts';

z.config(en()); // the words of what is wrong; zod/mini brings none

/** The value of a body. Throws InvalidRequest where it is no JSON in UTF-8. */
export function readJson(rawBody: Buffer): unknown {
  const value = parseJson(rawBody);
  if (value === undefined) throw new InvalidRequest('body: expected JSON');
  return value;
}

/** Reads a body by its schema. Throws InvalidRequest with every field that is wrong, and no value. */
export function readBody<T>(schema: z.ZodMiniType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  throw new InvalidRequest(problemsIn(read.error));
}

/** Every field that is wrong, and no value. `at` is the place of what was read, where that is no whole body: `alerts[2]`. */
export function problemsIn({ issues }: z.core.$ZodError, at?: string): string {
  const problems = issues.slice(0, 5).map(({ path, message }) => {
    const field = path.join('.').slice(0, 100);
    return `${[at, field].filter((part) => part !== undefined && part !== '').join('.') || 'body'}: ${message}`;
  });
  return problems.join('; ');
}
