import { describe, expect, it } from '@jest/globals';
import type { View } from '../../lib/core/report.ts';
import type { MessageRef, Requested } from '../../lib/core/request.ts';
import { createSlackReporter } from '../../lib/slack/reporter.ts';
import { SlackFailed } from '../../lib/slack/web-api.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';

const JOB = aJob();
const POLICY = 'C0POLICY';
const CARD: MessageRef = { channel: 'C0CARD', ts: '1.1' };
const VIEWS = {
  ask: { stage: 'ask', job: JOB, question: { who: 'approver', reason: '' }, until: NOON, mayApprove: [], dryRun: false },
  killing: { stage: 'killing', job: JOB },
  notify: { stage: 'notify', job: JOB, dryRun: false },
  warn: { stage: 'warn', job: JOB, usedMs: 0, dryRun: false },
  'warn its owner': { stage: 'warn', job: JOB, usedMs: 0, dryRun: false, to: 'U0OWNER' },
  kept: { stage: 'kept', job: JOB, until: NOON + HOUR_MS, by: 'U1', isOwner: false, usedMs: 0 },
  'handed-on': { stage: 'handed-on', job: JOB, to: 'kill' },
  killed: { stage: 'end', end: { outcome: 'killed', reason: '', job: JOB }, tookMs: 0 },
  'killed, a copy': { stage: 'end', end: { outcome: 'killed', reason: '', job: JOB }, tookMs: 0, isCopy: true },
  notified: { stage: 'end', end: { outcome: 'notified', reason: '', job: JOB }, tookMs: 0 },
} satisfies Record<string, View>;
type Named = keyof typeof VIEWS;

/** Calls of Slack, in a word each: method, place, and the thread where there is one. `refuse` gives Slack's word. */
function reporter({ refuse = () => undefined, policyChannel }: { refuse?: (call: string) => string | undefined; policyChannel: string | undefined } = { policyChannel: POLICY }) {
  const calls: string[] = [];
  const made = createSlackReporter(
    async (method, body) => {
      const { channel, ts, thread_ts: thread, user } = body as Record<string, string | undefined>;
      const call = [method.replace('chat.', ''), channel, ts, user, ...(thread === undefined ? [] : [`in ${thread}`])].filter((word) => word !== undefined).join(' ');
      calls.push(call);
      const error = refuse(call);
      if (error !== undefined) throw new SlackFailed(method, error, false);
      return { ok: true, channel: channel?.startsWith('U') ? 'D0DIRECT' : channel, ts: `2.${calls.length}` };
    },
    policyChannel, () => NOON,
  );
  return { calls, show: (view: Named, request: Partial<Requested> = {}, card?: MessageRef) => made.show(aRequest({ trigger: 'alerts', ...request } as never), VIEWS[view], card), made };
}

const refusing = (refuse: (call: string) => string | undefined) => reporter({ refuse, policyChannel: POLICY });

describe('where a message is posted', () => {
  it.each<[string, Named, Partial<Requested>, string]>([
    ['of an alert', 'killing', {}, 'postMessage C0POLICY'],
    ['of a command', 'ask', { trigger: 'slack', channel: 'C0TYPED' }, 'postMessage C0TYPED'],
    ['of a command in a direct message', 'ask', { trigger: 'slack', channel: 'D0TYPED' }, 'postMessage C0POLICY'],
    ['for an owner', 'warn its owner', {}, 'postMessage U0OWNER'],
    ['of a warning', 'warn', {}, 'postMessage C0POLICY'],
    ['an end without a card, of a command', 'killed', { trigger: 'slack', channel: 'C0TYPED', requestedBy: 'U1' }, 'postEphemeral C0TYPED U1'],
    ['an end without a card, of an alert', 'killed', {}, 'postMessage C0POLICY'],
    ['a reply', 'killed', { thread: { channel: POLICY, ts: '7.7' } }, 'postMessage C0POLICY in 7.7'],
    ['beside a thread of another channel', 'killed', { thread: { channel: 'C0OTHER', ts: '7.7' } }, 'postMessage C0POLICY'],
  ])('%s', async (_what, view, request, call) => {
    const { calls, show } = reporter();
    const card = await show(view, request);
    expect(calls).toEqual([call]);
    expect(card).toEqual(call.startsWith('postEphemeral') ? undefined : { channel: call.includes('U0OWNER') ? 'D0DIRECT' : call.split(' ')[1], ts: '2.1' });
  });

  it('is nowhere without a channel of the policy, but in the place where it was typed', async () => {
    const { calls, show } = reporter({ policyChannel: undefined });
    expect(await show('killing')).toBeUndefined();
    for (const channel of ['D0TYPED', 'C0TYPED']) expect(await show('killing', { channel })).toMatchObject({ channel });
    expect(calls).toEqual(['postMessage D0TYPED', 'postMessage C0TYPED']);
  });

  it.each<[string, string, string[]]>([
    // what Slack says to the first call, and what is called in all
    ...['channel_not_found', 'not_in_channel', 'is_archived', 'is_inactive', 'user_not_in_channel', 'user_not_found', 'messages_tab_disabled', 'method_not_supported_for_channel_type'].map((word): [string, string, string[]] => ['where nobody can be reached', word, ['postMessage C0TYPED', 'postMessage C0POLICY']]),
    ['in one whose rules forbid it', 'restricted_action_read_only_channel', ['postMessage C0TYPED', 'postMessage C0POLICY']],
    ['where the token is wrong', 'invalid_auth', ['postMessage C0TYPED']],
    ['where a word only ends so', 'not_restricted_action', ['postMessage C0TYPED']],
  ])('%s: %s', async (_what, error, expected) => {
    const { calls, show } = refusing((call) => (call.includes('C0TYPED') ? error : undefined));
    await show('ask', { trigger: 'slack', channel: 'C0TYPED' }).catch(() => undefined);
    expect(calls).toEqual(expected);
  });

  it.each([['message_not_found', 2], ['thread_locked', 2], ['cannot_reply_to_message', 2], ['cannot_reply_to_message_yet', 1], ['invalid_auth', 1]])('in a thread that says %s', async (error, times) => {
    const { calls, show } = refusing((call) => (call.includes(' in ') ? error : undefined));
    await show('killed', { thread: { channel: POLICY, ts: '7.7' } }).catch(() => undefined);
    expect(calls).toEqual(['postMessage C0POLICY in 7.7', 'postMessage C0POLICY'].slice(0, times));
  });

  it('an end for one person goes into their direct message where they cannot be reached, and nowhere where Slack cannot be', async () => {
    const asked = { trigger: 'slack', channel: 'C0TYPED', requestedBy: 'U1' } as const;
    const away = refusing((call) => (call.startsWith('postEphemeral') ? 'user_not_in_channel' : undefined));
    expect(await away.show('killed', asked)).toBeUndefined();
    expect(away.calls).toEqual(['postEphemeral C0TYPED U1', 'postEphemeral C0POLICY U1', 'postMessage U1']);
    const wrong = refusing(() => 'invalid_auth');
    await expect(wrong.show('killed', asked)).rejects.toThrow('invalid_auth');
    expect(wrong.calls).toEqual(['postEphemeral C0TYPED U1']);
  });
});

describe('a card that stands', () => {
  const GONE = ['message_not_found', 'cant_update_message', 'edit_window_closed', 'is_inactive', 'channel_not_found', 'not_in_channel', 'restricted_action'];

  it.each(Object.keys(VIEWS) as Named[])('is updated: %s', async (view) => {
    const { calls, show } = reporter();
    expect(await show(view, {}, CARD)).toBe(CARD);
    expect(calls).toEqual(['update C0CARD 1.1']);
  });

  it.each<[Named, 'throws' | 'stays' | 'anew']>([
    ['ask', 'throws'], ['notify', 'throws'], ['warn', 'throws'], ['warn its owner', 'throws'],
    ['kept', 'stays'], ['handed-on', 'stays'], ['killed, a copy', 'stays'], ['notified', 'stays'],
    ['killing', 'anew'], ['killed', 'anew'],
  ])('%s, where it is gone: %s', async (view, what) => {
    for (const word of GONE) {
      const { calls, show } = refusing((call) => (call.startsWith('update') ? word : undefined));
      const shown = await show(view, {}, CARD).catch((error: unknown) => (error as SlackFailed).slackError);
      expect(shown).toEqual({ throws: word, stays: CARD, anew: { channel: POLICY, ts: '2.2' } }[what]);
      expect(calls).toEqual(['update C0CARD 1.1', ...(what === 'anew' ? ['postMessage C0POLICY'] : [])]);
    }
  });

  it('is not posted anew for any other trouble', async () => {
    const { calls, show } = refusing(() => 'fatal_error');
    await expect(show('killed', {}, CARD)).rejects.toThrow('fatal_error');
    expect(calls).toEqual(['update C0CARD 1.1']);
  });
});

describe('what belongs to no request', () => {
  it('is said in the channel of the policy: plain words without markup', async () => {
    const texts: unknown[] = [];
    const { say } = createSlackReporter(async (method, body) => (texts.push([method, body]), { ok: true }), POLICY, () => NOON);
    await say('<!channel> & more', 'plain');
    await say('*bold*', 'mrkdwn');
    expect(texts).toEqual(['&lt;!channel&gt; &amp; more', '*bold*'].map((text) => ['chat.postMessage', { channel: POLICY, text, blocks: [], unfurl_links: false, unfurl_media: false }]));
  });

  it('is said nowhere without one', async () => {
    const calls: string[] = [];
    const made = createSlackReporter(async (method) => (calls.push(method), {}), undefined, () => NOON);
    await made.say('words', 'plain');
    expect(await made.showCleanup({ rules: [], unreadable: [] }, 'begins')).toBeUndefined();
    expect(await made.showCleanup({ rules: [], unreadable: [] }, 'done', CARD)).toBeUndefined();
    await made.showDigest({} as never);
    expect(calls).toEqual([]);
  });

  it('of a cleanup is one message, posted anew only where it is gone', async () => {
    const stands = reporter();
    expect(await stands.made.showCleanup({ rules: [], unreadable: [] }, 'done', CARD)).toBe(CARD);
    expect(stands.calls).toEqual(['update C0CARD 1.1']);
    const gone = refusing((call) => (call.startsWith('update') ? 'message_not_found' : undefined));
    expect(await gone.made.showCleanup({ rules: [], unreadable: [] }, 'done', CARD)).toEqual({ channel: POLICY, ts: '2.2' });
    expect(gone.calls).toEqual(['update C0CARD 1.1', 'postMessage C0POLICY']);
  });
});
