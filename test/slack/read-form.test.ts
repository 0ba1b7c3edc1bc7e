import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { readBlockAction } from '../../lib/slack/read-click.ts';
import { isSslCheck, readSlashCommand } from '../../lib/slack/read-form.ts';

const fixture = (name: string): Buffer => readFileSync(join(import.meta.dirname, '../fixtures/slack', name));
const form = (fields: Record<string, string> | [string, string][]): Buffer => Buffer.from(new URLSearchParams(fields).toString());

const COMMAND = {
  token: 'gIkuvaNzQIHg97ATvDxqgjtO',
  team_id: 'T0123ABCD',
  team_domain: 'data',
  channel_id: 'C0123456789',
  channel_name: 'data-platform',
  user_id: 'U012AB3CD',
  user_name: 'ana',
  command: '/mrs',
  text: 'kill nightly-etl',
  api_app_id: 'A0123ABCD',
  is_enterprise_install: 'false',
  response_url: 'https://hooks.slack.com/commands/T0123ABCD/1/x',
  trigger_id: '1.2.abc',
};
const READ = {
  userId: 'U012AB3CD',
  teamId: 'T0123ABCD',
  channelId: 'C0123456789',
  text: 'kill nightly-etl',
  triggerId: '1.2.abc',
  responseUrl: 'https://hooks.slack.com/commands/T0123ABCD/1/x',
};
const without = (fields: object, name: string): Record<string, string> => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));

/** What InvalidRequest says; anything else that is thrown, or nothing at all, fails the test. */
function complaint(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidRequest);
    return (error as Error).message;
  }
  throw new Error('nothing was thrown');
}

describe('the form of a slash command', () => {
  it('is read, and unknown fields pass', () => {
    expect(readSlashCommand(form({ ...COMMAND, thread_ts: '1.2', something_new: 'x' }))).toEqual(READ);
  });

  it('keeps text in any script, and decodes it once', () => {
    const text = 'kill “ジョブ ü🦀” because 100%25 + &amp;';
    expect(readSlashCommand(form({ ...COMMAND, text })).text).toBe(text);
    expect(readSlashCommand(Buffer.from(form(COMMAND).toString().replace('kill+nightly-etl', 'kill%20%E3%82%B8'))).text).toBe('kill ジ');
  });

  it('may have no text', () => {
    expect(readSlashCommand(form(without(COMMAND, 'text'))).text).toBe('');
    expect(readSlashCommand(form({ ...COMMAND, text: '' })).text).toBe('');
  });

  it('has an enterprise only in an enterprise', () => {
    expect(readSlashCommand(form({ ...COMMAND, enterprise_id: 'E111' }))).toEqual({ ...READ, enterpriseId: 'E111' });
    expect(readSlashCommand(form({ ...COMMAND, enterprise_id: '' }))).toEqual(READ);
  });

  it.each(['team_id', 'channel_id', 'user_id', 'response_url', 'trigger_id'])(
    'is refused without %s, by name and without a value',
    (name) => {
      const said = complaint(() => readSlashCommand(form(without(COMMAND, name))));
      expect(said).toMatch(new RegExp(`^${name}: [^;]+$`));
      expect(said).not.toContain('nightly-etl');
    },
  );

  it.each(['team_id', 'channel_id', 'user_id', 'response_url', 'trigger_id'])('is refused with an empty %s', (name) => {
    expect(complaint(() => readSlashCommand(form({ ...COMMAND, [name]: '' })))).toMatch(new RegExp(`^${name}: `));
  });

  it("is read from Slack's published example", () => {
    expect(readSlashCommand(fixture('slack-slash-command.form'))).toMatchObject({ userId: 'U2CERLKJA', teamId: 'T1DC2JH3J', channelId: 'G8PSS9T3V', text: '' });
  });

  it('counts the first of two fields with one name', () => {
    const twice = Buffer.concat([form(COMMAND), Buffer.from('&user_id=U045EF6GH&text=kill+another')]);
    expect(readSlashCommand(twice)).toEqual(READ);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])('takes no harm from a field called %s', (name) => {
    expect(readSlashCommand(form([[name, 'x'], [`${name}[userId]`, 'x'], ...Object.entries(COMMAND)]))).toEqual(READ);
    expect(complaint(() => readSlashCommand(form([[name, '{"user_id":"U1"}'], ...Object.entries(without(COMMAND, 'user_id'))])))).toMatch(/^user_id: /);
    expect(({} as Record<string, unknown>)['userId']).toBeUndefined();
  });

  it('is read or refused by name, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(complaint(() => readSlashCommand(Buffer.from(bytes)))).not.toBe('');
        expect(complaint(() => readBlockAction(Buffer.from(bytes)))).toBe('payload: expected JSON');
      }),
    );
  });
});

const CLICK = {
  type: 'block_actions',
  user: { id: 'U012AB3CD', username: 'ana', name: 'ana', team_id: 'T0123ABCD' },
  api_app_id: 'A0123ABCD',
  token: 'x',
  container: { type: 'message', message_ts: '1795350000.000100', channel_id: 'C0123456789', is_ephemeral: false },
  trigger_id: '1.2.abc',
  team: { id: 'T0123ABCD', domain: 'data' },
  enterprise: null,
  is_enterprise_install: false,
  channel: { id: 'C0123456789', name: 'data-platform' },
  response_url: 'https://hooks.slack.com/actions/T0123ABCD/1/x',
  actions: [{ action_id: 'kill', block_id: 'b', type: 'button', value: '{"do":"x"}', action_ts: '1795350012.194939' }],
};
const CLICKED = {
  userId: 'U012AB3CD',
  teamId: 'T0123ABCD',
  channelId: 'C0123456789',
  actionId: 'kill',
  value: '{"do":"x"}',
  triggerId: '1.2.abc',
  responseUrl: 'https://hooks.slack.com/actions/T0123ABCD/1/x',
};
const interaction = (payload: unknown): Buffer => form({ payload: JSON.stringify(payload) });

describe('the form of a click', () => {
  it("is read from Slack's own sample", () => {
    expect(readBlockAction(fixture('slack-block-actions.form'))).toEqual({
      userId: 'W111',
      teamId: 'T111',
      enterpriseId: 'E111',
      channelId: 'C111',
      actionId: 'a',
      value: 'click_me_123',
      triggerId: '111.222.valid',
      responseUrl: 'https://hooks.slack.com/actions/T111/111/random-value',
    });
  });

  it('is read where there is no enterprise, and unknown fields pass', () => {
    expect(readBlockAction(interaction({ ...CLICK, something_new: {} }))).toEqual(CLICKED);
  });

  it('counts the first of several actions, whatever the others are', () => {
    expect(readBlockAction(interaction({ ...CLICK, actions: [...CLICK.actions, { action_id: 'decline' }, null, 7] }))).toEqual(CLICKED);
  });

  it('counts the first of two payloads', () => {
    const twice = Buffer.concat([interaction(CLICK), Buffer.from('&'), interaction({ ...CLICK, user: { id: 'U045EF6GH' } })]);
    expect(readBlockAction(twice)).toEqual(CLICKED);
  });

  it.each([null, undefined])('has the team of the person where the app is installed for an organization (team: %j)', (team) => {
    const payload = { ...CLICK, team, user: { id: 'U012AB3CD', team_id: 'T0USERS' }, enterprise: { id: 'E111', name: 'Org' }, is_enterprise_install: true };
    expect(readBlockAction(interaction(payload))).toEqual({ ...CLICKED, teamId: 'T0USERS', enterpriseId: 'E111' });
  });

  it('has the team it was made in, not that of a guest', () => {
    expect(readBlockAction(interaction({ ...CLICK, user: { id: 'U012AB3CD', team_id: 'T0FOREIGN' } }))?.teamId).toBe('T0123ABCD');
  });

  it('is refused where no team is named at all', () => {
    expect(complaint(() => readBlockAction(interaction({ ...CLICK, team: null, user: { id: 'U012AB3CD' } })))).toMatch(/^payload\.team\.id: /);
  });

  it('has no channel outside of messages', () => {
    const { channelId: _, ...rest } = CLICKED;
    expect(readBlockAction(interaction({ ...CLICK, channel: undefined, container: { type: 'view', view_id: 'V1' } }))).toEqual(rest);
    expect(readBlockAction(interaction({ ...CLICK, channel: undefined, container: undefined }))).toEqual(rest);
  });

  it('has the channel of its message where no other is named', () => {
    expect(readBlockAction(interaction({ ...CLICK, channel: undefined }))).toEqual(CLICKED);
  });

  it('has an empty value where the button has none, such as a link', () => {
    expect(readBlockAction(interaction({ ...CLICK, actions: [{ action_id: 'open', action_ts: '1795350012.194939' }] }))).toEqual({ ...CLICKED, actionId: 'open', value: '' });
  });

  it.each(['view_submission', 'view_closed', 'shortcut', 'message_action', 'block_suggestion', 'interactive_message', 'Block_Actions'])(
    'is nothing to us where it is of another type: %s',
    (type) => {
      expect(readBlockAction(interaction({ type }))).toBeUndefined();
    },
  );

  it.each([
    ['payload.type', { ...CLICK, type: undefined }],
    ['payload.type', {}],
    ['payload.user', { ...CLICK, user: undefined }],
    ['payload.user.id', { ...CLICK, user: { team_id: 'T0123ABCD' } }],
    ['payload.user.id', { ...CLICK, user: { id: { $ne: '' } } }],
    ['payload.team.id', { ...CLICK, team: { domain: 'data' } }],
    ['payload.trigger_id', { ...CLICK, trigger_id: 7 }],
    ['payload.response_url', { ...CLICK, response_url: undefined }],
    ['payload.actions', { ...CLICK, actions: undefined }],
    ['payload.actions.0', { ...CLICK, actions: [null] }],
    ['payload.actions.0.action_id', { ...CLICK, actions: [{ action_ts: '1.2' }] }],
    ['payload.actions.0.value', { ...CLICK, actions: [{ action_id: 'kill', action_ts: '1.2', value: {} }] }],
    ['payload', []],
    ['payload', null],
    ['payload', 'block_actions'],
  ])('is refused by the name of what is wrong: %s', (name, payload) => {
    expect(complaint(() => readBlockAction(interaction(payload)))).toMatch(new RegExp(`^${name.replaceAll('.', '\\.')}: [^;]+$`));
  });

  it('is refused without any action', () => {
    expect(complaint(() => readBlockAction(interaction({ ...CLICK, actions: [] })))).toMatch(/^payload\.actions/);
  });

  it.each([['no payload', form({})], ['an empty one', form({ payload: '' })], ['one that is no JSON', form({ payload: '{' })], ['a bare JSON body', Buffer.from(JSON.stringify(CLICK))]])(
    'is refused with %s',
    (_, rawBody) => {
      expect(complaint(() => readBlockAction(rawBody))).toBe('payload: expected JSON');
    },
  );

  it('takes no harm from __proto__', () => {
    const { user: _, ...rest } = CLICK;
    const text = `{"__proto__":{"user":{"id":"U1"}},${JSON.stringify(rest).slice(1)}`;
    expect(complaint(() => readBlockAction(form({ payload: text })))).toMatch(/^payload\.user: /);
    expect(readBlockAction(form({ payload: `{"__proto__":{"isEphemeral":true},${JSON.stringify(CLICK).slice(1)}` }))).toEqual(CLICKED);
  });
});

describe("Slack's look at the certificate", () => {
  it.each([
    ["Slack's own", fixture('slack-ssl-check.form')],
    ['one without token', Buffer.from('ssl_check=1')],
    ['one with the token first', Buffer.from('token=x&ssl_check=1')],
  ])('is recognized: %s', (_, rawBody) => {
    expect(isSslCheck(rawBody)).toBe(true);
  });

  it.each([
    '', 'token=x', 'ssl_check=', 'ssl_check=0', 'ssl_check=true', 'ssl_check=11', 'ssl_check=1+', 'ssl_check=%01', 'SSL_CHECK=1',
    'ssl_check=1&ssl_check=1', 'ssl_check=1&ssl_check=0', 'ssl_check=0&ssl_check=1', 'ssl_check=1&text=kill+etl', 'ssl_check=1&payload=%7B%7D',
    'ssl_check=1&__proto__=x', `ssl_check=1&token=${'x'.repeat(1_000)}`, 'ssl_check[]=1', '{"ssl_check":1}', 'text=ssl_check=1',
  ])('is exact, because it is answered unsigned: not %j', (body) => {
    expect(isSslCheck(Buffer.from(body))).toBe(false);
  });

  it('is never a command or a click', () => {
    expect(isSslCheck(form({ ...COMMAND, ssl_check: '1' }))).toBe(false);
    expect(isSslCheck(interaction(CLICK))).toBe(false);
  });
});
