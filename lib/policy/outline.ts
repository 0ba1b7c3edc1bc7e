import * as z from 'zod';
import { PolicySchema } from './schema.ts';

/** A part as somebody wrote it: every text and number may say anything, and every key may be missing. */
type Outline<Part> = Part extends string
  ? string
  : Part extends number
  ? number
  : Part extends readonly (infer Item)[]
    ? Outline<Item>[]
    : Part extends object
      ? { [Key in keyof Part]?: Outline<NonNullable<Part[Key]>> | undefined }
      : unknown;

/** What can be read of a policy, right or wrong; a Policy is one too. */
export type PolicyOutline = Outline<z.input<typeof PolicySchema>>;

/**
 * Reads what has the right form, a mapping, a list or a text, and takes no part for more than empty where it has another, so that
 * a mistake in one rule does not hide those between others. Takes any value. Follows the schema, so it knows every key of it.
 */
export function readOutline(written: unknown): PolicyOutline {
  return readPart(PolicySchema, written) as PolicyOutline;
}

function readPart(schema: unknown, written: unknown): unknown {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, unknown> = schema.shape;
    return mapEntries(written, (value, key) => (Object.hasOwn(shape, key) ? readPart(shape[key], value) : undefined));
  }
  if (schema instanceof z.ZodRecord) return mapEntries(written, (value) => readPart(schema.valueType, value));
  if (schema instanceof z.ZodArray) return Array.isArray(written) ? written.map((item) => readPart(schema.element, item)) : [];
  if (schema instanceof z.ZodString || schema instanceof z.ZodEnum) return typeof written === 'string' ? written : undefined;
  if (schema instanceof z.ZodNumber) return typeof written === 'number' ? written : undefined;
  if (schema instanceof z.ZodPipe) return readPart(schema.in, written);
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) return readPart(schema.unwrap(), written);
  return undefined;
}

function mapEntries(written: unknown, read: (value: unknown, key: string) => unknown): Record<string, unknown> {
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return {};
  return Object.fromEntries(Object.entries(written).map(([key, value]) => [key, read(value, key)]));
}
