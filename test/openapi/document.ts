import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { ANY_OTHER } from './answer.ts';

export const ROOT = join(import.meta.dirname, '../..');

type Json = Record<string, unknown>;
type MediaType = { schema: Json; examples: Record<string, { value: unknown }> };
export type DocumentedResponse = {
  headers: Record<string, { required: boolean; schema: Json }>;
  content?: { 'application/json': MediaType };
};

export const DOCUMENT = parse(readFileSync(join(ROOT, 'openapi.yml'), 'utf8')) as Json & { info: { version: string }; paths: Record<string, Json> };

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

/** The routes of the document, as `GET /health`. */
export const ROUTES = Object.entries(DOCUMENT.paths).flatMap(([path, item]) =>
  METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
);

/** What stands at a JSON pointer, references on the way followed. Throws where there is nothing. */
export function at(pointer: string, document: Json = DOCUMENT): Json {
  let value: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    value = (value as Json)[part.replaceAll('~1', '/')];
    if (typeof value !== 'object' || value === null) throw new Error(`nothing in openapi.yml at ${pointer}`);
    if (typeof (value as Json)['$ref'] === 'string') value = at(String((value as Json)['$ref']).slice(1), document);
  }
  return value as Json;
}

/** The pointer to what the document says of a route, or of ANY_OTHER. */
export function pointerTo(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  return route === ANY_OTHER ? '/x-any-other-request' : `/paths/${path.replaceAll('/', '~1')}/${method.toLowerCase()}`;
}

/** The documented statuses of a route. */
export function statusesOf(route: string): number[] {
  return Object.keys(at(`${pointerTo(route)}/responses`)).map(Number);
}

/** The documented response, its headers resolved. Throws where the status is not documented. */
export function responseOf(route: string, status: number): DocumentedResponse {
  const { headers = {}, ...response } = at(`${pointerTo(route)}/responses/${status}`) as Partial<DocumentedResponse>;
  const follow = (header: Json): Json => ('$ref' in header ? at(String(header['$ref']).slice(1)) : header);
  const resolved = Object.entries(headers as Record<string, Json>).map(([name, header]) => [name.toLowerCase(), follow(header)]);
  return { ...response, headers: Object.fromEntries(resolved) };
}

const formats = {
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  'date-time': (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && Number.isFinite(Date.parse(text)),
};

function compilerFor(components: unknown): (schema: unknown) => ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false, formats, keywords: ['components', 'example'] });
  ajv.addSchema({ $id: 'openapi:', components } as AnySchema);
  return (schema) => ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"openapi:#/components/')) as AnySchema);
}

const { schemas } = DOCUMENT['components'] as { schemas: Record<string, unknown> };

/** Compiles a schema of a request: fields that it does not name pass. */
export const compileOpen = compilerFor({ schemas });
const compileWithClosed = compilerFor({ schemas: Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, closeInside(schema as Json)])) });

/** Compiles a schema of a response: a field that the document does not name is an error, at any depth. */
export function compileClosed(schema: unknown): ValidateFunction {
  return compileWithClosed(close(schema as Json));
}

/** What a schema is made up of may have more fields, where it is used: closed is the whole. */
function close(schema: Json): Json {
  return 'additionalProperties' in schema ? closeInside(schema) : { ...closeInside(schema), unevaluatedProperties: false };
}

function closeInside(schema: Json): Json {
  const inside = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === 'properties') return [keyword, Object.fromEntries(Object.entries(value as Json).map(([name, property]) => [name, close(property as Json)]))];
    if (keyword === 'items') return [keyword, close(value as Json)];
    return [keyword, keyword === 'allOf' ? (value as Json[]).map(closeInside) : value];
  });
  return Object.fromEntries(inside);
}
