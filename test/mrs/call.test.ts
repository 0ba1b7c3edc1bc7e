import { describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import { createLimit, type Limit } from '../../lib/http/limit.ts';
import { type HttpAnswer, type HttpCall, NoAnswer } from '../../lib/http/send.ts';
import { createMrsCall, type MrsCall, type Read } from '../../lib/mrs/call.ts';
import type { Authorization } from '../../lib/mrs/credentials.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { A_MINUTE, ANALYTICS, DEV, ONCE } from './connected.ts';

const NOON = '2026-11-22T12:00:00Z';
const WHAT: Read<string> = { version: 'v1.1', path: '/x?a=1', parse: (body) => body['job'] as string | undefined, missing: 'job' };
const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): HttpAnswer => ({ status, headers, text: JSON.stringify(body) });
const GOOD = answer(202, { job: 'etl' });
const REFUSED = answer(401, { error_code: 'APIGW.0301', error_msg: 'no' });

type Played = { call: MrsCall; sent: HttpCall[]; trail: string[]; clock: FakeClock };

/** MRS says these one after the other, the last one for ever. */
function play(answers: (HttpAnswer | Error)[], { limit = createLimit(10), canRenew = true }: { limit?: Limit; canRenew?: boolean } = {}): Played {
  const clock = createFakeClock(NOON);
  const [sent, trail]: [HttpCall[], string[]] = [[], []];
  let keys = 1;
  const authorization = (): Authorization => ({ projectId: `p/${keys}`, sign: ({ headers }) => ({ headers: { ...headers, key: String(keys) }, secrets: [] }), refused: (refusal) => refusal });
  const call = createMrsCall({
    credentials: {
      authorize: async ({ name }) => (trail.push(`authorize ${name}`), authorization()),
      renew: ({ name }) => (trail.push(`renew ${name}`), canRenew && ++keys > 0),
    },
    endpointsOf: (region) => ({ mrs: `https://mrs.${region}.test/base`, iam: 'https://iam.test' }),
    send: async (given) => {
      sent.push(given);
      trail.push(given.method);
      const next = answers[Math.min(sent.length, answers.length) - 1];
      if (next instanceof Error) throw next;
      return next as HttpAnswer;
    },
    clock, language: 'zh-cn', limit,
  });
  return { call, sent, trail, clock };
}

describe('a read of MRS', () => {
  it('is signed and sent as MRS wants it, and waits for the body', async () => {
    const { call, sent } = play([GOOD]);
    const { signal } = new AbortController();
    expect(await call.read(ANALYTICS, WHAT, { ...ONCE, signal })).toBe('etl');
    expect(sent).toEqual([{ method: 'GET', url: new URL('https://mrs.eu-west-101.test/base/v1.1/p%2F1/x?a=1'), headers: { 'content-type': 'application/json', 'x-language': 'zh-cn', key: '1' }, timeoutMs: 10_000, signal, statusIsEnough: false }]);
  });

  it('that is refused is sent once more with new keys, and no third time', async () => {
    const { call, trail } = play([REFUSED, GOOD]);
    expect(await call.read(ANALYTICS, WHAT, ONCE)).toBe('etl');
    expect(trail).toEqual(['authorize analytics', 'GET', 'renew analytics', 'authorize analytics', 'GET']);
    const twice = play([REFUSED]);
    await expect(twice.call.read(ANALYTICS, WHAT, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    expect(twice.sent).toHaveLength(2);
  });

  it('that is refused is not sent again where no keys are better, nor for another reason', async () => {
    const { call, sent } = play([REFUSED], { canRenew: false });
    await expect(call.read(ANALYTICS, WHAT, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    const forbidden = play([answer(403)]);
    await expect(forbidden.call.read(ANALYTICS, WHAT, A_MINUTE)).rejects.toMatchObject({ trouble: { kind: 'forbidden' } });
    expect([sent.length, forbidden.trail]).toEqual([1, ['authorize analytics', 'GET']]);
  });

  it('of IAM that is refused renews nothing', async () => {
    const iam = new UpstreamFailed({ service: 'IAM', kind: 'unauthorized', message: 'no' });
    const { call, trail } = play([iam]);
    await expect(call.read(ANALYTICS, WHAT, ONCE)).rejects.toBe(iam);
    expect(trail).toEqual(['authorize analytics', 'GET']);
  });

  it.each<[string, HttpAnswer | Error, object]>([
    ['without what was asked for', answer(200), { kind: 'unavailable', status: 200, message: 'the answer has no job' }],
    ["with MRS's own code", answer(200, { error_code: '0175', error_msg: 'words' }), { kind: 'kill-refused', errorCode: '0175', message: 'words' }],
    ['that did not come', new NoAnswer('timeout', 'no answer'), { service: 'MRS', kind: 'timeout', message: 'no answer' }],
  ])('whose answer is one %s says so', async (_, given, trouble) => {
    await expect(play([given]).call.read(ANALYTICS, WHAT, ONCE)).rejects.toMatchObject({ trouble });
  });

  it('does not pay for the wait for its place', async () => {
    const waits = async (ms: number): Promise<number> => {
      const played: Played = play([answer(503), answer(503), GOOD], { limit: async (task) => (played.clock.pass(ms), task()) });
      await played.call.read(ANALYTICS, WHAT, { retryForMs: 3_000 }).catch(() => undefined);
      return played.sent.length;
    };
    expect([await waits(0), await waits(60_000)]).toEqual([3, 3]);
  });
});

describe('a kill', () => {
  it('is sent without a body, and its status is enough', async () => {
    const { call, sent, trail } = play([answer(202)]);
    const { signal } = new AbortController();
    expect(await call.post(DEV, '/kill', signal)).toBe(true);
    expect(sent).toEqual([{ method: 'POST', url: new URL('https://mrs.eu-west-101.test/base/v2/p%2F1/kill'), headers: { 'content-type': 'application/json', 'x-language': 'zh-cn', key: '1' }, timeoutMs: 10_000, signal, statusIsEnough: true }]);
    expect(trail).toEqual(['authorize dev', 'POST']);
  });

  it('goes by the rank of kills', async () => {
    const turns: unknown[] = [];
    const { call } = play([answer(202)], { limit: async (task, turn) => (turns.push(turn), task()) });
    const { signal } = new AbortController();
    await call.post(DEV, '/kill', signal);
    expect(turns).toEqual([{ rank: 'kill', signal }]);
  });

  it('that nobody wants any more is not sent: and nothing was killed', async () => {
    const { call, sent } = play([answer(202)]);
    expect([await call.post(DEV, '/kill', undefined, () => false), sent]).toEqual([false, []]);
  });

  it.each([[1_000, 1, 1], [1_001, 2, 0]])('that waited %d ms for its place is asked for %d times, and sent %d times', async (ms, asked, posts) => {
    const played: Played = play([answer(202)], { limit: async (task) => (played.clock.pass(ms), task()) });
    let times = 0;
    expect(await played.call.post(DEV, '/kill', undefined, async () => ++times === 1)).toBe(posts === 1);
    expect([times, played.sent.length]).toEqual([asked, posts]);
  });

  it('that waited long, and is still wanted, is sent', async () => {
    const played: Played = play([answer(202)], { limit: async (task) => (played.clock.pass(5_000), task()) });
    expect([await played.call.post(DEV, '/kill', undefined, () => true), played.sent.length]).toEqual([true, 1]);
  });

  it('that is refused is not sent again, and the next one has new keys', async () => {
    const { call, trail } = play([REFUSED]);
    await expect(call.post(DEV, '/kill')).rejects.toMatchObject({ trouble: { kind: 'unauthorized' } });
    const forbidden = play([answer(403)]);
    await expect(forbidden.call.post(DEV, '/kill')).rejects.toMatchObject({ trouble: { kind: 'forbidden' } });
    expect([trail, forbidden.trail]).toEqual([['authorize dev', 'POST', 'renew dev'], ['authorize dev', 'POST']]);
  });

  it('that got no place in time says so, and nothing was killed', async () => {
    const { call, sent } = play([answer(202)], { limit: createLimit(0) });
    const aborting = AbortSignal.abort(new Error('over'));
    await expect(call.post(DEV, '/kill', aborting)).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'timeout', message: 'too many calls at once, and no free place in time' } });
    expect(sent).toEqual([]);
  });

  it('that broke off for another reason says that one', async () => {
    const fault = new Error('a bug');
    const refusing = (): Promise<never> => Promise.reject(fault);
    await expect(play([answer(202)], { limit: refusing }).call.post(DEV, '/kill')).rejects.toBe(fault);
    await expect(play([answer(202)], { limit: refusing }).call.post(DEV, '/kill', new AbortController().signal)).rejects.toBe(fault);
    await expect(play([fault]).call.post(DEV, '/kill', AbortSignal.abort(new Error('over')))).rejects.toBe(fault);
  });
});

describe("MRS's clock", () => {
  it('is known by the last answer of its region that has a date', async () => {
    const { call } = play([answer(202, {}, { date: 'Sun, 22 Nov 2026 12:00:07 GMT' }), answer(202), answer(202, {}, { date: 'soon' })]);
    expect(call.clockSkewMs(DEV)).toBeUndefined();
    for (let posts = 0; posts < 3; posts++) await call.post(DEV, '/kill');
    expect([call.clockSkewMs(DEV), call.clockSkewMs(ANALYTICS), call.clockSkewMs({ ...DEV, region: 'eu-de' })]).toEqual([7_000, 7_000, undefined]);
  });
});
