import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadPolicy, PolicyUnreadable } from '../../lib/policy/load-policy.ts';
import { policyHash } from '../../lib/policy/policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const yamlText = readFileSync(new URL('example.yml', import.meta.url), 'utf8');
const policy = parsePolicy(yamlText, { hasBotToken: true, file: 'example.yml' });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(content: unknown): string {
  const path = join(folder, 'policy.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('the checked policy', () => {
  it('is read as the build wrote it, by path or URL', () => {
    const path = write(policy);
    expect(loadPolicy(path)).toEqual(policy);
    expect(loadPolicy(pathToFileURL(path))).toEqual(policy);
  });

  it('is refused when it is missing', () => {
    expect(() => loadPolicy(join(folder, 'nothing.json'))).toThrow(PolicyUnreadable);
    expect(() => loadPolicy(join(folder, 'nothing.json'))).toThrow('policy.json cannot be read');
  });

  it.each([
    ['empty', '', 'cannot be read'],
    ['YAML', yamlText, 'cannot be read'],
    ['null', 'null', 'the whole file'],
    ['a list', '[]', 'the whole file'],
    ['without clusters', { ...policy, clusters: undefined }, 'clusters'],
    ['with a cluster without id', { ...policy, clusters: { dev: {} } }, 'clusters'],
    ['without dryRun, which would mean a real kill', { ...policy, dryRun: undefined }, 'dryRun'],
    ['without protected', { ...policy, protected: undefined }, 'protected'],
    ['with a duration that was not read', { ...policy, protected: [{ name: '*', olderThan: '6h' }] }, 'protected'],
    ['with an age that is no number', { ...policy, cleanup: [{ ...policy.cleanup[0], match: { olderThanMs: '6h' } }] }, 'cleanup'],
    ['with a rule that does not say who', { ...policy, ask: [{}] }, 'ask'],
    ['with an alert rule without match', { ...policy, alerts: [{ action: 'kill' }] }, 'alerts'],
    ['without a limit', { ...policy, limits: { perHour: 1, perDelivery: 1 } }, 'limits'],
    ['without the rights', { ...policy, slack: {} }, 'slack'],
  ])('is refused when it is %s', (_case, content, part) => {
    const path = write(content);
    expect(() => loadPolicy(path)).toThrow(PolicyUnreadable);
    expect(() => loadPolicy(path)).toThrow(new RegExp(`^policy\\.json .*${part}.*; build the package again$`));
  });
});

describe('the hash of a policy', () => {
  it('is 16 hex digits and the same after the way through JSON', () => {
    expect(policyHash(policy)).toMatch(/^[0-9a-f]{16}$/);
    expect(policyHash(loadPolicy(write(policy)))).toBe(policyHash(policy));
  });

  it('does not depend on the order of keys, nor on fields without a value', () => {
    const turned = { ...policy, clusters: Object.fromEntries(Object.entries(policy.clusters).toReversed()) };
    const { dryRun, ...rest } = turned;
    expect(policyHash({ ...rest, slack: { ...rest.slack, channels: undefined }, dryRun })).toBe(policyHash(policy));
  });

  it('changes with everything that decides, the order of rules too', () => {
    const hashes = [
      policy,
      { ...policy, dryRun: false },
      { ...policy, ask: policy.ask.toReversed() },
      { ...policy, limits: { ...policy.limits, perHour: 31 } },
      { ...policy, protected: [] },
    ].map(policyHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
