import { describe, expect, it } from '@jest/globals';
import type { Home } from '../../lib/settings/references.ts';
import { checkSettings } from '../../tools/check-config/settings.ts';
import { findingLine } from '../../tools/findings.ts';

const CLOCK = { now: () => Date.UTC(2026, 10, 22), sleep: async () => undefined };
const ENV = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'ssm:/kill/password', HW_DOMAIN_NAME: 'account', PAUSED: 'ssm:/kill/paused' };

/** The lines, with a parameter store that holds this; undefined: it answers nobody. */
async function check(parameters: Record<string, string> | undefined, env: Record<string, string> = ENV, home: Home = 'aws'): Promise<string[]> {
  const read = async (names: readonly string[]) => {
    if (parameters === undefined) throw new Error('no credentials');
    return new Map(Object.entries(parameters).filter(([name]) => names.includes(name)));
  };
  const { findings } = await checkSettings(env, read, CLOCK, home);
  return findings.map(findingLine);
}

describe('references', () => {
  it('are read as a function would read them, and no value is shown', async () => {
    const lines = await check({ '/kill/password': 'a very secret password', '/kill/paused': 'false' });
    expect(lines).toEqual(['ok      settings: region eu-west-101, user killswitch of account; 2 read from the parameter store', 'ok      PAUSED: off']);
  });

  it.each([
    ['that does not exist', { '/kill/paused': 'false' }],
    ['whose store answers nobody', undefined],
  ])('one %s is BAD by the name of its setting', async (_title, parameters) => {
    expect(await check(parameters)).toEqual([expect.stringMatching(/^BAD {5}HW_USER_PASSWORD: refers to a parameter that cannot be read/)]);
  });

  it('the off switch is read where it leads to: on is a warning, unreadable is BAD', async () => {
    const password = { '/kill/password': 'a very secret password' };
    expect((await check({ ...password, '/kill/paused': 'true' })).at(-1)).toMatch(/^warning PAUSED: the off switch is on/);
    expect((await check({ ...password, '/kill/paused': 'off' })).at(-1)).toMatch(/^BAD {5}PAUSED: \/kill\/paused says neither true nor false/);
    expect((await check(password)).at(-1)).toMatch(/^BAD {5}PAUSED: \/kill\/paused cannot be read, which counts as paused/);
  });
});

describe('tokens of Slack', () => {
  const { HW_REGION_NAME, HW_USER_NAME, HW_DOMAIN_NAME } = ENV;
  const tokens = async (env: Record<string, string>, home: Home): Promise<string[]> =>
    (await check({}, { HW_REGION_NAME, HW_USER_NAME, HW_DOMAIN_NAME, HW_USER_PASSWORD: 'a very secret password', ...env }, home)).filter((line) => line.includes('SLACK_'));

  it.each<[Record<string, string>, Home, string[]]>([
    [{ SLACK_BOT_TOKEN: 'xoxb-1' }, 'aws', []], [{ SLACK_BOT_TOKEN: 'xoxe.xoxb-1' }, 'aws', []], [{}, 'aws', []],
    [{ SLACK_BOT_TOKEN: 'a-secret-token' }, 'aws', ['warning SLACK_BOT_TOKEN: does not begin with xoxb- as bot tokens do']],
    [{ SLACK_BOT_TOKEN: 'xapp-1-0123456789' }, 'own', ['warning SLACK_BOT_TOKEN: does not begin with xoxb- as bot tokens do: it is an app-level token, which is for SLACK_APP_TOKEN']],
    [{ SLACK_APP_TOKEN: 'xapp-1-0123456789' }, 'own', ['warning SLACK_APP_TOKEN: commands come in, and nothing can be posted or asked without SLACK_BOT_TOKEN: each kill is refused; set it too']],
    [{ SLACK_APP_TOKEN: 'xapp-1-0123456789', SLACK_BOT_TOKEN: 'xoxb-1' }, 'own', []],
  ])('%j on %s', async (env, home, lines) => expect(await tokens(env, home)).toEqual(lines));
});

it('a line stays one line, and brings no control characters to the terminal', () => {
  expect(findingLine({ verdict: 'BAD', about: 'job\u001b[31m', text: 'red\r\nok      all: fine' })).toBe('BAD     job [31m: red ok all: fine');
});
