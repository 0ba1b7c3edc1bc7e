import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readSettings } from '../../lib/settings/settings.ts';
import { checkSlack } from '../../tools/check-config/slack.ts';
import { findingLine } from '../../tools/findings.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { type Fault, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const TOKEN = 'xoxb-simulator-token';
let simulator: Simulator;

beforeEach(async () => {
  const channels = [{ id: 'C0123456789', isMember: true }, { id: 'C0000NOBOT', isMember: false }, { id: 'C0000OLD', isMember: true, isArchived: true }];
  const users = ['U0678IJKL', { id: 'U0GONE', isDeactivated: true }, { id: 'U0BOT', isBot: true }];
  simulator = await startSimulator({ slack: { botToken: TOKEN, channels, users } });
});

afterEach(async () => {
  // Nothing is posted, whatever is found.
  expect(simulator.slack.messages()).toEqual([]);
  expect(simulator.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  await simulator.close();
});

/** A fault on one method of the Web API. */
const on = (method: string, fault: Partial<Fault>): void => simulator.fault({ on: 'slack', when: ({ path }) => path === `/api/${method}`, ...fault });
const grant = (scopes: string): void => on('auth.test', { headers: { 'x-oauth-scopes': scopes } });

async function check({ slack = '{ team: T0123ABCD, channel: C0123456789 }', rules = '', env = {} }: { slack?: string; rules?: string; env?: Record<string, string> } = {}): Promise<string[]> {
  const policy = parsePolicy(`clusters: { analytics: { id: ${ANALYTICS_ID} } }\nslack: ${slack}\n${rules}`, { hasBotToken: true, file: 'policy.yml' });
  const settings = readSettings({
    HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'u', HW_USER_PASSWORD: 'p', HW_DOMAIN_NAME: 'd', SLACK_BOT_TOKEN: TOKEN,
    SLACK_SIGNING_SECRET: 'a signing secret', SLACK_API_URL: simulator.slack.apiUrl, ...env,
  });
  const lines: string[] = [];
  for await (const finding of checkSlack(settings, policy)) lines.push(findingLine(finding));
  expect(lines.join()).not.toContain(TOKEN);
  return lines;
}

const notOk = (lines: string[]): string[] => lines.filter((line) => !line.startsWith('ok'));

describe('Slack', () => {
  it('token, workspace, scopes and channel that fit are ok', async () => {
    grant('chat:write,commands');
    expect(notOk(await check())).toEqual([]);
  });

  it('without a bot token Slack is off: a warning, and nobody is asked', async () => {
    expect(await check({ env: { SLACK_BOT_TOKEN: '' } })).toEqual([expect.stringMatching(/^warning Slack: off: SLACK_BOT_TOKEN is not set/)]);
    expect(simulator.requests).toEqual([]);
  });

  it('a token that Slack does not take is BAD, and nothing else is asked', async () => {
    expect(await check({ env: { SLACK_BOT_TOKEN: 'xoxb-another' } })).toEqual([expect.stringMatching(/^BAD {5}Slack: auth\.test: invalid_auth; see SLACK_BOT_TOKEN/)]);
    expect(simulator.requests).toHaveLength(1);
  });

  it.each([
    ['commands', 'chat:write'],
    ['chat:write', 'commands'],
    ['channels:read', 'chat:write and commands'],
  ])('a token with only %s lacks %s', async (scopes, missing) => {
    grant(scopes);
    expect(notOk(await check())).toEqual([`BAD     Slack: the token lacks ${missing}; add it under OAuth & Permissions and install the app again`]);
  });

  it('without a signing secret the scope for commands is not needed, but somebody should know', async () => {
    grant('chat:write');
    expect(notOk(await check({ env: { SLACK_SIGNING_SECRET: '' } }))).toEqual([expect.stringMatching(/^warning Slack: no commands and no clicks/)]);
  });

  it('where Slack does not tell the scopes it is a warning', async () => {
    expect(notOk(await check())).toEqual([expect.stringMatching(/^warning Slack: did not say which scopes/)]);
  });

  it('the token of another workspace is BAD', async () => {
    grant('chat:write,commands');
    expect(notOk(await check({ slack: '{ team: T9999ELSE, channel: C0123456789 }' }))).toEqual([expect.stringMatching(/^BAD.*workspace simulator \(T0123ABCD\), the policy says slack\.team: T9999ELSE/)]);
  });

  it('a policy without a workspace lets every workspace command: a warning', async () => {
    grant('chat:write,commands');
    expect(notOk(await check({ slack: '{ channel: C0123456789 }' }))).toEqual([expect.stringMatching(/^warning Slack: .*set slack\.team: T0123ABCD in the policy/)]);
  });

  it.each([
    ['that the bot is not in', 'C0000NOBOT', /^BAD {5}Slack channel C0000NOBOT: the bot is not in it; invite it there$/],
    ['that is archived', 'C0000OLD', /^BAD {5}Slack channel C0000OLD: is archived/],
    ['that nobody knows', 'C0NOWHERE', /^BAD {5}Slack channel C0NOWHERE: the bot does not see it/],
  ])('a channel %s is BAD', async (_title, channel, line) => {
    grant('chat:write,commands');
    expect(notOk(await check({ slack: `{ team: T0123ABCD, channel: ${channel} }` }))).toEqual([expect.stringMatching(line)]);
  });

  it('a channel that may not be looked at is only a warning: the app needs no such right', async () => {
    grant('chat:write,commands');
    on('conversations.info', { status: 200, body: { ok: false, error: 'missing_scope', needed: 'channels:read', provided: 'chat:write,commands' } });
    expect(notOk(await check())).toEqual([expect.stringMatching(/^warning Slack channel C0123456789: cannot be looked at without channels:read/)]);
  });

  it.each([
    ['no answer', { hangUp: true }, /^BAD {5}Slack: no answer: connection failed/],
    ['a page of a proxy', { status: 200, body: '<html>sign in</html>' }, /^BAD {5}Slack: auth\.test: HTTP 200; /],
    ['throttling', { status: 429, body: { ok: false, error: 'ratelimited' } }, /^BAD {5}Slack: auth\.test: ratelimited; /],
  ] as [string, Partial<Fault>, RegExp][])('%s is BAD', async (_title, fault, line) => {
    on('auth.test', fault);
    expect(await check()).toEqual([expect.stringMatching(line)]);
  });
});

describe('an owner of jobs', () => {
  const checkPeople = async (people: string): Promise<string[]> => {
    grant('chat:write,commands');
    const lines = await check({ slack: `{ team: T0123ABCD, channel: C0123456789, people: ${people} }` });
    return lines.filter((line) => line.includes('slack.people'));
  };
  const asked = (method: string): number => simulator.requests.filter(({ path }) => path === `/api/${method}`).length;

  it('who is somebody of the workspace, or a channel with the bot in it, can be told', async () => {
    expect(await checkPeople('{ etl_dev: U0678IJKL, "svc-*": C0123456789 }')).toEqual([
      'ok      slack.people etl_dev: U0678IJKL: u0678ijkl, who can be told',
      'ok      slack.people svc-*: channel C0123456789: c0123456789, the bot is in it',
    ]);
  });

  it('who has several users of MRS is asked for once', async () => {
    expect(await checkPeople('{ etl_dev: U0678IJKL, etl_prod: U0678IJKL }')).toEqual(['ok      slack.people etl_dev, etl_prod: U0678IJKL: u0678ijkl, who can be told']);
    expect(asked('users.info')).toBe(1);
  });

  it.each([
    ['is deactivated', 'U0GONE', /^BAD {5}slack\.people etl_dev: U0GONE: is deactivated; name somebody else, or a channel, in slack\.people$/],
    ['is a bot', 'U0BOT', /^BAD {5}slack\.people etl_dev: U0BOT: is a bot/],
    ['is unknown', 'U0NOBODY', /^BAD {5}slack\.people etl_dev: U0NOBODY: the bot sees no such person: correct slack\.people in the policy$/],
    ['is a channel that the bot is not in', 'C0000NOBOT', /^BAD {5}slack\.people etl_dev: channel C0000NOBOT: the bot is not in it; invite it there$/],
    ['is a channel that is archived', 'C0000OLD', /^BAD {5}slack\.people etl_dev: channel C0000OLD: is archived; take another one for slack\.people/],
    ['is a channel that nobody knows', 'C0NOWHERE', /^BAD {5}slack\.people etl_dev: channel C0NOWHERE: the bot does not see it: correct slack\.people/],
  ])('who %s is BAD', async (_title, id, line) => {
    expect(await checkPeople(`{ etl_dev: ${id}, ana: U0678IJKL }`)).toEqual([expect.stringMatching(line), expect.stringMatching(/^ok {6}slack\.people ana: /)]);
  });

  it('who may not be looked at is one warning for all, which says what is not seen: the app needs no such right', async () => {
    on('users.info', { status: 200, body: { ok: false, error: 'missing_scope', needed: 'users:read', provided: 'chat:write,commands' } });
    expect(await checkPeople('{ etl_dev: U0678IJKL, "svc-*": C0123456789, ana: U0GONE, bo: U0GONE }')).toEqual([
      'ok      slack.people svc-*: channel C0123456789: c0123456789, the bot is in it',
      'warning slack.people: without users:read, which nothing else needs, it cannot be seen whether these still work here and are no bots; see yourself: U0678IJKL (etl_dev), U0GONE (ana, bo)',
    ]);
    expect(asked('users.info')).toBe(1);
  });

  it.each([
    ['Slack throttles', { status: 429, body: { ok: false, error: 'ratelimited' } }, /^warning slack\.people etl_dev: U0678IJKL: was not looked at, since Slack was asked too often; try again in a minute$/],
    ['Slack is in trouble', { status: 503, body: 'down' }, /^BAD {5}slack\.people etl_dev: U0678IJKL: users\.info: HTTP 503$/],
  ] as [string, Partial<Fault>, RegExp][])('is said where %s', async (_title, fault, line) => {
    on('users.info', fault);
    expect(await checkPeople('{ etl_dev: U0678IJKL }')).toEqual([expect.stringMatching(line)]);
  });

  it('nobody is, though rules warn: that is said, and no mistake', async () => {
    grant('chat:write,commands');
    const rules = (...names: string[]): string => `cleanup: [${names.map((name) => `{ name: ${name}, cluster: analytics, match: { queue: adhoc }, warn: 30m, action: kill }`).join(', ')}]`;
    expect(await check({ rules: rules('a') })).toContainEqual('ok      slack.people: names nobody, and a rule warns: slack.channel is told, and no owner');
    expect(await check({ rules: rules('a', 'b') })).toContainEqual('ok      slack.people: names nobody, and 2 rules warn: slack.channel is told, and no owner');
    expect((await check()).join()).not.toContain('slack.people');
  });
});
