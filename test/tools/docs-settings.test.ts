import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ABOUT_HOME_SETTINGS } from '../../home/settings/about-home-settings.ts';
import { HomeVariables } from '../../home/settings/home-variables.ts';
import { ABOUT_SETTINGS } from '../../lib/settings/about-settings.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { SECRETS_OF } from '../../lib/settings/secrets-of.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { LOCAL_SETTINGS, PACKAGING_SETTINGS } from '../../tools/docs/other-settings.ts';
import { SETTINGS, settingsTables } from '../../tools/docs/settings.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const all = SETTINGS.flatMap(({ settings }) => settings);
const names = new Set(all.map(({ name }) => name));
/** The row of a setting, cell by cell; `at` where two homes have one of that name. */
const rowOf = (name: string, at = 0): string[] => settingsTables().split('\n').filter((line) => line.startsWith(`| \`${name}\` |`))[at]?.split(/(?<!\\) ?\| ?/).slice(1, -1) ?? [];

describe('the settings of docs/settings.md', () => {
  it('are those that the definitions have', () => {
    expect(Object.keys(ABOUT_SETTINGS).toSorted()).toEqual(Object.keys(Variables.shape).toSorted());
    expect(Object.keys(ABOUT_HOME_SETTINGS).toSorted()).toEqual(Object.keys(HomeVariables.shape).toSorted());
  });

  it('are all that serverless.yml hands to the functions, and all that is read when it is packaged, each with its default', () => {
    const { provider } = parse(textOf('serverless.yml'), { logLevel: 'silent' }) as { provider: { environment: Record<string, string> } };
    const own = ['NODE_OPTIONS', 'POLICY_FILE'];
    const secrets = new Set<string>(Object.values(SECRETS_OF).flat()); // each function has its own
    expect([...Object.keys(provider.environment).filter((name) => !own.includes(name)), ...secrets].toSorted()).toEqual(Object.keys(Variables.shape).toSorted());

    const yml = ['serverless.yml', ...globSync('serverless/*.yml', { cwd: ROOT })].map(textOf).join('\n');
    const read = new Map([...yml.matchAll(/\$\{env:([A-Z_]+), '?([^'}]*)'?\}/g)].map(([, name = '', normally = '']) => [name, normally]));
    expect([...read.keys()].filter((name) => !Object.hasOwn(Variables.shape, name) && !Object.hasOwn(LOCAL_SETTINGS, name))).toEqual([]);
    const { DEFAULTS } = createRequire(import.meta.url)('../../serverless/given.cjs') as { DEFAULTS: Record<string, string> };
    expect([...Object.keys(DEFAULTS), 'SOURCE_MAPS'].toSorted()).toEqual(Object.keys(PACKAGING_SETTINGS).toSorted());
    for (const [name, normally] of Object.entries(DEFAULTS)) if (normally !== '') expect([name, PACKAGING_SETTINGS[name]?.leftOut]).toEqual([name, `\`${normally}\``]);
    for (const name of ['PORT', 'LAMBDA_PORT']) expect([name, LOCAL_SETTINGS[name]?.leftOut]).toEqual([name, `\`${read.get(name)}\``]);
  });

  it('are all that any code reads of the environment, but for what is AWS\'s and Node\'s own', () => {
    const files = globSync(['{functions,home,lib}/**/*.ts', 'test/local/*.ts', 'serverless/*.cjs', 'tools/*.{ts,mjs}', 'tools/{check-config,replay,smoke,demo,docs,explain}/*.ts'], { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'));
    const read = files.flatMap((file) => [...textOf(file).matchAll(/\benv(?:\.|\[')([A-Z][A-Z_0-9]+)/g)].map(([, name = '']) => name));
    expect(read).toEqual(expect.arrayContaining(['PAUSED', 'SOURCE_MAPS', 'STORE_FILE']));
    expect([...new Set(read)].filter((name) => !names.has(name) && !/^AWS_(?!ENDPOINT_URL)/.test(name))).toEqual([]);
  });

  // What any secret may be, and what the others may be.
  const VALUES = ['ci:a-token-of-16-characters', 'xapp-1-a-token-of-16-characters', 'a-secret-of-16-characters', 'eu-west-101', '127.0.0.1', 'ecs', 'true', '5', 'info', 'en-us', '0 * * * *'];
  const MORE = ['https://slack.example/api/', 'http://127.0.0.1:4010', 'urn:smn:eu-west-101:0a1b:alarms', 'service-stage-kill:durable', 'a1b2'];
  it.each(all.filter(({ definition }) => definition !== undefined))('$name is called a secret where it becomes one', ({ name, definition, isSecret = false }) => {
    const read = [...VALUES, ...MORE].map((value) => definition?.safeParse(value)).find((one) => one?.success);
    expect([name, read?.success]).toEqual([name, true]);
    const texts: unknown[] = [read?.data].flat().flatMap((one: unknown) => (one instanceof Secret || typeof one !== 'object' || one === null ? [one] : Object.values(one)));
    expect([name, texts.some((one) => one instanceof Secret)]).toEqual([name, isSecret]);
  });

  it('have their default and what they may be from the definition itself', () => {
    expect(rowOf('HW_REGION_NAME')).toEqual(['`HW_REGION_NAME`', '**required**', '', expect.any(String), expect.stringMatching(/^1 to 64 of a-z/)]);
    expect(rowOf('ASK_TIMEOUT_SEC')).toEqual(['`ASK_TIMEOUT_SEC`', '`900`', '', expect.any(String), 'a whole number of seconds from 1 to 14400']);
    expect(rowOf('API_PASS_THROUGH')[1]).toBe('`true`');
    expect(rowOf('ALERT_TOKENS')).toEqual(['`ALERT_TOKENS`', 'the trigger is off', 'yes', expect.any(String), expect.stringMatching(/^name:token or name@source:token/)]);
    expect([rowOf('PORT')[4], rowOf('PORT', 1)[4]]).toEqual(['a port: 0 to 65535', 'port']);
  });

  it.each(all)('$name is told in sentences', ({ meaning }) => {
    expect(meaning).toMatch(/^\S.*\.$/);
  });
});
