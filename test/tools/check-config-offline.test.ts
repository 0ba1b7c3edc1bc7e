import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkAll, type Options } from '../../tools/check-config/check-all.ts';
import { findingLine } from '../../tools/findings.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';

const SECRET = 'a-signing-secret-of-slack';
const KEYS = { HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: 'simulator-secret-key' };
const USER = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'simulator-password', HW_DOMAIN_NAME: 'simulator' };
const NEVER_SEEN: unknown[] = [expect.stringMatching(/^skipped right to kill: /), expect.stringMatching(/^skipped roles of the functions: /), expect.stringMatching(/^skipped Messages tab of the Slack app: /)];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-config-offline-'));
  writeFileSync(join(folder, 'policy.yml'), `clusters: { dev: { id: ${ANALYTICS_ID} } }\nslack: { channel: C0123456789, mayApprove: [U012AB3CD] }\nalerts: [{ match: { a: b }, action: notify }]\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function check(env: Record<string, string>, options: Options = { offline: true }): Promise<string[]> {
  const lines: string[] = [];
  for await (const finding of checkAll({ POLICY_FILE: join(folder, 'policy.yml'), ...env }, options)) lines.push(findingLine(finding));
  expect(lines.join()).not.toContain(SECRET);
  return lines;
}

describe('check-config', () => {
  it('where no setting is given, the policy alone is checked, and it says so', async () => {
    expect(await check({}, {})).toEqual([
      'ok      policy.yml: 1 cluster, 1 alert rule, 0 cleanup rules; dry run for every trigger',
      expect.stringMatching(/^skipped settings: none are given, so only the policy was checked, as if SLACK_BOT_TOKEN were set; /),
      'skipped clusters, Slack, LEDGER_TABLE: not asked: no settings are given',
      ...NEVER_SEEN,
    ]);
  });

  it.each<[string, Record<string, string>, Options, string]>([
    ['a setting is BAD', { ...USER, HW_REGION_NAME: '' }, {}, 'skipped clusters, Slack, LEDGER_TABLE: not asked: a setting is BAD'],
    ['the policy is BAD', USER, {}, 'skipped clusters, Slack, LEDGER_TABLE: not asked: the policy is BAD'],
    ['a region has no endpoints', { ...USER, HW_REGION_NAME: 'eu-nowhere-7', MRS_ENDPOINT: 'https://mrs.example', SLACK_BOT_TOKEN: 'xoxb-a-token' }, {}, 'skipped clusters, Slack, LEDGER_TABLE: not asked: a setting is BAD'],
    ['nobody is to be asked', { ...USER, SLACK_BOT_TOKEN: 'xoxb-a-token' }, { offline: true, home: true }, 'skipped clusters, Slack: not asked: --offline'],
  ])('says what was not asked where %s', async (_case, env, options, line) => {
    expect(await check(env, options)).toContainEqual(line);
  });

  it.each<[string, Record<string, string>, Options, RegExp]>([
    ['keys win over a user', { ...USER, ...KEYS }, {}, /^ok {6}settings: region eu-west-101, AK\/SK, which win over HW_USER_NAME; /],
    ['temporary keys end', { HW_REGION_NAME: 'eu-west-101', ...KEYS, HW_SECURITY_TOKEN: 'temporary' }, {}, /^ok {6}settings: region eu-west-101, AK\/SK with HW_SECURITY_TOKEN, which are temporary keys: they end within 24 hours; /],
    ["an agency's keys are for the own home", { HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs' }, {}, /^BAD {5}HW_CREDENTIALS: is for the own home .*; for the own home: npm run check-config -- --home$/],
    ['there they are known', { HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs' }, { home: true }, /^ok {6}settings: region eu-west-101, the temporary keys of the server's agency; /],
  ])('%s', async (_case, env, options, line) => {
    expect((await check(env, { ...options, offline: true }))[0]).toMatch(line);
  });

  it.each([
    ['SLACK_SIGNIN_SECRET', 'SLACK_SIGNING_SECRET'],
    ['ALERT_TOKEN', 'ALERT_TOKENS'],
    ['HW_PROJECT', 'HW_PROJECT_ID'],
  ])('suggests the setting that %s was meant to be', async (name, meant) => {
    expect(await check({ ...USER, [name]: SECRET })).toContainEqual(`warning ${name}: is no setting, and nothing reads it; did you mean ${meant}?`);
  });

  it('says what is wrong with what only packaging reads', async () => {
    expect(await check({ ...USER, CLEANUP_ENABLED: 'maybe' })).toContainEqual('BAD     CLEANUP_ENABLED: has to be true or false');
    expect((await check({ ...USER, CLEANUP_ENABLED: 'maybe' }, { home: true, offline: true })).join()).not.toContain('CLEANUP_ENABLED');
  });
});
