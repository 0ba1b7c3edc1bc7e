import { afterEach, describe, expect, it } from '@jest/globals';
import { ALERTMANAGER_TOKEN, type AlertStage, nothingHappened, policyOf, type Reply, type Sent, startAlertStage, STUCK, TOKEN } from '../stage/alerts.ts';

let stage: AlertStage;
afterEach(() => stage.close());

/** An alert whose job would be killed, if it got so far. */
async function deliver(sent: Sent, env: Record<string, string | undefined> = {}): Promise<Reply> {
  stage = await startAlertStage(STUCK, env);
  const { job_id } = stage.simulator.addJob();
  return stage.deliver({ id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_id } }, sent);
}

const bearer = (token: string): Sent => ({ headers: { authorization: `Bearer ${token}` } });

describe('a sender that does not prove who it is gets 401, always in the same words, and nothing was killed', () => {
  it.each<[string, Sent, Record<string, string>]>([
    ['no header', { headers: {} }, {}],
    ['an empty header', { headers: { authorization: '' } }, {}],
    ['no token', { headers: { authorization: 'Bearer ' } }, {}],
    ['a wrong token', bearer('wrong-token-0123456789'), {}],
    ['the beginning of the token', bearer(TOKEN.slice(0, -1)), {}],
    ['the token and more', bearer(`${TOKEN}0`), {}],
    ['the token in upper case', bearer(TOKEN.toUpperCase()), {}],
    ['the token with its name', bearer(`gateway:${TOKEN}`), {}],
    ['two tokens in one header', { headers: { authorization: `Bearer wrong-token-0123456789, Bearer ${TOKEN}` } }, {}],
    ['the token without a scheme', { headers: { authorization: TOKEN } }, {}],
    ['the token under Basic', { headers: { authorization: `Basic ${Buffer.from(`alerts:${TOKEN}`).toString('base64')}` } }, {}],
    ['the token in another header', { headers: { 'x-auth-token': TOKEN } }, {}],
    ['the token in the query', { headers: {}, line: `POST /alerts/generic?token=${TOKEN}` }, {}],
    ['a token that is bound to another source', bearer(ALERTMANAGER_TOKEN), {}],
    ['the token while ALERT_TOKENS is unset', bearer(TOKEN), { ALERT_TOKENS: '' }],
    ['an empty token while ALERT_TOKENS is unset', { headers: { authorization: 'Bearer ' } }, { ALERT_TOKENS: '' }],
    ['a token while there are only bound ones', bearer(TOKEN), { ALERT_TOKENS: `prometheus@alertmanager:${ALERTMANAGER_TOKEN}` }],
    ['a token of the REST API', bearer('rest-token-0123456789'), { API_TOKENS: 'ci:rest-token-0123456789' }],
    ['a token of letters beyond ASCII', bearer('töken-0123456789-🙂'), {}],
  ])('%s', async (_, sent, env) => {
    const reply = await deliver(sent, env);
    expect([reply.status, reply.body]).toEqual([401, { error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'request-1' }]);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
    nothingHappened(stage);
  });

  it('also where the body is none that could be read: nothing is parsed before', async () => {
    stage = await startAlertStage();
    for (const body of ['', '{', '[]', '{"id":1}']) expect((await stage.deliver(body, { headers: {} })).status).toBe(401);
    nothingHappened(stage);
  });
});

describe('a sender with a token is let in', () => {
  it.each<[string, Sent, Record<string, string>]>([
    ['in the usual way', bearer(TOKEN), {}],
    ['however the scheme and the header are written', { headers: { Authorization: `bearer  ${TOKEN}` } }, {}],
    ['by a token that is bound to this source', bearer('bound-token-0123456789'), { ALERT_TOKENS: 'gw@generic:bound-token-0123456789' }],
    ['by the old one and the new one of a rotation', bearer('second-token-0123456789'), { ALERT_TOKENS: `gw:${TOKEN},gw:second-token-0123456789` }],
  ])('%s', async (_, sent, env) => {
    expect((await deliver(sent, env)).status).toBe(202);
    expect(await stage.outcomes()).toEqual(['killed']);
  });
});

describe('a source that is none of ours gets 404, with a token or without, and nothing was killed', () => {
  it.each([
    '/alerts/__proto__',
    '/alerts/constructor',
    '/alerts/toString',
    '/alerts/hasOwnProperty',
    '/alerts/',
    '/alerts',
    '/alerts/generic/x',
    '/alerts/generic/',
    '/alerts//generic',
    '/alerts/Generic',
    '/alerts/generic%2Fx',
    '/alerts/%67eneric',
    '/alerts/generic%00',
    '/x/alerts/generic',
    '/alerts/nagios',
  ])('%s', async (path) => {
    const reply = await deliver({ line: `POST ${path}` });
    expect([reply.status, reply.body]).toEqual([404, { error_code: 'KILL.0404', error_msg: expect.stringMatching(/^no such (?:alert source; openapi\.yml lists them|route)$/), request_id: 'request-1' }]);
    expect((await stage.deliver('{}', { line: `POST ${path}`, headers: {} })).status).toBe(404);
    nothingHappened(stage);
  });
});

describe('a body over 1 MiB', () => {
  const padded = (bytes: number): string => {
    const empty = JSON.stringify({ id: 'a', labels: { alertname: 'Other' }, pad: '' });
    return `${empty.slice(0, -2)}${'x'.repeat(bytes - empty.length)}"}`;
  };

  it('gets 413, and nothing was killed; one of exactly 1 MiB is read', async () => {
    stage = await startAlertStage();
    expect(Buffer.byteLength(padded(1_048_576))).toBe(1_048_576);
    expect((await stage.deliver(padded(1_048_576))).status).toBe(202);
    const reply = await stage.deliver(padded(1_048_577));
    expect([reply.status, reply.body]).toEqual([413, { error_code: 'KILL.0413', error_msg: expect.stringContaining('1 MiB'), request_id: 'request-1' }]);
    nothingHappened(stage);
  });

  it('is measured in bytes, decoded', async () => {
    stage = await startAlertStage();
    expect((await stage.deliver(padded(1_048_576), { base64: true })).status).toBe(202);
    expect((await stage.deliver('é'.repeat(524_289))).status).toBe(413);
    nothingHappened(stage);
  });
});

describe('wrong settings', () => {
  it('get 500 in the usual shape that names them without a value, and nothing was killed', async () => {
    stage = await startAlertStage(STUCK, { KILL_FUNCTION: '', HW_USER_PASSWORD: 'simulator-password' });
    const reply = await stage.deliver({ id: 'a', labels: {} });
    expect([reply.status, reply.body]).toEqual([500, { error_code: 'KILL.0500', error_msg: expect.stringContaining('KILL_FUNCTION'), request_id: 'request-1' }]);
    expect(reply.text).not.toMatch(/simulator-password|alert-token/);
    nothingHappened(stage);
  });

  it('name the function that warns only where a rule warns, and nothing was killed', async () => {
    stage = await startAlertStage(STUCK, { WARN_FUNCTION: '' });
    expect((await stage.deliver({ id: 'a', labels: {} })).status).toBe(202);
    stage.deploy(policyOf('  - { match: { alertname: MrsJobStuck }, warn: 30m, action: kill }', 'slack: { channel: C0123456789 }'));
    const reply = await stage.deliver({ id: 'a', labels: {} });
    expect([reply.status, reply.body]).toEqual([500, { error_code: 'KILL.0500', error_msg: expect.stringContaining('WARN_FUNCTION'), request_id: 'request-1' }]);
    nothingHappened(stage);
  });
});
