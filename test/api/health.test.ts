import { describe, expect, it } from '@jest/globals';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { createHealth, type HealthParts, readSwitch } from '../../lib/api/health.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { createFakeClock } from '../http/fake-clock.ts';

const clock = createFakeClock('2026-11-28T12:00:00Z');
const OFF = { apiTokens: [], apiPassThrough: false, slack: { signingSecrets: [], botToken: undefined }, alertTokens: [], grafana: { hmacSecrets: [] }, pagerdutySecrets: [], smnTopics: [] };

/** What the health needs; the ledger has no pause unless `get` says so. */
function parts({ settings = {}, get = async () => [undefined], ...more }: { settings?: object; get?: () => Promise<unknown[]> } & Partial<Omit<HealthParts, 'settings'>> = {}): HealthParts {
  return { settings: { ...OFF, ...settings } as never, policy: { dryRun: true }, readPaused: () => false, ledger: { get } as never, clock, ...more };
}
const triggers = async (given: HealthParts) => (await createHealth()(() => given)).body?.['triggers'] as Record<string, string>;

describe('the health', () => {
  it('says of each trigger that it is off where its secret is unset', async () => {
    const said = await triggers(parts());
    expect(Object.keys(said).toSorted()).toEqual(['alertmanager', 'api', 'datadog', 'generic', 'grafana', 'pagerduty', 'slack', 'smn']);
    expect(new Set(Object.values(said))).toEqual(new Set(['off']));
  });

  const slack = (signingSecrets: string[], botToken?: string) => ({ slack: { signingSecrets, botToken } });
  it.each<[trigger: string, state: string, settings: object, more: Partial<HealthParts>]>([
    ['api', 'on', { apiTokens: [{}] }, {}],
    ['api', 'on', { apiPassThrough: true }, {}],
    ['slack', 'on', slack(['s'], 'b'), {}],
    ['slack', 'off', slack(['s']), {}],
    ['slack', 'off', slack([], 'b'), {}],
    ['slack', 'on', slack([], 'b'), { socketMode: true }],
    ['slack', 'off', slack([]), { socketMode: true }],
    ['smn', 'on', { smnTopics: ['urn'] }, {}],
    ['pagerduty', 'on', { pagerdutySecrets: ['s'] }, {}],
  ])('says that %s is %s: %j', async (trigger, state, settings, more) => {
    expect((await triggers(parts({ settings, ...more })))[trigger]).toBe(state);
  });

  it('says what the clock says of itself, where it does', async () => {
    const body = async (state?: () => unknown) => (await createHealth()(() => parts({ clock: { ...clock, ...(state && { state }) } as never }))).body ?? {};
    expect(await body()).not.toHaveProperty('clock');
    expect(await body(() => undefined)).not.toHaveProperty('clock');
    expect(await body(() => 'behind')).toMatchObject({ clock: 'behind', dry_run: true, paused: false, status: 'ok' });
  });

  it('is a 503 with what only the home can know, and reads the switch anew after it', async () => {
    const health = createHealth();
    let reads = 0;
    const get = async () => (reads++, [undefined]);
    const troubles = [{ name: 'STORE_FILE', problem: 'takes no writes' }];
    const statusOf = async (ownTroubles?: () => typeof troubles) => (await health(() => parts({ get, ...(ownTroubles && { ownTroubles }) }))).status;
    expect([await statusOf(), await statusOf(() => []), reads]).toEqual([200, 200, 1]);
    expect(await statusOf(() => troubles)).toBe(503);
    expect([await statusOf(), reads]).toEqual([200, 2]);
  });

  it('hands on what is no trouble of the settings', async () => {
    const bug = new Error('a bug');
    await expect(createHealth()(() => { throw bug; })).rejects.toBe(bug);
  });
});

describe('the off switch', () => {
  const failing = (error: Error) => ({ ledger: { get: async () => Promise.reject(error) } as never, readPaused: () => false as const });
  it('names the setting whose ledger has to be mended: at home its file', async () => {
    const refused = failing(new LedgerFailed('refused', 'mend it'));
    for (const [name, more] of [['LEDGER_TABLE', {}], ['STORE_FILE', { ownTroubles: () => [] }]] as const) {
      await expect(readSwitch({ ...refused, ...more }, 0)).rejects.toEqual(new SettingsInvalid([{ name, problem: 'mend it' }]));
    }
  });

  it('is unreadable where the ledger gives no answer, and a bug is none', async () => {
    expect(await readSwitch(failing(new LedgerFailed('unavailable', 'no answer')), 0)).toBe('unreadable');
    await expect(readSwitch(failing(new Error('a bug')), 0)).rejects.toThrow('a bug');
  });

  it('is asked of the ledger for two seconds at most, and of the settings after it', async () => {
    const asked: unknown[] = [];
    const ledger = { get: async (keys: unknown, by: unknown) => (asked.push(keys, by), [undefined]) } as never;
    expect(await readSwitch({ ledger, readPaused: () => true }, 1_000)).toBe(true);
    expect(asked).toEqual([[{ partition: 'switch', rest: '-' }], { now: 1_000, deadline: 3_000 }]);
  });
});
