import { describe, expect, it } from '@jest/globals';
import type { CallBack } from '../../lib/alerts/call-back.ts';
import { answerSubscription } from '../../lib/alerts/subscription.ts';
import { CallBackFailed } from '../../lib/core/errors.ts';
import type { HttpAnswer } from '../../lib/http/send.ts';
import type { Log } from '../../lib/log/log.ts';

const TOPIC = 'urn:smn:eu-de:0a1b:alarms';
const confirmAt = new URL('https://console.huaweicloud.com/confirm?token=a-token-that-nobody-may-see');

/** A way back that gives this answer, and a log that is kept. */
function world(answer?: HttpAnswer) {
  const called: string[] = [];
  const lines: unknown[] = [];
  const callBack: CallBack = { get: async ({ href }) => (called.push(href), answer), getKept: () => Promise.reject(new Error('not this one')) };
  const note = (level: string) => (message: string, fields: unknown) => void lines.push([level, message, fields]);
  return { called, lines, callBack, log: { info: note('info'), warn: note('warn') } as unknown as Log };
}

describe('a subscription', () => {
  it('that has ended is said, and nothing is called', async () => {
    const { callBack, log, lines, called } = world();
    expect(await answerSubscription({ change: 'ended', topic: TOPIC }, callBack, log)).toEqual({ status: 202, body: { results: [], subscription: 'ended' } });
    expect([lines, called]).toEqual([[['warn', 'a subscription has ended: its alerts come no more', { topic: TOPIC }]], []]);
  });

  it('that is asked for is confirmed by one call, and that is said without the link', async () => {
    const { callBack, log, lines, called } = world({ status: 200, headers: {}, text: `{"subscription_urn":"${TOPIC}:1"}` });
    expect(await answerSubscription({ change: 'asked', topic: TOPIC, confirmAt }, callBack, log)).toEqual({ status: 202, body: { results: [], subscription: 'confirmed' } });
    expect([lines, called]).toEqual([[['info', 'a subscription was confirmed', { topic: TOPIC }]], [confirmAt.href]]);
  });

  it.each<[string, HttpAnswer | undefined, string]>([
    ['the answer is too large', undefined, 'the answer is too large'],
    ['it is not found', { status: 404, headers: {}, text: '{"subscription_urn":"urn"}' }, 'HTTP 404'],
    ['the answer is a page', { status: 200, headers: {}, text: '<html>' }, 'HTTP 200'],
    ['the answer has no subscription', { status: 200, headers: {}, text: '{"request_id":"1"}' }, 'HTTP 200'],
    ['its subscription has no name', { status: 200, headers: {}, text: '{"subscription_urn":""}' }, 'HTTP 200'],
  ])('is not confirmed where %s', async (_, answer, why) => {
    const { callBack, log, lines } = world(answer);
    await expect(answerSubscription({ change: 'asked', topic: TOPIC, confirmAt }, callBack, log)).rejects.toThrow(new CallBackFailed(`the subscription was not confirmed: ${why}`));
    expect(lines).toEqual([]);
  });
});
