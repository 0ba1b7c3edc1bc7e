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

  it('may have every field that there is', () => {
    const every = { name: 'a', user: 'b', queue: 'c', type: 'd', state: 'e', olderThan: '6h' };
    const waiting = { pendingLongerThan: '90s' };
    const full = parsePolicy(
      JSON.stringify({
        dryRun: ['alerts', 'cleanup'],
        clusters: { dev: { id: 'x', project: 'p', region: 'r' } },
        protected: [every, waiting],
        ask: [{ trigger: 'slack', match: { cluster: 'd*', ...every }, who: 'requester' }],
        limits: { perDelivery: 1, perHour: 2, percentOfRunning: 3 },
        slack: { team: 'T1', mayKill: ['U1'], mayApprove: ['U2'], channel: 'C1', channels: ['C2'], people: { etl_dev: 'U3', 'svc-*': 'C3' }, digest: 'mon 09:00 Europe/Berlin' },
        alerts: [
          { source: 'smn', match: { a: 'b' }, cluster: 'dev', job: 'app', action: 'ask', dryRun: true },
          { match: { a: 'b' }, pick: { ...every, order: 'newest', count: 1, cooldown: '5m' }, name: 'p', noData: true, askAgain: '2h', action: 'kill' },
          { match: { a: 'b' }, warn: '30m', action: 'kill' },
        ],
        cleanup: [{ name: 'w', cluster: 'dev', match: waiting, warn: '30m', keep: '2h', keepAtMost: '24h', action: 'kill' }, { name: 'n', cluster: 'dev', match: every, action: 'notify', askAgain: '1d', dryRun: false }],
      }),
      { hasBotToken: true, file: 'full.yml' },
    );
    expect(loadPolicy(write(full))).toEqual(full);
  });

  it('is refused when it is missing', () => {
    expect(() => loadPolicy(join(folder, 'nothing.json'))).toThrow(PolicyUnreadable);
    expect(() => loadPolicy(join(folder, 'nothing.json'))).toThrow(expect.objectContaining({
      name: 'PolicyUnreadable', code: 'policy_unreadable', message: 'policy.json cannot be read; build the package again', cause: expect.objectContaining({ code: 'ENOENT' }),
    }));
  });

  it.each([
    ['empty', '', 'cannot be read'],
    ['YAML', yamlText, 'cannot be read'],
    ['null', 'null', 'the whole file'],
    ['a list', '[]', 'the whole file'],
    ['without clusters', { ...policy, clusters: undefined }, 'clusters'],
    ['with a right cluster and one without id', { ...policy, clusters: { ...policy.clusters, test: {} } }, 'clusters'],
    ['with a right selector and one that is none', { ...policy, protected: [...policy.protected, 'x'] }, 'protected'],
    ['with a cluster without id', { ...policy, clusters: { dev: {} } }, 'clusters'],
    ['without dryRun, which would mean a real kill', { ...policy, dryRun: undefined }, 'dryRun'],
    ['without protected', { ...policy, protected: undefined }, 'protected'],
    ['with a duration that was not read', { ...policy, protected: [{ name: '*', olderThan: '6h' }] }, 'protected'],
    ['with an age that is no number', { ...policy, cleanup: [{ ...policy.cleanup[0], match: { olderThanMs: '6h' } }] }, 'cleanup'],
    ['with a rule that does not say who', { ...policy, ask: [{}] }, 'ask'],
    ['with an alert rule without match', { ...policy, alerts: [{ action: 'kill' }] }, 'alerts'],
    ['with a word that this build does not know', { ...policy, alerts: [{ match: { a: 'b' }, action: 'stop' }] }, 'alerts'],
    ['with a trigger that this build does not know', { ...policy, dryRun: ['alert'] }, 'dryRun'],
    ['with a key that this build does not know', { ...policy, cleanup: [{ ...policy.cleanup[0], warn: '30m' }] }, 'cleanup'],
    ['with a part that this build does not know', { ...policy, answers: [] }, 'answers'],
    ['with a pick that does not say how many', { ...policy, alerts: [{ match: { a: 'b' }, action: 'kill', pick: { queue: 'adhoc' } }] }, 'alerts'],
    ['with a cleanup rule without name', { ...policy, cleanup: [{ ...policy.cleanup[0], name: undefined }] }, 'cleanup'],
    ['with a right that is no id', { ...policy, slack: { ...policy.slack, mayKill: [5] } }, 'slack'],
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
