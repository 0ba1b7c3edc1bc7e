import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Reply, send } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';

const NOON = 1_795_350_000_000;
const GENERAL = 'C0123456789';

let simulator: Simulator;
let now: number;

beforeEach(async () => {
  now = NOON;
  simulator = await startSimulator({
    now: () => now,
    slack: {
      channels: [
        { id: GENERAL, isMember: true },
        { id: 'C0000NOBOT', isMember: false },
        { id: 'C0ARCHIVED', isMember: true, isArchived: true },
        { id: 'D0KNOWN', isMember: true },
      ],
    },
  });
});

afterEach(() => simulator.close());

const call = (method: string, args: object, headers: Record<string, string> = {}): Promise<Reply> =>
  send(simulator, `POST /api/${method}`, {
    headers: { Authorization: 'Bearer xoxb-simulator-token', 'Content-Type': 'application/json; charset=utf-8', ...headers },
    body: args,
  });
const post = async (args: object): Promise<any> => (await call('chat.postMessage', { channel: GENERAL, ...args })).json();
const update = async (args: object): Promise<any> => (await call('chat.update', { channel: GENERAL, ...args })).json();
const whisper = async (args: object): Promise<any> => (await call('chat.postEphemeral', { channel: GENERAL, user: 'U012AB3CD', ...args })).json();

const card = (text: string): object[] => [{ type: 'section', text: { type: 'mrkdwn', text } }];

describe('the credentials of the Web API', () => {
  it.each([
    ['none', { Authorization: '' }, 'not_authed'],
    ['another kind', { Authorization: 'Basic eDp5' }, 'not_authed'],
    ['a wrong token', { Authorization: 'Bearer xoxb-other' }, 'invalid_auth'],
  ])('with %s are refused with 200 and a word', async (_, headers, error) => {
    const reply = await call('chat.postMessage', { channel: GENERAL, text: 'hi' }, headers);
    expect([reply.status, reply.json()]).toEqual([200, { ok: false, error }]);
    expect(simulator.slack.messages()).toEqual([]);
  });

  it('that are right are told whose they are', async () => {
    expect((await call('auth.test', {})).json()).toMatchObject({ ok: true, team_id: 'T0123ABCD', user_id: 'U0KILLBOT' });
  });

  it('and the workspace are the ones the simulator was given', async () => {
    const own = await startSimulator({ slack: { botToken: 'xoxb-own', teamId: 'T0OWN' } });
    const headers = { Authorization: 'Bearer xoxb-own' };
    const reply = await send(own, 'GET /api/auth.test', { headers });
    await own.close();
    expect(reply.json()).toMatchObject({ ok: true, team_id: 'T0OWN' });
  });
});

describe('the arguments of a method', () => {
  it.each([
    ['text/xml', '<hi/>', 'invalid_post_type'],
    ['application/json', '{"channel":', 'invalid_json'],
    ['application/json', '[]', 'json_not_object'],
    ['application/json', '{}', 'invalid_arguments'],
  ])('as %s %s are refused', async (type, body, error) => {
    const reply = await send(simulator, 'POST /api/chat.postMessage', {
      headers: { Authorization: 'Bearer xoxb-simulator-token', 'Content-Type': type },
      body,
    });
    expect(reply.json()).toMatchObject({ ok: false, error });
  });

  it('may come as a form, with the blocks as JSON', async () => {
    const form = new URLSearchParams({ channel: GENERAL, text: 'hi', blocks: JSON.stringify(card('hello')) });
    const headers = { Authorization: 'Bearer xoxb-simulator-token', 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await send(simulator, 'POST /api/chat.postMessage', { headers, body: form.toString() })).json()).toMatchObject({ ok: true });
    expect(simulator.slack.messages()).toMatchObject([{ text: 'hi', blocks: card('hello') }]);
  });

  it('of a method that only reads are not taken from JSON', async () => {
    const headers = { Authorization: 'Bearer xoxb-simulator-token' };
    expect((await call('conversations.info', { channel: GENERAL })).json()).toMatchObject({ ok: false, error: 'invalid_arguments' });
    const show = async (id: string): Promise<any> => (await send(simulator, `GET /api/conversations.info?channel=${id}`, { headers })).json();
    expect(await show('C0000NOBOT')).toMatchObject({ ok: true, channel: { is_member: false, is_archived: false, is_im: false } });
    expect(await show('C0ARCHIVED')).toMatchObject({ channel: { is_archived: true } });
    expect(await show('D0KNOWN')).toMatchObject({ channel: { is_im: true } });
    expect(await show('C0NONE')).toEqual({ ok: false, error: 'channel_not_found' });
  });

  it('of users.info are the id of a member', async () => {
    const headers = { Authorization: 'Bearer xoxb-simulator-token' };
    const show = async (id: string): Promise<any> => (await send(simulator, `GET /api/users.info?user=${id}`, { headers })).json();
    expect(await show('U012AB3CD')).toEqual({ ok: true, user: { id: 'U012AB3CD', team_id: 'T0123ABCD', name: 'u012ab3cd', deleted: false, is_bot: false } });
    expect(await show('U0NOBODY')).toEqual({ ok: false, error: 'user_not_found' });
    expect((await call('users.info', { user: 'U012AB3CD' })).json()).toMatchObject({ ok: false, error: 'invalid_arguments' });
  });

  it('are not looked at where the method is unknown', async () => {
    expect((await call('chat.shout', {})).json()).toEqual({ ok: false, error: 'unknown_method', req_method: 'chat.shout' });
  });
});

describe('chat.postMessage', () => {
  it('keeps the message under a ts of its own, even within one second', async () => {
    const first = await post({ text: 'one', blocks: card('one') });
    const second = await post({ text: 'two' });
    expect(first).toMatchObject({ ok: true, channel: GENERAL, ts: '1795350000.000100', message: { text: 'one' } });
    expect(second.ts).toBe('1795350000.000200');
    now = NOON - 60_000;
    expect((await post({ text: 'three' })).ts).toBe('1795350000.000300');
    now = NOON + 1_000;
    expect((await post({ text: 'four' })).ts).toBe('1795350001.000100');
    expect(simulator.slack.messages().slice(0, 2)).toEqual([
      { channel: GENERAL, ts: first.ts, text: 'one', blocks: card('one'), history: [] },
      { channel: GENERAL, ts: second.ts, text: 'two', blocks: [], history: [] },
    ]);
  });

  it.each([
    [{ channel: 'C0NONE', text: 'hi' }, 'channel_not_found'],
    [{ channel: 'D0UNKNOWN', text: 'hi' }, 'channel_not_found'],
    [{ channel: 'U0UNKNOWN', text: 'hi' }, 'channel_not_found'],
    [{ channel: 'C0000NOBOT', text: 'hi' }, 'not_in_channel'],
    [{ channel: 'C0ARCHIVED', text: 'hi' }, 'is_archived'],
    [{}, 'no_text'],
    [{ text: ' ', blocks: [] }, 'no_text'],
    [{ text: 'hi', blocks: 'x' }, 'invalid_blocks_format'],
    [{ text: 'hi', blocks: {} }, 'invalid_blocks_format'],
    [{ text: 'hi', blocks: [{ type: 'shout' }] }, 'invalid_blocks'],
  ])('refuses %j with %s and keeps nothing', async (args, error) => {
    expect(await post(args)).toMatchObject({ ok: false, error });
    expect(simulator.slack.messages()).toEqual([]);
  });

  it('needs no text where there are blocks, and cuts long text', async () => {
    expect(await post({ blocks: card('hi') })).toMatchObject({ ok: true });
    await post({ text: 'x'.repeat(40_001) });
    expect(simulator.slack.messages().map(({ text }) => text.length)).toEqual([0, 40_000]);
  });

  it('to a user opens a direct message, which goes by its own id from then on', async () => {
    expect(await post({ channel: 'D012AB3CD', text: 'hi' })).toMatchObject({ error: 'channel_not_found' });
    const { channel, ts } = await post({ channel: 'U012AB3CD', text: 'hi' });
    expect(channel).toBe('D012AB3CD');
    expect(await update({ channel: 'U012AB3CD', ts, text: 'ho' })).toMatchObject({ error: 'channel_not_found' });
    expect(await update({ channel, ts, text: 'ho' })).toMatchObject({ ok: true });
    expect(await post({ channel, text: 'again' })).toMatchObject({ ok: true });
    expect(await post({ channel: 'D0KNOWN', text: 'hi' })).toMatchObject({ ok: true, channel: 'D0KNOWN' });
  });
});

describe('chat.update', () => {
  it('replaces what a message says and keeps what it said', async () => {
    const { ts } = await post({ text: 'ask', blocks: card('ask') });
    expect(await update({ ts, text: 'killing', blocks: card('killing') })).toMatchObject({ ok: true, channel: GENERAL, ts, text: 'killing' });
    await update({ ts, text: 'killed', blocks: card('killed') });
    expect(simulator.slack.messages()).toEqual([
      {
        channel: GENERAL,
        ts,
        text: 'killed',
        blocks: card('killed'),
        history: [
          { text: 'ask', blocks: card('ask') },
          { text: 'killing', blocks: card('killing') },
        ],
      },
    ]);
  });

  it('leaves blocks that are not named, and removes them for an empty list', async () => {
    const { ts } = await post({ text: 'ask', blocks: card('ask') });
    await update({ ts, text: 'later' });
    expect(simulator.slack.messages()).toMatchObject([{ text: 'later', blocks: card('ask') }]);
    await update({ ts, text: 'end', blocks: [] });
    expect(simulator.slack.messages()).toMatchObject([{ text: 'end', blocks: [] }]);
  });

  it.each([
    [{ ts: '1795350000.999900', text: 'hi' }, 'message_not_found'],
    [{ channel: 'D0KNOWN', text: 'hi' }, 'message_not_found'],
    [{ channel: 'C0NONE', text: 'hi' }, 'channel_not_found'],
    [{ channel: 'C0ARCHIVED', text: 'hi' }, 'is_inactive'],
    [{ text: 'x'.repeat(4_001) }, 'msg_too_long'],
    [{ text: '' }, 'no_text'],
    [{ text: 'hi', blocks: [{ type: 'section' }] }, 'invalid_blocks'],
    [{ ts: 7 }, 'invalid_arguments'],
  ])('refuses what it cannot do: %#', async (args, error) => {
    const { ts } = await post({ text: 'ask' });
    expect(await update({ ts, ...args })).toMatchObject({ ok: false, error });
    expect(simulator.slack.messages()).toMatchObject([{ text: 'ask', history: [] }]);
  });

  it('takes a text of exactly 4,000 characters', async () => {
    const { ts } = await post({ text: 'ask' });
    expect(await update({ ts, text: 'x'.repeat(4_000) })).toMatchObject({ ok: true });
  });

  it('cannot touch an ephemeral message', async () => {
    const { message_ts } = await whisper({ text: 'psst' });
    expect(await update({ ts: message_ts, text: 'hi' })).toEqual({ ok: false, error: 'cant_update_message' });
  });
});

describe('chat.postEphemeral', () => {
  it('shows a message to one user only', async () => {
    expect(await whisper({ text: 'psst' })).toEqual({ ok: true, message_ts: '1795350000.000100' });
    expect(simulator.slack.messages()).toEqual([]);
    expect(simulator.slack.ephemerals()).toEqual([
      { channel: GENERAL, ts: '1795350000.000100', text: 'psst', blocks: [], history: [], ephemeralFor: 'U012AB3CD' },
    ]);
  });

  it.each([
    [{ text: 'hi', user: 'U0UNKNOWN' }, 'user_not_in_channel'],
    [{ text: 'hi', user: undefined }, 'invalid_arguments'],
    [{ text: 'hi', channel: 'C0000NOBOT' }, 'not_in_channel'],
    [{ text: 'hi', channel: 'U012AB3CD' }, 'channel_not_found'],
    [{ text: '' }, 'no_text'],
  ])('refuses %j with %s', async (args, error) => {
    expect(await whisper(args)).toMatchObject({ ok: false, error });
    expect(simulator.slack.ephemerals()).toEqual([]);
  });
});

describe('a response URL', () => {
  const respond = (url: string, body: unknown, type = 'application/json'): Promise<Reply> =>
    send(simulator, `POST /${url.slice(simulator.url.length + 1)}`, { headers: { 'Content-Type': type }, body });

  it('takes five messages and no more, without a token', async () => {
    const url = simulator.slack.newResponseUrl();
    for (let number = 1; number <= 5; number++) {
      const reply = await respond(url, { text: `answer ${number}`, response_type: 'ephemeral' });
      expect([reply.status, reply.text, reply.headers.get('content-type')]).toEqual([200, 'ok', 'text/plain; charset=utf-8']);
    }
    const sixth = await respond(url, { text: 'answer 6' });
    expect([sixth.status, sixth.text]).toEqual([404, 'used_url']);
    expect(simulator.slack.responses()).toHaveLength(5);
    expect(simulator.slack.responses()[0]).toEqual({ url, body: { text: 'answer 1', response_type: 'ephemeral' } });
  });

  it('is good for 30 minutes', async () => {
    const url = simulator.slack.newResponseUrl();
    now = NOON + 30 * 60_000;
    expect((await respond(url, { text: 'in time' })).status).toBe(200);
    now += 1;
    const late = await respond(url, { text: 'too late' });
    expect([late.status, late.text]).toEqual([404, 'expired_url']);
  });

  it.each([
    [{ response_type: 'loud', text: 'hi' }, 'application/json', 'invalid_payload'],
    [{ text: 'hi' }, 'text/plain', 'invalid_payload'],
    ['{', 'application/json', 'invalid_payload'],
    [{ text: '' }, 'application/json', 'no_text'],
    [{ blocks: [{ type: 'shout' }] }, 'application/json', 'invalid_blocks'],
  ])('refuses %j as %s with 400 and is not used up by it', async (body, type, word) => {
    const url = simulator.slack.newResponseUrl();
    for (let number = 1; number <= 6; number++) {
      const reply = await respond(url, body, type);
      expect([reply.status, reply.text]).toEqual([400, word]);
    }
    expect((await respond(url, { delete_original: true })).status).toBe(200);
  });

  it('that was never given out leads nowhere', async () => {
    const reply = await respond(`${simulator.url}/hooks/commands/none`, { text: 'hi' });
    expect([reply.status, reply.text]).toEqual([404, 'no_service']);
  });
});

describe('a fault on slack', () => {
  it('hits the method that its condition names', async () => {
    simulator.fault({
      on: 'slack',
      when: ({ path }) => path === '/api/chat.update',
      status: 429,
      headers: { 'Retry-After': '3' },
      body: { ok: false, error: 'ratelimited' },
    });
    const { ts } = await post({ text: 'ask' });
    const limited = await call('chat.update', { channel: GENERAL, ts, text: 'end' });
    expect([limited.status, limited.headers.get('retry-after'), limited.json()]).toEqual([429, '3', { ok: false, error: 'ratelimited' }]);
    expect(simulator.slack.messages()).toMatchObject([{ text: 'ask' }]);
    expect(await update({ ts, text: 'end' })).toMatchObject({ ok: true });
  });

  it('may lose the answer to a message that was posted', async () => {
    simulator.fault({ on: 'slack', hangUp: true, thenDo: 'effect' });
    await expect(post({ text: 'hi' })).rejects.toThrow();
    expect(simulator.slack.messages()).toHaveLength(1);
  });
});

describe('from another process', () => {
  const look = async (what: string): Promise<any> => (await send(simulator, `GET /simulator/slack/${what}`)).json();

  it('messages can be read, response URLs made and faults set', async () => {
    await post({ text: 'hi' });
    await whisper({ text: 'psst' });
    const { url } = (await send(simulator, 'POST /simulator/slack/response-urls')).json();
    await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"text":"answer"}' });
    expect(await look('messages')).toMatchObject([{ text: 'hi', history: [] }]);
    expect(await look('ephemerals')).toMatchObject([{ text: 'psst', ephemeralFor: 'U012AB3CD' }]);
    expect(await look('responses')).toEqual([{ url, body: { text: 'answer' } }]);
    await send(simulator, 'POST /simulator/faults', { body: { on: 'slack', status: 503 } });
    expect((await call('chat.postMessage', {})).status).toBe(503);
  });

  it('the API is found at a URL that ends in /api/', () => {
    expect(simulator.slack.apiUrl).toBe(`${simulator.url}/api/`);
  });
});
