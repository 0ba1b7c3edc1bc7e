import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSettings } from '../../../home/settings/open-settings.ts';
import { createFileReader } from '../../../home/settings/read-files.ts';

let folder: string;
let now: number;
const lines: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  now = Date.parse('2026-11-22T12:00:00Z');
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return path;
}
const open = (env: Record<string, string>) =>
  openSettings({ HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs', ...env }, createFileReader({ warn: (message, fields) => void lines.push(JSON.stringify([message, fields])) }), { now: () => now });

describe('the settings of a running home', () => {
  it('have the secret that a file holds now: after five minutes, or a minute after a refusal', async () => {
    const path = put('app', 'xapp-1-first-token\n');
    const settings = open({ SLACK_APP_TOKEN: `file:${path}` });
    await settings.refresh();
    const token = () => settings.read().slackAppToken?.reveal();
    expect(token()).toBe('xapp-1-first-token');

    put('app', 'xapp-1-second-token\n');
    now += 5 * 60_000;
    await settings.refresh();
    expect(token()).toBe('xapp-1-second-token');

    put('app', 'xapp-1-third-token\n');
    now += 60_000;
    expect([await settings.refreshAfterRefusal(), token()]).toEqual([true, 'xapp-1-third-token']);
  });

  it('keep what was read while the file is away', async () => {
    const path = put('app', 'xapp-1-first-token');
    const settings = open({ SLACK_APP_TOKEN: `file:${path}` });
    await settings.refresh();
    rmSync(path);
    now += 5 * 60_000;
    await settings.refresh();
    expect(settings.read().slackAppToken?.reveal()).toBe('xapp-1-first-token');
  });

  it('name each setting whose file cannot be read, and no content', async () => {
    const good = put('good', 'grafana-secret-0123456789');
    const settings = open({ API_TOKENS: 'file:/nowhere/tokens', SLACK_APP_TOKEN: 'file:relative', GRAFANA_HMAC_SECRET: `file:${good}` });
    await settings.refresh();
    expect(() => settings.read()).toThrow(/^settings: API_TOKENS: refers to a file that cannot be read.*; SLACK_APP_TOKEN: refers to a file that cannot be read/);
    expect(lines.join()).not.toContain('grafana-secret');
  });

  it('leave alone what is none of them, and what is a path already', async () => {
    const asked: string[] = [];
    const settings = openSettings({ HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs', EDITOR: 'file:/foreign', TLS_KEY_FILE: 'file:/key', TLS_CERT_FILE: '/cert' },
      async (paths) => {
        asked.push(...paths);
        return new Map();
      }, { now: () => now });
    await settings.refresh();
    expect(() => settings.read()).toThrow('TLS_KEY_FILE: has to be the path itself, without file:');
    expect(asked).toEqual([]);
  });
});
