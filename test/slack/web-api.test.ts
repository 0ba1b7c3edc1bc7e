import { describe, expect, it } from '@jest/globals';
import { NoAnswer, type Send } from '../../lib/http/send.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createSlack, type SlackFailed } from '../../lib/slack/web-api.ts';

type Answer = { status?: number; headers?: Record<string, string>; text?: string };

const slackOf = (send: Send) => createSlack({ apiUrl: 'https://slack.com/api/', botToken: new Secret('xoxb-1'), send });
const answering = ({ status = 200, headers = {}, text = '{"ok":true}' }: Answer) => slackOf(async () => ({ status, headers, text }) as Awaited<ReturnType<Send>>)('chat.postMessage', { channel: 'C1' });
const failure = (answer: Answer): Promise<SlackFailed> => answering(answer).then(() => Promise.reject(new Error('it was taken')), (error: unknown) => error as SlackFailed);

describe('a call of Slack', () => {
  it('is one POST of JSON with the token, below the API, with ten seconds for its answer', async () => {
    const sent: Parameters<Send>[0][] = [];
    const slack = slackOf(async (request) => (sent.push(request), { status: 200, headers: {}, text: '{"ok":true,"ts":"1.2"}' }));
    expect(await slack('chat.update', { ts: '1.2' })).toEqual({ ok: true, ts: '1.2' });
    expect(sent.map(({ url, ...request }) => ({ ...request, url: String(url) }))).toEqual([{
      method: 'POST', url: 'https://slack.com/api/chat.update', body: '{"ts":"1.2"}', timeoutMs: 10_000,
      headers: { authorization: 'Bearer xoxb-1', 'content-type': 'application/json; charset=utf-8' },
    }]);
  });

  it.each<[string, Answer, string, boolean, boolean]>([
    // what, the answer, Slack's word, may go well later, nobody knows whether it was done
    ['of another status', { status: 500 }, 'HTTP 500', true, false],
    ['with ok: false', { text: '{"ok":false,"error":"channel_not_found"}' }, 'channel_not_found', false, false],
    ['with what passes', { text: '{"ok":false,"error":"fatal_error"}' }, 'fatal_error', true, false],
    ['with no word', { text: '{"ok":false}' }, 'HTTP 200', false, false],
    ['with words that could be anything', { text: '{"ok":false,"error":"bearer xoxb-1"}' }, 'HTTP 200', false, false],
    ['with a long word', { text: JSON.stringify({ ok: false, error: 'a'.repeat(65) }) }, 'HTTP 200', false, false],
    ['with the longest word', { text: JSON.stringify({ ok: false, error: 'a'.repeat(64) }) }, 'a'.repeat(64), false, false],
    ['with "true" for ok', { text: '{"ok":"true"}' }, 'HTTP 200', true, true],
    ['that breaks off', { text: '{"ok":tr' }, 'HTTP 200', true, true],
    ['of what stands between', { status: 502, text: '<html>' }, 'HTTP 502', true, true],
    ['of Slack itself', { status: 503, text: '{"ok":false,"error":"service_unavailable"}' }, 'service_unavailable', true, false],
    ['of too many calls', { status: 429, text: '{"ok":false,"error":"ratelimited"}' }, 'ratelimited', true, false],
    ['of too many calls, without JSON', { status: 429, text: 'slow down' }, 'HTTP 429', true, false],
    ['of a way that is not there', { status: 404, text: 'not found' }, 'HTTP 404', false, false],
  ])('%s is a failure that says whether it may go well later, and whether it may have been done', async (_what, answer, word, retryable, isUnread) => {
    const error = await failure(answer);
    expect(error).toMatchObject({ name: 'SlackFailed', code: 'slack_failed', slackError: word, retryable, retryAfterSec: undefined });
    expect(error.message).toMatch(new RegExp(`^chat\\.postMessage: ${word}`));
    expect(error.cause instanceof NoAnswer && error.cause.message).toBe(isUnread && `HTTP ${answer.status ?? 200}, and nothing that can be read`);
  });

  it.each([['17', 17], ['0', undefined], ['-1', undefined], ['soon', undefined], ['Infinity', undefined]])('with Retry-After %s waits %s', async (header, seconds) => {
    expect((await failure({ status: 429, headers: { 'retry-after': header }, text: '{}' })).retryAfterSec).toBe(seconds);
  });

  it('says of what only an operator mends who does', async () => {
    expect((await failure({ text: '{"ok":false,"error":"token_expired"}' })).message).toBe('chat.postMessage: token_expired (an operator has to fix this: npm run check-config says how)');
    expect((await failure({ text: '{"ok":false,"error":"invalid_blocks"}' })).message).toBe('chat.postMessage: invalid_blocks');
  });

  it('without an answer may go well later, and keeps its cause; what is a bug is thrown on', async () => {
    const noAnswer = new NoAnswer('timeout', 'no answer after 10000 ms');
    const failed = await slackOf(() => Promise.reject(noAnswer))('chat.update', {}).catch((error: unknown) => error);
    expect(failed).toMatchObject({ slackError: 'no answer after 10000 ms', message: 'chat.update: no answer after 10000 ms', retryable: true, cause: noAnswer });
    await expect(slackOf(() => Promise.reject(new TypeError('a bug')))('chat.update', {})).rejects.toThrow(TypeError);
  });
});
