import { describe, expect, it } from '@jest/globals';
import { runJob, startBegan, startHeld } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { type ButtonValue, CLEANUP, DECLINE, KEEP, KILL, KILL_NOW, START } from '../../lib/slack/button.ts';
import { receiveAction } from '../../lib/slack/receive-action.ts';
import { ACTION_PATH } from '../../lib/slack/receive-command.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { entryOf } from '../start/a-start.ts';
import { aSlack, CHANNEL, endsAtDoor, KILLER, RESPONSE_URL, type SlackPlan, STRANGER } from './a-slack.ts';

const NAME = 'slack-live-1';

const MESSAGE = { ts: '1.1', text: 'a card', blocks: [] };
async function click(actionId: string, value: ButtonValue | string, { plan = {}, user = KILLER, more = {} }: { plan?: SlackPlan; user?: string; more?: object } = {}) {
  const played = await aSlack(plan);
  const payload = { type: 'block_actions', user: { id: user }, team: { id: 'T1' }, channel: { id: CHANNEL }, message: MESSAGE, trigger_id: 't-1', response_url: RESPONSE_URL, actions: [{ action_id: actionId, value: typeof value === 'string' ? value : JSON.stringify(value) }], ...more };
  const reply = await receiveAction(played.parts, played.request({ payload: JSON.stringify(payload) }, ACTION_PATH));
  expect(reply).toEqual({ status: 200 });
  return { ...played, refused: await endsAtDoor(played), names: played.started.map(({ payload: started }) => started) };
}
const DECIDE: ButtonValue = { do: 'decide', name: NAME, start: 1, who: 'requester', requestedBy: KILLER };
const WARNED = { do: 'warned', name: 'cleanup-live-1', start: 1 } as const;
const STARTS = { do: 'start', cluster: 'analytics', jobId: 'job-1' } as const;
const LIST = { do: 'cleanup', jobs: ['analytics/job-1'], list: 'list-1' } satisfies ButtonValue;
const asked = [entryOf(startHeld(NAME, 1, 'asked'), { at: NOON, until: NOON + 900_000, who: 'requester' }), entryOf(startBegan(NAME, 1), { at: NOON, since: NOON, person: KILLER })];
const note = (text: string | RegExp, more: object = {}) => ({ slackTask: 'note', responseUrl: RESPONSE_URL, message: { text: typeof text === 'string' ? text : expect.stringMatching(text), blocks: [] }, ...more });
const spent = (value: ButtonValue) => ({ spent: { card: { channel: CHANNEL, ts: '1.1' }, value: JSON.stringify(value), text: 'a card', blocks: [] } });


describe('a click', () => {
  it.each<[string, string, ButtonValue | string]>([
    ['of a value that is none of ours', KILL, 'words'], ['of another button', 'other', DECIDE], ['of the wrong button', START, DECIDE], ['of the wrong value', KILL, STARTS],
    ['of a warning under a question', KILL, WARNED], ['of a list under a start', START, LIST], ['of a start under a list', CLEANUP, STARTS], ['of a question under a warning', KEEP, DECIDE],
  ])('%s does nothing', async (_what, actionId, value) => {
    const { handed, names, refused } = await click(actionId, value);
    expect([handed, names, refused]).toEqual([[note('This button is not one of ours; nothing was done.')], [], []]);
  });

  it.each([[KILL, 'yes'], [DECLINE, 'no']] as const)('%s on a question is its answer', async (actionId, what) => {
    const played = await click(actionId, DECIDE, { plan: { stands: asked } });
    expect(played.handed).toEqual([]);
    expect((await played.list(`start/${NAME}`)).find(({ rest }) => rest.endsWith('answer'))?.value).toEqual({ at: NOON, what, by: KILLER });
    expect(played.lines).toContainEqual(expect.objectContaining({ message: 'click', what, user: KILLER, requested_by: KILLER, question: DECIDE }));
  });

  it('on a question that is gone is told, and closes its card', async () => {
    expect((await click(KILL, DECIDE)).handed).toEqual([note('This was already decided, or has expired.', { start: { name: NAME, start: 1 } })]);
  });

  it.each<[string, Parameters<typeof click>[2], string]>([
    ['by the button', { user: STRANGER }, 'ask'],
    ['by what is on record', { plan: { stands: [asked[0] as PutEntry, entryOf(startBegan(NAME, 1), { at: NOON, since: NOON, person: 'U0OTHER' })] } }, 'ask'],
  ])('on a question that is not for that person, %s, is refused, counted, and leaves it open', async (_what, more, rule) => {
    const played = await click(KILL, DECIDE, more);
    expect(played.handed).toEqual([note(new RegExp(`^Refused: ${rule}\\. .*; this click changed nothing\\.$`), { start: { name: NAME, start: 1 } })]);
    expect([played.refused, played.counted]).toMatchObject([[], [{ trigger: 'slack', rule }]]);
    expect(played.lines).toContainEqual(expect.objectContaining({ message: 'a click was refused', action: KILL, user: more?.user ?? KILLER, value: DECIDE, refusal: expect.objectContaining({ rule }) }));
  });

  it('on a card of 0.1.0 answers its execution', async () => {
    const value = { do: 'answer', callbackId: 'callback-1', arn: 'arn', who: 'requester', requestedBy: KILLER } as const;
    expect((await click(KILL, value)).handed).toEqual([]);
    const refused = await click(KILL, value, { user: STRANGER });
    expect(refused.handed).toEqual([note(/^Refused: ask\./)]);
  });

  it('on a card of 0.1.0 that is late takes its button away', async () => {
    const value = { do: 'answer', callbackId: 'callback-1', arn: 'arn', who: 'requester', requestedBy: KILLER } as const;
    const played = await aSlack();
    const clicks: string[] = [];
    const parts = { ...played.parts, engine: { ...played.engine, answer: async (id: string, click_: string) => (clicks.push(`${id} ${click_}`), 'late' as const) } };
    for (const actionId of [KILL, DECLINE]) {
      const payload = { type: 'block_actions', user: { id: KILLER }, team: { id: 'T1' }, channel: { id: CHANNEL }, message: MESSAGE, trigger_id: 't-1', response_url: RESPONSE_URL, actions: [{ action_id: actionId, value: JSON.stringify(value) }] };
      await receiveAction(parts, played.request({ payload: JSON.stringify(payload) }, ACTION_PATH));
    }
    expect(clicks).toEqual(['kill', 'decline'].map((decision) => `callback-1 ${JSON.stringify({ decision, by: KILLER })}`));
    expect(played.handed).toEqual([1, 2].map(() => note('This was already decided, or has expired.', spent(value))));
  });

  it('on a start asks for the kill, and takes the button away', async () => {
    const { handed, names } = await click(START, STARTS);
    expect(handed).toEqual([note('Looking at `job-1` …', spent(STARTS))]);
    expect(names).toMatchObject([{ request: { trigger: 'slack', requestedBy: KILLER, channel: CHANNEL, reason: '', target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-1' } } } }]);
  });

  it.each<[string, object]>([['without its message', { message: undefined }], ['without a channel', { channel: undefined }], ['in a note for that person alone', { container: { is_ephemeral: true } }]])('on a start %s has no button to take away', async (_what, more) => {
    expect((await click(START, STARTS, { more })).handed).toEqual([note('Looking at `job-1` …')]);
  });

  it('on a start that fails, or that is refused, leaves its button', async () => {
    expect((await click(START, STARTS, { plan: { onStart: () => new EngineFailed('no answer') } })).handed).toEqual([note(/^The request for `job-1` could not be started\./)]);
    const refused = await click(START, STARTS, { user: STRANGER });
    expect([refused.handed, refused.refused, refused.names]).toEqual([[note(/^Refused: mayKill\./)], ['refused mayKill'], []]);
  });

  it('on a card that only tells people is one request for all, and closes the card', async () => {
    const of = { name: 'alerts-live-1', start: 1 };
    expect((await click(START, { ...STARTS, of })).handed).toEqual([note('Looking at `job-1` …', { start: of })]);
  });

  it('on a list is carried out later, by who may', async () => {
    const { handed, lines } = await click(CLEANUP, LIST);
    expect(handed).toEqual([{ slackTask: 'cleanup', responseUrl: RESPONSE_URL, jobs: LIST.jobs, list: 'list-1', userId: KILLER, channelId: CHANNEL }]);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'cleanup asked for by a click', user: KILLER, jobs: LIST.jobs }));
    const refused = await click(CLEANUP, LIST, { user: STRANGER });
    expect([refused.handed, refused.refused]).toEqual([[note(/^Refused: mayKill\. .*; nothing was killed\.$/)], ['refused mayKill']]);
  });

  it.each<[ButtonValue, string, string[]]>([[STARTS, START, ['refused team']], [LIST, CLEANUP, ['refused team']], [DECIDE, KILL, []], [WARNED, KEEP, []]])('from another workspace changes nothing: %j', async (value, actionId, onRecord) => {
    const { handed, refused, names } = await click(actionId, value, { more: { team: { id: 'T2' } } });
    expect([handed, refused, names]).toEqual([[note('Refused: team. This workspace is not the one in slack.team of policy.yml; this click changed nothing.')], onRecord, []]);
  });

  describe('on a warning', () => {
    const { cluster: _cluster, ...job } = aJob();
    const stands = [entryOf(startHeld(WARNED.name, 1, 'warned'), { at: NOON, until: NOON + 900_000, keepMs: 3_600_000, usedMs: 0 }), entryOf(startBegan(WARNED.name, 1), { at: NOON, since: NOON, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', policyRule: 'stale', rule: { name: 'stale', askAgainMs: 0 }, warns: true }), entryOf(runJob(WARNED.name), { ...job, cluster: ANALYTICS.id })];

    it.each([[KEEP, 'keep'], [KILL_NOW, 'kill']] as const)('%s is its answer', async (actionId, what) => {
      const played = await click(actionId, WARNED, { plan: { stands, job: aJob() } });
      expect(played.handed).toEqual([]);
      expect((await played.list(`start/${WARNED.name}`)).find(({ rest }) => rest.endsWith('answer'))?.value).toEqual({ at: NOON, what, by: KILLER });
      expect((await played.list('kept')).length).toBe(what === 'keep' ? 1 : 0);
    });

    it('by somebody who may not is refused and counted', async () => {
      const played = await click(KEEP, WARNED, { user: STRANGER, plan: { stands, job: aJob() } });
      expect([played.handed, played.refused, played.counted]).toMatchObject([[note(/^Refused: mayKill\. .*; this click changed nothing\.$/)], [], [{ rule: 'mayKill' }]]);
    });

    it('that is late is answered later, with the message that was clicked where it is known', async () => {
      expect((await click(KEEP, WARNED)).handed).toEqual([{ slackTask: 'late', responseUrl: RESPONSE_URL, start: { name: WARNED.name, start: 1 }, card: { channel: CHANNEL, ts: '1.1' } }]);
      expect((await click(KEEP, WARNED, { more: { message: undefined } })).handed).toEqual([{ slackTask: 'late', responseUrl: RESPONSE_URL, start: { name: WARNED.name, start: 1 } }]);
    });
  });

  it('that is none, as of a view, is answered and does nothing', async () => {
    const played = await aSlack();
    expect(await receiveAction(played.parts, played.request({ payload: JSON.stringify({ type: 'view_submission' }) }, ACTION_PATH))).toEqual({ status: 200 });
    expect(played.handed).toEqual([]);
  });
});
