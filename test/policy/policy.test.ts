import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type AlertRule, policyHash, ruleContent, ruleIdOf } from '../../lib/policy/policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const RULE: AlertRule = { match: { b: 'x', a: 'y' }, action: 'kill' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describe('a rule', () => {
  it('is known to the ledger by its name', () => {
    expect(ruleIdOf({ ...RULE, name: 'stuck' })).toEqual({ name: 'stuck' });
  });

  it('without one is known by what it says, with its keys in order: entries outlive a new version', () => {
    const content = sha256('{"action":"kill","match":{"a":"y","b":"x"}}').slice(0, 32);
    expect(ruleIdOf(RULE)).toEqual({ content });
    expect(ruleContent(RULE)).toBe(content);
    expect(ruleContent({ action: 'kill', match: { a: 'y', b: 'x' } })).toBe(content);
    expect(ruleContent({ ...RULE, action: 'ask' })).not.toBe(content);
  });
});

describe('a policy', () => {
  it('is named in records by the first 16 digits of the hash of its JSON with sorted keys', () => {
    const policy = parsePolicy('clusters: { dev: { id: x } }', { hasBotToken: false, file: 'policy.yml' });
    const canonical = '{"alerts":[],"ask":[],"cleanup":[],"clusters":{"dev":{"id":"x"}},"dryRun":true,"limits":{"perDelivery":10,"perHour":30,"percentOfRunning":50},"protected":[],"slack":{"mayApprove":[],"mayKill":[]}}';
    expect(policyHash(policy)).toBe(sha256(canonical).slice(0, 16));
  });
});
