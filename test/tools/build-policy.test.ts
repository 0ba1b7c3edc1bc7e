import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { loadPolicy } from '../../lib/policy/load-policy.ts';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { buildPolicy } from '../../tools/build-policy.ts';
import { checkPolicy } from '../../tools/check-config/policy.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'build-policy-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A policy file with one alert rule for each of these sources. */
function writeRules(sources: readonly string[]): string {
  const file = join(folder, 'policy.yml');
  const rules = sources.map((source) => `  - { source: ${source}, match: { a: b }, action: kill }\n`);
  writeFileSync(file, `clusters: { dev: { id: x } }\nalerts:\n${rules.join('')}`);
  return file;
}

const target = (): string => join(folder, 'build/policy.json');

describe('the build', () => {
  it('writes the checked policy as the functions read it', () => {
    const policy = buildPolicy({ POLICY_FILE: writeRules(['smn']) }, target());
    expect(JSON.parse(readFileSync(target(), 'utf8'))).toEqual(policy);
    expect(loadPolicy(target())).toEqual(policy);
  });

  it('knows every alert source, and CloudWatch', () => {
    const sources = [...Object.keys(ALERT_SOURCES), 'cloudwatch'];
    expect(buildPolicy({ POLICY_FILE: writeRules(sources) }, target()).alerts.map(({ source }) => source)).toEqual(sources);
  });

  it('refuses a rule for a source that there is not, and writes nothing', () => {
    const file = writeRules(['smn', 'alertmanger']);
    expect(() => buildPolicy({ POLICY_FILE: file }, target())).toThrow(PolicyInvalid);
    expect(() => buildPolicy({ POLICY_FILE: file }, target())).toThrow(/^policy\.yml:4:15 alerts\.1\.source: alertmanger is no alert source; they are alertmanager, .*, cloudwatch; did you mean alertmanager\?$/);
    expect(() => loadPolicy(target())).toThrow('cannot be read');
  });
});

describe('check-config', () => {
  it('refuses a rule for a source that there is not', () => {
    const { policy, findings } = checkPolicy({ POLICY_FILE: writeRules(['smn', 'alertmanger']) }, false, 'policy.yml');
    expect(policy).toBeUndefined();
    expect(JSON.stringify(findings)).toContain('alertmanger is no alert source');
    expect(checkPolicy({ POLICY_FILE: writeRules(['smn']) }, false, 'policy.yml').policy?.alerts).toHaveLength(1);
  });
});
