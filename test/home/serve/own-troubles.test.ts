import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { ownTroubles } from '../../../home/serve/own-troubles.ts';
import { openSettings, type OpenSettings } from '../../../home/settings/open-settings.ts';
import { createFileReader } from '../../../home/settings/read-files.ts';
import { createHealth, type HealthParts } from '../../../lib/api/health.ts';
import { SIMULATED_USER } from '../../simulator/settings.ts';

let folder: string;
let now = 1_795_867_200_000; // 2026-11-28T12:00:00Z
let settings: OpenSettings;
const give = (token: string): void => writeFileSync(join(folder, 'token'), token, { mode: 0o600 });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'own-troubles-'));
  give('xapp-token-of-this-test');
  settings = openSettings({ ...SIMULATED_USER, SLACK_APP_TOKEN: `file:${join(folder, 'token')}` }, createFileReader({ warn: () => undefined }), { now: () => now });
  await settings.refresh();
});
afterEach(() => rmSync(folder, { recursive: true }));

const healthWith = (trouble?: unknown) => createHealth()(() => ({ ownTroubles: () => ownTroubles({ trouble: () => trouble }, settings) }) as HealthParts);

it('an app token whose file turns bad is named by /health, and its value is not', async () => {
  expect(ownTroubles({ trouble: () => undefined }, settings)).toEqual([]);
  give('xoxb-the-token-of-the-bot');
  now += 5 * 60_000;
  await settings.refresh();
  const { status, body } = await healthWith();
  expect([status, body]).toEqual([503, expect.objectContaining({ settings: [{ name: 'SLACK_APP_TOKEN', problem: expect.stringContaining('xapp-') }] })]);
  expect(JSON.stringify(body)).not.toContain('xoxb');
  give('xapp-another-token');
  now += 5 * 60_000;
  await settings.refresh();
  expect(ownTroubles({ trouble: () => undefined }, settings)).toEqual([]);
});

it('a store that takes no writes is named in words', async () => {
  const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
  expect((await healthWith(full)).body).toMatchObject({ settings: [{ name: 'STORE_FILE', problem: "the store's disk is full" }] });
  expect((await healthWith(new Error('anything'))).body).toMatchObject({ settings: [{ name: 'STORE_FILE', problem: 'it takes no writes' }] });
});
