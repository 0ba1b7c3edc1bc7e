import { describe, expect, it } from '@jest/globals';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { compose, type Outside } from '../../lib/house/compose.ts';
import { createLog } from '../../lib/log/log.ts';
import { PolicyUnreadable } from '../../lib/policy/load-policy.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const CLUSTERS = 'clusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3, project: 0a1b2c3d4e5f60718293a4b5c6d7e8f9 } }';
const WARNS = `${CLUSTERS}\nslack: { channel: C045EF6GH }\ncleanup: [{ name: old, cluster: analytics, match: { name: "adhoc-*" }, olderThan: 6h, action: kill, warn: 30m }]`;
const ENV = {
  HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'u', HW_USER_PASSWORD: 'p', HW_DOMAIN_NAME: 'd', API_TOKENS: 'ci:first-token-0123456789', LEDGER_TABLE: 'ledger', KILL_FUNCTION: 'kill:live',
};

/** A house, and what it opened outside. */
function build({ env = {}, policy = CLUSTERS, ...more }: { env?: Record<string, string | undefined>; policy?: string } & Partial<Omit<Outside, 'env'>> = {}) {
  const opened: string[] = [];
  const open = (what: string) => (name: string) => {
    opened.push(`${what} ${name}`);
    return { [what]: name } as never;
  };
  const clock = createFakeClock('2026-11-28T12:00:00Z');
  const outside: Outside = {
    home: 'aws', env: { ...ENV, ...env }, clock, createId: () => 'id', log: createLog({ level: 'error', now: clock.now, write: () => {} }),
    openSend: (origins) => {
      opened.push(`send ${[...origins].join()}`);
      return async () => ({ status: 200, headers: {}, text: '{"ok":true,"ts":"1.2","channel":"C1"}' }) as never;
    },
    readParameters: async () => new Map() as never, openEngine: open('engine'), openLedger: open('ledger'), invokeSelf: async () => {},
    readPolicy: () => parsePolicy(policy, { hasBotToken: true, file: 'policy.yml' }), ...more,
  };
  return { house: compose(outside), opened };
}
const problemsOf = (load: () => unknown): unknown => {
  try {
    load();
  } catch (error) {
    return error instanceof SettingsInvalid ? error.problems : error;
  }
  return 'none';
};

describe('the house', () => {
  it('is built once, with one ledger and one engine, however often it is asked', () => {
    const { house, opened } = build();
    expect(house.load()).toBe(house.load());
    for (let times = 0; times < 2; times++) expect(house.loadStarting()).toMatchObject({ engine: { engine: 'kill:live' }, starter: { killFunction: 'kill:live', engine: { engine: 'kill:live' } }, ledger: { ledger: 'ledger' } });
    expect(house.loadStarting().starter.warnEngine).toBeUndefined();
    expect(opened.filter((what) => !what.startsWith('send'))).toEqual(['ledger ledger', 'engine kill:live']);
  });

  it('opens the engine that warns where the function has one', () => {
    const { house, opened } = build({ env: { WARN_FUNCTION: 'warn:live' }, policy: WARNS });
    for (let times = 0; times < 2; times++) expect(house.loadStarting().starter).toMatchObject({ warnEngine: { engine: 'warn:live' } });
    expect(opened.filter((what) => what.startsWith('engine'))).toEqual(['engine kill:live', 'engine warn:live']);
  });

  it('needs no function that warns where no rule warns', () => {
    expect(problemsOf(build({ env: { WARN_FUNCTION: undefined }, policy: WARNS.replace(', warn: 30m', '') }).house.loadStarting)).toBe('none');
  });

  it.each([
    ['LEDGER_TABLE', {}, "the name of the ledger's table"],
    ['KILL_FUNCTION', {}, 'the qualified name of the durable function'],
    ['WARN_FUNCTION', { policy: WARNS }, 'the qualified name of the durable function that warns'],
  ])('names %s where it is needed and not there', (name, more, what) => {
    const { house } = build({ env: { [name]: undefined }, ...more });
    expect(problemsOf(house.loadStarting)).toEqual([{ name, problem: `is required here: ${what}; serverless.yml sets it` }]);
    expect(problemsOf(house.load)).toEqual(name === 'LEDGER_TABLE' ? [expect.objectContaining({ name })] : 'none');
  });

  it('names the policy where it cannot be read, and hands on what is no such trouble', () => {
    const throwing = (error: Error) => problemsOf(build({ readPolicy: () => { throw error; } }).house.load);
    expect(throwing(new PolicyUnreadable('policy.json is no policy'))).toEqual([{ name: 'POLICY_FILE', problem: 'policy.json is no policy' }]);
    const bug = new Error('a bug');
    expect(throwing(bug)).toBe(bug);
  });

  it('wants both endpoints for a region that nobody knows, and names it', () => {
    const policy = 'clusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3, region: moon-1 } }';
    const problem = 'is required, with HW_AUTH_URL: no endpoints are known for region moon-1 of cluster analytics';
    const endpoints = { MRS_ENDPOINT: 'https://mrs.example', HW_AUTH_URL: 'https://iam.example' };
    for (const one of Object.keys(endpoints)) expect(problemsOf(build({ policy, env: { ...endpoints, [one]: undefined } }).house.load)).toEqual([{ name: 'MRS_ENDPOINT', problem }]);
    expect(problemsOf(build({ policy, env: endpoints }).house.load)).toBe('none');
  });

  it('says nothing without a bot token, and opens no way to Slack', async () => {
    const { house, opened } = build({ env: { SLACK_BOT_TOKEN: undefined } });
    const { reporter } = house.load();
    const { show, say, showCleanup, showDigest } = reporter as unknown as Record<string, () => Promise<unknown>>;
    for (const tell of [show, say, showCleanup, showDigest]) await tell?.();
    expect(opened.filter((what) => what.includes('slack'))).toEqual([]);
  });
});
