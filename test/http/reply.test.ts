import { describe, expect, it } from '@jest/globals';
import { InvalidRequest, SettingsInvalid, TooLarge, Unauthorized } from '../../lib/core/errors.ts';
import { answerToError, answerWith, type HttpReply, replyToError, withSecrets } from '../../lib/http/reply.ts';
import { createLog, type Fields } from '../../lib/log/log.ts';
import type { LogLine } from '../stage/stage.ts';

type Noted = { lines: LogLine[]; counted: [Fields, Fields][] };

function noting(): Noted & { log: ReturnType<typeof createLog> } {
  const [lines, counted]: [LogLine[], Noted['counted']] = [[], []];
  const log = createLog({ level: 'debug', now: () => 0, write: (line) => void lines.push(JSON.parse(line) as LogLine), count: (metrics, dimensions) => void counted.push([metrics, dimensions]) });
  return { lines, counted, log };
}
const timeOut = Object.assign(new Error('too late'), { name: 'TimeoutError' });
const PROBLEMS = [{ name: 'HW_REGION_NAME', problem: 'is required' }];

describe('what was thrown', () => {
  it.each<[what: string, error: unknown, status: number, message: string]>([
    ['a request that cannot be read', new InvalidRequest('job: is required'), 400, 'job: is required'],
    ['a caller who proves nothing', new Unauthorized('wrong token'), 401, 'authentication failed'],
    ['a body that is too large', new TooLarge('body: at most 1 MB'), 413, 'body: at most 1 MB'],
    ['settings that are wrong', new SettingsInvalid(PROBLEMS), 500, 'settings: HW_REGION_NAME: is required'],
    ['the end of the time', timeOut, 504, 'no answer in time; look at the job before you send this again'],
    ['a name alone', { name: 'TimeoutError' }, 500, 'unexpected error; look for this request_id in the log'],
    ['a bug', new Error('boom'), 500, 'unexpected error; look for this request_id in the log'],
    ['nothing', undefined, 500, 'unexpected error; look for this request_id in the log'],
  ])('%s is answered', (_, error, status, message) => {
    const reply = replyToError(error, noting().log);
    expect([reply.status, reply.body]).toEqual([status, { error_code: `KILL.0${status}`, error_msg: message }]);
    expect(reply.headers).toEqual(status === 401 ? { 'www-authenticate': 'Bearer' } : undefined);
  });

  it.each<[string, unknown, object[]]>([
    ['who cannot be read', new InvalidRequest('x'), []],
    ['wrong settings', new SettingsInvalid(PROBLEMS), [{ level: 'error', message: 'settings are wrong', problems: PROBLEMS }]],
    ['the end of the time', timeOut, [{ level: 'error', message: 'no answer in time', error: { name: 'TimeoutError', message: 'too late' } }]],
    ['a bug', new Error('boom'), [{ level: 'error', message: 'unexpected error', error: { name: 'Error', message: 'boom' }, stack: expect.stringContaining('reply.test') }]],
  ])('is logged as it needs: %s', (_, error, logged) => {
    const { lines, log } = noting();
    replyToError(error, log);
    expect(lines).toMatchObject(logged);
    expect(lines).toHaveLength(logged.length);
  });

  it('says to the log alone why nobody was let in', () => {
    const { lines, counted, log } = noting();
    const { text } = answerToError({ requestId: 'r1', method: 'POST', path: '/api/kill', log }, new Unauthorized('wrong token', 'API_TOKENS'));
    expect(JSON.parse(text)).toEqual({ error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'r1' });
    expect(lines).toMatchObject([{ level: 'warn', message: 'a request was refused', status: 401, source: 'api', method: 'POST', path: '/api/kill', cause: 'wrong token', hint: 'API_TOKENS' }]);
    expect(counted).toEqual([[{ Unauthorized: { value: 1, unit: 'Count' } }, {}]]);
  });
});

describe('an answer', () => {
  const answer = (reply: HttpReply) => answerWith({ requestId: 'r1', log: noting().log }, reply);
  const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': 'r1' };

  it.each<[string, HttpReply, object]>([
    ['that is nothing', { status: 200 }, { status: 200, headers: HEADERS, text: '' }],
    ['with headers of its own', { status: 202, body: { a: 1 }, headers: { location: '/x' } }, { status: 202, headers: { ...HEADERS, location: '/x' }, text: '{"a":1}' }],
    ['of an error names the request', { status: 500, body: { error_code: 'KILL.0500' } }, { status: 500, headers: HEADERS, text: '{"error_code":"KILL.0500","request_id":"r1"}' }],
  ])('%s', (_, reply, sent) => expect(answer(reply)).toEqual(sent));

  it.each<[path: string | undefined, status: number, trigger: string, source: string | undefined, counted: string]>([
    ['/alerts/grafana', 400, 'alerts', 'grafana', '400'],
    ['/alerts/', 404, 'alerts', '', '404'],
    [`/alerts/${'x'.repeat(300)}`, 404, 'alerts', 'x'.repeat(200), '404'],
    ['/slack/command', 413, 'slack', 'slack', '413'],
    ['/v1/alerts/', 403, 'api', 'api', '403'],
    ['/api/slack/', 499, 'api', 'api', 'other'],
    [undefined, 405, 'api', 'api', '405'],
  ])('that refuses %s with %d is logged and counted', (path, status, trigger, source, countedAs) => {
    const { lines, counted, log } = noting();
    answerWith({ requestId: 'r1', path, log }, { status, body: { error_msg: 'why' } });
    expect(lines).toEqual([{ time: expect.any(String), level: 'warn', message: 'a request was refused', status, source, method: '', path: (path ?? '').slice(0, 200), cause: 'why' }]);
    expect(counted).toEqual([[{ BadRequest: { value: 1, unit: 'Count' } }, { trigger, status: countedAs }]]);
  });

  it.each([200, 202, 302, 399, 500, 503])('of %d refuses nobody', (status) => {
    const { lines, counted, log } = noting();
    answerWith({ requestId: 'r1', log }, { status });
    expect([lines, counted]).toEqual([[], []]);
  });
});

describe('whoever is refused', () => {
  const playing = (isNewer: boolean, handle: (tries: number) => HttpReply) => {
    const trail: string[] = [];
    let tries = 0;
    const secrets = { refresh: async () => void trail.push('refresh'), refreshAfterRefusal: async () => (trail.push('again'), isNewer) };
    const answered = withSecrets(secrets, async () => (trail.push('handle'), handle(++tries)));
    return { answered, trail };
  };
  const refuse = (): never => {
    throw new Unauthorized('wrong token');
  };

  it('is checked once more where a secret was rotated', async () => {
    const { answered, trail } = playing(true, (tries) => (tries === 1 ? refuse() : { status: 200 }));
    expect([await answered, trail]).toEqual([{ status: 200 }, ['refresh', 'handle', 'again', 'handle']]);
  });

  it('stays so where none was, and the second time', async () => {
    const none = playing(false, refuse);
    await expect(none.answered).rejects.toBeInstanceOf(Unauthorized);
    const twice = playing(true, refuse);
    await expect(twice.answered).rejects.toBeInstanceOf(Unauthorized);
    expect([none.trail, twice.trail]).toEqual([['refresh', 'handle', 'again'], ['refresh', 'handle', 'again', 'handle']]);
  });

  it('for another reason is not checked again', async () => {
    const { answered, trail } = playing(true, () => {
      throw new InvalidRequest('x');
    });
    await expect(answered).rejects.toBeInstanceOf(InvalidRequest);
    expect(trail).toEqual(['refresh', 'handle']);
  });
});
