import { asWritten, describePolicy, isDuration, type KeySchema, rangeOf } from '../policy-json-schema.ts';
import { toTable } from './table.ts';

const HEAD = ['Key', 'Value', 'Default', 'Meaning', 'Example'];

/** A mapping of policy.yml: where it stands (`alerts[].pick`) and what it takes. */
type Section = { path: string; schema: KeySchema };

/** The tables of docs/policy.md, one for each mapping of policy.yml, out of the same definition as its check. */
export function policyTables(policy = describePolicy()): string {
  const selector = policy.$defs?.['selector'] ?? {};
  const [file, ...sections] = sectionsOf({ path: '', schema: policy }, policy);
  if (file === undefined) throw new Error('policy.yml takes nothing');
  // Selectors are everywhere, and told once.
  const others = sections.filter(({ schema }) => schema !== selector);
  return [
    `### The whole file\n\n${tableOf(file.schema, selector)}`,
    `### A selector\n\n${selector.description} It stands in ${listOf(sections.filter(({ schema }) => schema === selector))}, and with more keys in ${listOf(others.filter(({ schema }) => hasSelector(schema, selector)))}.\n\n${tableOf(selector, {})}`,
    ...others.map(({ path, schema }) => `### \`${path}\`\n\n${hasSelector(schema, selector) ? 'All keys of a selector, and:\n\n' : ''}${tableOf(schema, selector)}`),
  ].join('\n\n');
}

/** This mapping, and those that stand in it, in the order of their keys. */
function sectionsOf({ path, schema }: Section, policy: KeySchema): Section[] {
  return [{ path, schema }, ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => mappingIn({ path: path === '' ? key : `${path}.${key}`, schema: value }, policy).flatMap((inner) => sectionsOf(inner, policy)))];
}

/** The mapping that a value is, or a list or a mapping by name has for its entries; none for others. */
function mappingIn({ path, schema }: Section, policy: KeySchema): Section[] {
  const value = given(schema, policy);
  if (value.properties) return [{ path, schema: value }];
  if (value.items) return mappingIn({ path: `${path}[]`, schema: value.items }, policy);
  return typeof value.additionalProperties === 'object' ? mappingIn({ path: `${path}.<name>`, schema: value.additionalProperties }, policy) : [];
}

/** What a value is where it is given: null is a section in which everything is commented out. */
function given(schema: KeySchema, { $defs = {} }: KeySchema): KeySchema {
  const { $ref, anyOf = [] } = schema;
  if ($ref !== undefined) return $defs[$ref.slice('#/$defs/'.length)] ?? {};
  const [only, ...others] = anyOf.filter(({ type }) => type !== 'null');
  return only === undefined || others.length > 0 ? schema : given(only, { $defs });
}

function hasSelector({ properties = {} }: KeySchema, { properties: fields = {} }: KeySchema): boolean {
  return Object.keys(fields).length > 0 && properties !== fields && Object.keys(fields).every((key) => Object.hasOwn(properties, key));
}

function tableOf(schema: KeySchema, selector: KeySchema): string {
  const { properties = {}, required = [] } = schema;
  const own = Object.entries(properties).filter(([key]) => !hasSelector(schema, selector) || !Object.hasOwn(selector.properties ?? {}, key));
  return toTable(HEAD, own.map(([key, value]) => [code(key), kindOf(value), required.includes(key) ? '**required**' : defaultOf(value), value.description ?? '', (value.examples ?? []).map((one) => code(inFlow(one))).join(', ')]));
}

function kindOf(schema: KeySchema): string {
  const { enum: words, anyOf, type, items, properties, $ref } = schema;
  if (properties) return 'mapping';
  if (words) return words.map(code).join(', ');
  if (anyOf) return anyOf.filter((one) => one.type !== 'null').map(kindOf).join(', or ');
  if ($ref !== undefined) return 'selector';
  if (isDuration(schema)) return ['duration', rangeOf(schema)].filter((part) => part !== undefined).join(', ');
  if (type === 'array') return items?.enum ? `list of ${kindOf(items)}` : 'list';
  const kinds: Record<string, string> = { string: 'text', boolean: '`true`, `false`', integer: `whole number, ${rangeOf(schema)}`, object: 'mapping' };
  return kinds[type ?? ''] ?? 'anything';
}

function defaultOf({ default: normally }: KeySchema): string {
  return normally === undefined ? '–' : code(asWritten(normally));
}

/** A value as one line of YAML. */
function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) return `{ ${Object.entries(value).map(([key, one]) => `${quoted(key)}: ${inFlow(one)}`).join(', ')} }`;
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

/** What a plain word of YAML cannot be stands in quotes. */
function quoted(text: string): string {
  return /^[A-Za-z][\w.-]*$/.test(text) || /^\d+[smhdw]$/.test(text) ? text : JSON.stringify(text);
}

function listOf(sections: readonly Section[]): string {
  const names = sections.map(({ path }) => code(path));
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function code(text: string): string {
  return `\`${text}\``;
}
