import * as z from 'zod';
import { DURATION_PATTERN } from '../lib/core/time.ts';
import { PolicySchema } from '../lib/policy/schema.ts';

/** What the JSON Schema says of one value of policy.yml; `limits`, as in `1h to 14d`, is ours. */
export type KeySchema = {
  type?: string;
  description?: string;
  default?: unknown;
  examples?: unknown[];
  limits?: string;
  enum?: string[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  anyOf?: KeySchema[];
  items?: KeySchema;
  properties?: Record<string, KeySchema>;
  additionalProperties?: KeySchema | boolean;
  required?: string[];
  $ref?: string;
  $defs?: Record<string, KeySchema>;
};

/** The JSON Schema of policy.yml as people write it, made from its one definition, with `limits` and `default` apart from the description. */
export function describePolicy(): KeySchema {
  return z.toJSONSchema(PolicySchema, {
    io: 'input',
    // Where a value is read into another one, zod leaves these out; ours speak of it as it is written.
    override({ zodSchema, jsonSchema }) {
      const { examples, default: normally } = z.globalRegistry.get(zodSchema) ?? {};
      Object.assign(jsonSchema, examples !== undefined && { examples }, normally !== undefined && { default: normally });
    },
  }) as KeySchema;
}

/** The same in words of JSON Schema (draft 2020-12) only. Editors show little else than the description: limits and default stand in it. */
export function policyJsonSchema(): object {
  return inWords(describePolicy());
}

function inWords(described: KeySchema): KeySchema {
  const { limits: _limits, ...schema } = described;
  const { description, properties, items, anyOf, additionalProperties, $defs } = schema;
  const range = rangeOf(described);
  const normally = schema.default === undefined ? [] : [`Default: ${asWritten(schema.default)}.`];
  const form = range === undefined ? (isDuration(schema) ? ['Written like 90s, 30m, 6h, 2d or 2w.'] : []) : [`From ${range}.`];
  return {
    ...schema,
    ...(description !== undefined && { description: [description, ...form, ...normally].join(' ') }),
    ...(properties && { properties: ofEach(properties) }),
    ...(items && { items: inWords(items) }),
    ...(anyOf && { anyOf: anyOf.map(inWords) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: inWords(additionalProperties) }),
    ...($defs && { $defs: ofEach($defs) }),
  };
}

function ofEach(schemas: Record<string, KeySchema>): Record<string, KeySchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, inWords(schema)]));
}

/** From what to what a value may be, as it is written; undefined where there is no such limit. */
export function rangeOf({ limits, minimum, maximum }: KeySchema): string | undefined {
  return limits ?? (minimum === undefined || maximum === undefined ? undefined : `${minimum} to ${maximum}`);
}

export function isDuration({ pattern }: KeySchema): boolean {
  return pattern === DURATION_PATTERN.source;
}

/** A value as policy.yml has it, in one line. */
export function asWritten(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
