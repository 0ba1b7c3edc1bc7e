import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { parse as parseYaml } from 'yaml';
import { COOLDOWN_MS } from '../../lib/core/job-pick.ts';
import { ASK_AGAIN_MS } from '../../lib/core/request.ts';
import { parseDurationMs } from '../../lib/core/time.ts';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { PolicySchema } from '../../lib/policy/schema.ts';
import { PAGES } from '../docs/pages.ts';
import { policyExamplesOf } from '../docs/policy-examples.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { runTool } from '../tools/run-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const COMMITTED = textOf('policy.schema.json');
const CLUSTERS = { dev: { id: 'bc134369-294c-42b7-a707-b2036ba38524' } };

const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, strictTypes: false }).compile(JSON.parse(COMMITTED) as AnySchema);

/** Where the JSON Schema finds something wrong, as `/alerts/0/match`; [] for a good policy. */
function placesOf(policy: unknown): string[] {
  return validate(policy) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath);
}

/** A key of policy.yml, as `/alerts/pick/cooldown`, and where the JSON Schema speaks of it. */
type Found = { path: string; pointer: string; schema: { description?: string; examples?: unknown[] } };

/** Every key of a part of the JSON Schema, in whatever it stands. */
function propertiesOf(schema: unknown, path = '', pointer = ''): Found[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([word, part]) => {
    const at = `${pointer}/${word}`;
    if (word === 'properties') return Object.entries(part as object).flatMap(([key, value]) => [{ path: `${path}/${key}`, pointer: `${at}/${key}`, schema: value as Found['schema'] }, ...propertiesOf(value, `${path}/${key}`, `${at}/${key}`)]);
    if (word === '$defs') return Object.entries(part as object).flatMap(([name, value]) => propertiesOf(value, `/${name}`, `${at}/${name}`));
    if (word === 'anyOf') return (part as unknown[]).flatMap((one, index) => propertiesOf(one, path, `${at}/${index}`));
    return word === 'items' || word === 'additionalProperties' ? propertiesOf(part, path, at) : [];
  });
}

const alert = (rule: object) => ({ alerts: [{ match: { alertname: 'Stuck' }, action: 'kill', ...rule }] });
const cleanup = (rule: object) => ({ cleanup: [{ name: 'a', cluster: 'dev', match: { name: 'nb-*' }, action: 'kill', ...rule }] });

describe('policy.schema.json', () => {
  it('is what npm run policy-schema makes of the definition', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'policy-schema-'));
    try {
      const { code, output } = await runTool('build-policy-schema', { args: ['made.json'], cwd: folder });
      expect({ code, output }).toEqual({ code: 0, output: 'made.json written.\n' });
      expect(readFileSync(join(folder, 'made.json'), 'utf8')).toBe(COMMITTED);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is named in the first line of policy.yml, where editors look for it', () => {
    expect(textOf('policy.yml').split('\n')[0]).toBe('# yaml-language-server: $schema=./policy.schema.json');
    expect(JSON.parse(COMMITTED)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', additionalProperties: false });
  });

  it('explains every key, and each of its examples is taken', () => {
    const ajv = new Ajv2020({ strict: false }).addSchema(JSON.parse(COMMITTED) as AnySchema, 'policy');
    const trouble = propertiesOf(JSON.parse(COMMITTED)).flatMap(({ path, pointer, schema: { description = '', examples = [] } }) => {
      const isTaken = ajv.getSchema(`policy#${pointer}`) ?? (() => false);
      return [
        ...(/^\S.*[^.]\.$/.test(description) ? [] : [`${path}: no description`]),
        ...(examples.length > 0 ? [] : [`${path}: no example`]),
        ...examples.filter((example) => !isTaken(example)).map((example) => `${path}: ${JSON.stringify(example)} is not taken`),
      ];
    });
    expect(trouble).toEqual([]);
  });

  it('has examples that the check takes too', () => {
    const { properties } = JSON.parse(COMMITTED) as { properties: Record<string, { examples: unknown[] }> };
    const clusters = { ...CLUSTERS, analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3' } };
    const slack = { channel: 'C0123456789', mayApprove: ['U045EF6GH'] };
    for (const [key, { examples }] of Object.entries(properties)) {
      for (const example of examples) expect(() => parsePolicy(JSON.stringify({ clusters, slack, [key]: example }), { hasBotToken: true, file: 'policy.yml' })).not.toThrow();
    }
  });

  it('tells limits and defaults, as they are', () => {
    const told = Object.fromEntries(propertiesOf(JSON.parse(COMMITTED)).map(({ path, schema }) => [path, schema.description]));
    expect(told['/alerts/askAgain']).toMatch(/ From 1h to 14d\. Default: 24h\.$/);
    expect(told['/alerts/pick/cooldown']).toMatch(/ From 1m to 14d\. Default: 15m\.$/);
    expect(told['/limits/perHour']).toMatch(/ From 1 to 100000\. Default: 30\.$/);
    expect(told['/cleanup/olderThan']).toMatch(/ Written like 90s, 30m, 6h, 2d or 2w\.$/);
    expect([parseDurationMs('24h'), parseDurationMs('15m')]).toEqual([ASK_AGAIN_MS, COOLDOWN_MS]);
  });
});

describe('a good policy', () => {
  it.each(['policy.yml', 'test/local/live-policy.yml', 'test/policy/example.yml', 'test/fixtures/cleanup/cookbook.yml'])('is %s', (file) => {
    expect(placesOf(parseYaml(textOf(file)))).toEqual([]);
  });

  it('is policy.yml with its examples too', () => {
    expect(placesOf(parseYaml(textOf('policy.yml').replaceAll(/^ {2}# /gm, '  ')))).toEqual([]);
  });

  it.each(PAGES)('is each example of %s', (page) => {
    for (const { policy } of policyExamplesOf(page)) {
      expect(placesOf(policy)).toEqual([]);
      expect(PolicySchema.safeParse(policy).error?.issues).toBeUndefined();
    }
  });

  it.each([
    ['only clusters', {}],
    ['sections in which everything is commented out', { protected: null, ask: null, limits: null, slack: null, alerts: null, cleanup: null }],
    ['dry run for some', { dryRun: ['alerts'] }],
    ['an age in match', cleanup({ match: { queue: 'a', olderThan: '6h' } })],
    ['an age beside match', cleanup({ pendingLongerThan: '1m' })],
    ['warnings', { slack: { channel: 'C1', people: { etl_dev: 'U1', 'svc-*': 'C1' }, digest: 'mon 09:00 Europe/Berlin' }, ...alert({ warn: '30m' }), ...cleanup({ warn: '30m', keep: '2h', keepAtMost: '24h' }) }],
  ])('has %s', (_case, policy) => {
    expect(placesOf({ clusters: CLUSTERS, ...policy })).toEqual([]);
  });
});

describe('a policy that the check refuses by its shape', () => {
  it.each<[string, object]>([
    ['', { protect: [] }],
    ['', { clusters: undefined }],
    ['/clusters', { clusters: {} }],
    ['/clusters', { clusters: null }],
    ['/clusters', { clusters: { 'a b': { id: 'x' } } }],
    ['/clusters/dev', { clusters: { dev: {} } }],
    ['/clusters/dev', { clusters: { dev: { id: 'x', colour: 'red' } } }],
    ['/clusters/dev/id', { clusters: { dev: { id: 12e3 } } }],
    ['/clusters/dev/project', { clusters: { dev: { id: 'x', project: 'a-b' } } }],
    ['/clusters/dev/region', { clusters: { dev: { id: 'x', region: 'EU' } } }],
    ['/dryRun', { dryRun: 'yes' }],
    ['/dryRun', { dryRun: null }],
    ['/dryRun', { dryRun: [] }],
    ['/dryRun/0', { dryRun: ['alert'] }],
    ['/protected', { protected: { name: 'x' } }],
    ['/protected/0', { protected: [{}] }],
    ['/protected/0', { protected: [{ nmae: 'x' }] }],
    ['/protected/0', { protected: [{ cluster: 'dev' }] }],
    ['/protected/0/name', { protected: [{ name: '' }] }],
    ['/protected/0/user', { protected: [{ user: null }] }],
    ['/protected/0/olderThan', { protected: [{ olderThan: 6 }] }],
    ['/protected/0/olderThan', { protected: [{ olderThan: '1h30m' }] }],
    ['/protected/0/pendingLongerThan', { protected: [{ pendingLongerThan: '0s' }] }],
    ['/ask/0', { ask: [{}] }],
    ['/ask/0/who', { ask: [{ who: 'somebody' }] }],
    ['/ask/0/trigger', { ask: [{ who: 'none', trigger: 'alert' }] }],
    ['/ask/0/match', { ask: [{ who: 'none', match: {} }] }],
    ['/limits/perDelivery', { limits: { perDelivery: 0 } }],
    ['/limits/perHour', { limits: { perHour: 1.5 } }],
    ['/limits/percentOfRunning', { limits: { percentOfRunning: 101 } }],
    ['/limits', { limits: { perDay: 1 } }],
    ['/slack/team', { slack: { team: 'C0123456789' } }],
    ['/slack/mayKill/0', { slack: { mayKill: ['@alice'] } }],
    ['/slack/channel', { slack: { channel: '#ops' } }],
    ['/slack/channels', { slack: { channels: [] } }],
    ['/alerts', { alerts: {} }],
    ['/alerts/0', alert({ action: undefined })],
    ['/alerts/0/action', alert({ action: 'stop' })],
    ['/alerts/0/match', alert({ match: {} })],
    ['/alerts/0/match/code', alert({ match: { code: 175 } })],
    ['/alerts/0/source', alert({ source: 'Alert Manager' })],
    ['/alerts/0/job', alert({ job: '' })],
    ['/alerts/0/dryRun', alert({ dryRun: 'yes' })],
    ['/alerts/0/pick', alert({ pick: { order: 'newest', count: 3 } })],
    ['/alerts/0/pick/count', alert({ pick: { user: 'x', count: 0 } })],
    ['/alerts/0/pick/order', alert({ pick: { user: 'x', order: 'oldest' } })],
    ['/cleanup/0', { cleanup: ['x'] }],
    ['/cleanup/0', cleanup({ pick: {} })],
    ['/cleanup/0', cleanup({ match: undefined, olderThan: '6h' })],
    ['/cleanup/0', cleanup({ match: { olderThan: '1h' }, olderThan: '6h' })],
    ['/cleanup/0', cleanup({ match: { pendingLongerThan: '1h' }, olderThan: '6h' })],
    ['/cleanup/0', cleanup({ pendingLongerThan: '1h', olderThan: '6h' })],
    ['/cleanup/0/match', cleanup({ match: { pendingLongerThan: '1h', olderThan: '6h' } })],
    ['/protected/0', { protected: [{ pendingLongerThan: '1h', olderThan: '6h' }] }],
    ['/ask/0/match', { ask: [{ who: 'none', match: { pendingLongerThan: '1h', olderThan: '6h' } }] }],
    ['/alerts/0/pick', alert({ pick: { pendingLongerThan: '1h', olderThan: '6h' } })],
    ['/alerts/0/warn', alert({ warn: 30 })],
    ['/alerts/0/warn', alert({ warn: '30 min' })],
    ['/cleanup/0/keep', cleanup({ warn: '30m', keep: null })],
    ['/cleanup/0/keepAtMost', cleanup({ warn: '30m', keep: '2h', keepAtMost: 'always' })],
    ['/slack/people', { slack: { people: ['etl_dev'] } }],
    ['/slack/people', { slack: { people: { '': 'U1' } } }],
    ['/slack/people/etl_dev', { slack: { people: { etl_dev: '@alice' } } }],
    ['/slack/people/etl_dev', { slack: { people: { etl_dev: 'D0123' } } }],
    ['/slack/digest', { slack: { channel: 'C1', digest: 'monday 09:00 Europe/Berlin' } }],
    ['/slack/digest', { slack: { channel: 'C1', digest: 'mon 9:00 Europe/Berlin' } }],
    ['/slack/digest', { slack: { channel: 'C1', digest: 'mon 24:00 Europe/Berlin' } }],
    ['/slack/digest', { slack: { channel: 'C1', digest: 'mon 09:00' } }],
    ['/alerts/0/name', alert({ name: 'paused' })],
    ['/alerts/0/name', alert({ name: 'alerts.3' })],
    ['/cleanup/0/name', cleanup({ name: 'perHour' })],
    ['/cleanup/0/name', cleanup({ name: 'alerts.3' })],
    ['/cleanup/0/match', cleanup({ match: {} })],
    ['/cleanup/0/name', cleanup({ name: ' ' })],
    ['/cleanup/0/cluster', cleanup({ cluster: 'a b' })],
  ])('is refused at %s by the JSON Schema as well: %j', (place, part) => {
    const policy = JSON.parse(JSON.stringify({ clusters: CLUSTERS, ...part })) as unknown;
    expect(PolicySchema.safeParse(policy).success).toBe(false);
    expect(placesOf(policy)).toContain(place);
  });
});

describe('a policy whose parts do not go together', () => {
  it.each<[string, object]>([
    ['/alerts/0', alert({ keep: '2h' })],
    ['/cleanup/0', cleanup({ keep: '2h' })],
    ['/cleanup/0', cleanup({ warn: '30m', keepAtMost: '2h' })],
    ['/cleanup/0', cleanup({ warn: '30m', action: 'ask' })],
    ['/alerts/0', alert({ warn: '30m', action: 'notify' })],
    ['/alerts/0', alert({ warn: '30m', pick: { queue: 'adhoc' } })],
    ['/slack', { slack: { digest: 'mon 09:00 Europe/Berlin' } }],
  ])('is underlined at %s: %j', (place, part) => {
    const policy = { clusters: CLUSTERS, slack: { channel: 'C1', mayApprove: ['U1'] }, ...part };
    expect(() => parsePolicy(JSON.stringify(policy), { hasBotToken: true, file: 'policy.yml' })).toThrow(PolicyInvalid);
    expect(placesOf(policy)).toContain(place);
  });
});
