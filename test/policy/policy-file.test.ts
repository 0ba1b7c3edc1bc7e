import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PolicyUnreadable } from '../../lib/policy/load-policy.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';

const SOURCES = ['smn'];
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-file-'));
  mkdirSync(join(folder, 'rules'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function save(yamlText: string): string {
  const file = join(folder, 'rules/mine.yml');
  writeFileSync(file, yamlText);
  return file;
}

describe('the policy file', () => {
  it('is the one that POLICY_FILE names, in UTF-8', () => {
    const file = save('clusters: { dev: { id: x } }\nprotected: [{ name: "Löhne-*" }]\n');
    expect(readPolicyFile({ POLICY_FILE: file }, SOURCES)).toMatchObject({ clusters: { dev: { id: 'x' } }, protected: [{ name: 'Löhne-*' }] });
  });

  it.each([{}, { POLICY_FILE: '' }])('is policy.yml of the current folder where it names none: %j', (env) => {
    expect(Object.keys(readPolicyFile(env, SOURCES).clusters)).toEqual(['analytics', 'dev']);
  });

  it('is checked with the token that there is, and with the alert sources', () => {
    const file = save('clusters: { dev: { id: x } }\nslack: { channel: C1 }\nalerts: [{ source: smn, match: { a: b }, action: notify }]\n');
    expect(readPolicyFile({ POLICY_FILE: file, SLACK_BOT_TOKEN: 'xoxb-1' }, SOURCES).alerts).toHaveLength(1);
    expect(() => readPolicyFile({ POLICY_FILE: file, SLACK_BOT_TOKEN: '' }, SOURCES)).toThrow('mine.yml:3:50 alerts.0.action: action: notify needs slack.channel and SLACK_BOT_TOKEN, to post the card');
    expect(() => readPolicyFile({ POLICY_FILE: file, SLACK_BOT_TOKEN: 'xoxb-1' }, ['grafana'])).toThrow(/^mine\.yml:3:20 alerts\.0\.source: smn is no alert source; they are grafana$/);
  });

  it.each([
    ['nowhere.yml', 'is not there'],
    ['rules/mine.yml/deeper.yml', 'is not there'],
    ['rules', 'is a folder'],
    ['x'.repeat(300), 'cannot be read (ENAMETOOLONG)'],
  ])('that cannot be read is an error of the setting: %s', (name, why) => {
    save('');
    const file = join(folder, name);
    const read = (): unknown => readPolicyFile({ POLICY_FILE: file }, SOURCES);
    expect(read).toThrow(PolicyUnreadable);
    expect(read).toThrow(expect.objectContaining({ message: `POLICY_FILE: ${file} ${why}: name the policy, or take the setting away for policy.yml`, cause: expect.objectContaining({ syscall: expect.any(String) }) }));
  });
});
