import { Document, visit } from 'yaml';
import * as z from 'zod';
import type { AlertSource, Proof } from '../../lib/alerts/source.ts';
import { titleIn, toLink } from './readme.ts';
import type { Regions } from './regions.ts';

type Sources = Record<string, AlertSource>;
type Json = Record<string, unknown>;

/** Up to here a map or a list is one line. */
const LONGEST_LINE = 120;

/** All that openapi.yml says of single sources. `exampleOf` gives the body of a delivery whose job is to be killed. */
export function openApiRegions(sources: Sources, exampleOf: (source: string) => unknown, version: string): Regions {
  const names = Object.keys(sources);
  const schemas = schemasOf(sources);
  const triggers = Object.fromEntries(['api', 'slack', ...names].map((name) => [name, name === 'api' ? 'on' : 'off']));
  return {
    'sources-security': toYaml({ security: Object.keys(schemesOf(sources)).map((scheme) => ({ [scheme]: [] })) }),
    'sources-schemes': toYaml(schemesOf(sources)),
    'sources-parameter': toYaml({ Source: parameterOf(sources) }),
    'sources-bodies': toYaml({
      schema: { anyOf: Object.keys(schemas).map((name) => ({ $ref: `#/components/schemas/${name}` })) },
      examples: Object.fromEntries(names.map((name) => [name, { value: exampleOf(name) }])),
    }),
    'sources-health': toYaml({ ok: { value: { status: 'ok', version, triggers, paused: false, dry_run: false } } }),
    'sources-schemas': toYaml(schemas),
  };
}

function parameterOf(sources: Sources): Json {
  const lines = Object.entries(sources).map(([name, { about, trust }]) =>
    `- \`${name}\`: ${toLink(titleIn('en', about), about.link)}. Proof: ${trust}. Happens once by: ${about.deliveryKey}. Job: ${about.namesJob}.`);
  return {
    name: 'source',
    in: 'path',
    required: true,
    description: `Who sends. It decides how the delivery is authenticated and read; any other is a 404.\n\n${lines.join('\n')}\n`,
    schema: { type: 'string', enum: Object.keys(sources) },
    example: Object.keys(sources)[0],
  };
}

/** Two for the tokens of ALERT_TOKENS, and one for each source with a proof of its own. */
function schemesOf(sources: Sources): Record<string, Json> {
  const takers = (proof: Proof): string => toList(Object.keys(sources).filter((name) => sources[name]?.proofs.includes(proof)));
  const own = Object.entries(sources).flatMap(([source, { proofs }]) =>
    proofs.flatMap((proof): [string, Json][] =>
      typeof proof === 'string' ? [] : [[`${source}Signature`, { type: 'apiKey', in: 'header', name: proof.header, description: `For \`${source}\`: ${proof.says}` }]],
    ),
  );
  return {
    alertToken: {
      type: 'http',
      scheme: 'bearer',
      description: `A token of \`ALERT_TOKENS\`, for ${takers('bearer')}. One that is bound to a source is for that one only.`,
    },
    alertTokenAsPassword: { type: 'http', scheme: 'basic', description: `A token of \`ALERT_TOKENS\` as the password, with any user name. For ${takers('basic')} only.` },
    ...Object.fromEntries(own),
  };
}

function toList(names: string[]): string {
  const [last, ...others] = names.map((name) => `\`${name}\``).toReversed();
  return others.length === 0 ? (last ?? 'nobody') : `${others.toReversed().join(', ')} and ${last}`;
}

/** The bodies' schemas by name: two sources that take the same body have one. */
function schemasOf(sources: Sources): Record<string, Json> {
  const schemas: Record<string, Json> = {};
  for (const [source, { body }] of Object.entries(sources)) {
    const name = schemaNameOf(source, { body });
    const schema = toJsonSchema(body);
    if (Object.hasOwn(schemas, name) && JSON.stringify(schemas[name]) !== JSON.stringify(schema)) throw new Error(`two bodies have the title ${name}`);
    schemas[name] = schema;
  }
  return schemas;
}

/** What openapi.yml calls the body of a source: by the title of its schema. */
export function schemaNameOf(source: string, { body }: Pick<AlertSource, 'body'>): string {
  return z.globalRegistry.get(body)?.title ?? `${source.charAt(0).toUpperCase()}${source.slice(1)}Delivery`;
}

function toJsonSchema(body: z.core.$ZodType): Json {
  const { $schema: _dialect, title: _name, ...schema } = z.toJSONSchema(body, {
    io: 'input',
    override({ jsonSchema }) {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern; // the same once more, in 300 letters
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.propertyNames !== undefined) delete jsonSchema.propertyNames; // they are texts anyway
      if (jsonSchema.type === 'object') jsonSchema.additionalProperties = isEmpty(jsonSchema.additionalProperties) ? true : jsonSchema.additionalProperties ?? true;
    },
  });
  return schema;
}

function isEmpty(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0;
}

function toYaml(value: Json): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Collection(key, node) {
      if (key !== null && JSON.stringify(node.toJSON()).length <= LONGEST_LINE) node.flow = true;
    },
    Scalar(_key, node) {
      // To older readers of YAML these are no texts.
      if (typeof node.value === 'string' && /^\d{4}-\d\d-\d\d/.test(node.value)) node.type = 'QUOTE_SINGLE';
    },
  });
  return document.toString({ lineWidth: 0, singleQuote: true });
}
