import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEnd } from '../../lib/ledger/keys.ts';
import { readButtonValue } from '../../lib/slack/button.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { blockActionsForm, buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, saidBy, type SlackStage, type SlackStageOptions, startSlackStage } from '../stage/slack.ts';

const NONE_OF_MINE = 'This button is not one of ours; nothing was done.';
const SECOND_APPROVER = 'U0SECOND';
const RIGHTS = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}, ${SECOND_APPROVER}], channel: ${CHANNEL} }`;

let stage: SlackStage;
beforeEach(() => restart());
afterEach(() => stage.close());

async function restart(options: SlackStageOptions = {}): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startSlackStage({ policy: policyOf({ slack: RIGHTS }), ...options });
}

/** The question with its buttons, as it stands in the channel. */
async function question(job: Partial<SimulatedJob> = {}): Promise<SlackMessage> {
  stage.simulator.addJob({ job_name: 'nightly-etl', ...job });
  await stage.type('kill nightly-etl');
  await stage.idle();
  return stage.card();
}

describe('a late click', () => {
  it('after the kill is told who decided, and nothing more is killed', async () => {
    const card = await question();
    await stage.clickAndRead(card, 'kill', REQUESTER);
    stage.clock.advanceTo(stage.now() + 1);
    for (const actionId of ['kill', 'decline']) {
      expect(await stage.clickAndRead(card, actionId, REQUESTER)).toEqual([`This was already decided by <@${REQUESTER}>.`]);
    }
    expect(stage.simulator.kills()).toHaveLength(1);
    // A click on a card that asks nothing any more has its end said once more, without buttons.
    expect(saidBy(stage.card()).slice(-3).every((text) => text.startsWith('Killed'))).toBe(true);
    expect(buttonsOf(stage.card())).toEqual([]);
  });

  it('after the job was kept is told who decided, and nothing was killed', async () => {
    const card = await question({ job_type: 'Flink' });
    await stage.clickAndRead(card, 'decline', REQUESTER);
    expect(await stage.clickAndRead(card, 'kill', APPROVER)).toEqual([`This was already decided by <@${REQUESTER}>.`]);
    expectNoKill(stage);
  });

  it('after the time is up is told that it has expired, and nothing was killed', async () => {
    await restart({ env: { ASK_TIMEOUT_SEC: '1' } });
    const card = await question();
    stage.clock.advanceTo(stage.now() + 1_000);
    await stage.idle();
    expect(await stage.clickAndRead(card, 'kill', REQUESTER)).toEqual(['This question has expired; nothing was done.']);
    expect(stage.outcomes()).toEqual(['expired']);
    expectNoKill(stage);
  });

  it('while the kill goes on is told that it was decided, and kills nothing more', async () => {
    const card = await question();
    const release = stage.hold();
    await stage.click(card, 'kill', REQUESTER);
    stage.clock.advanceTo(stage.now() + 1);
    const second = stage.click(card, 'kill', REQUESTER);
    release();
    await second;
    await stage.idle();
    expect(stage.simulator.slack.responses().map(({ body }) => body['text'])).toEqual([expect.stringMatching(/^This was already decided/)]);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('on a question whose execution was stopped is told so, and nothing was killed', async () => {
    const card = await question();
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    await stage.event(stage.statusEvents.at(-1));
    await stage.idle();
    expect(saidBy(stage.card()).at(-1)).toMatch(/^Failed: /);
    expect(await stage.clickAndRead(card, 'kill', REQUESTER)).toEqual(['This question has expired; nothing was done.']);
    expectNoKill(stage);
  });

  it('on a card that kept its buttons although its start has ended takes them away, and nothing was killed', async () => {
    const card = await question();
    const value = readButtonValue(buttonsOf(card)[0]?.value ?? '');
    if (value?.do !== 'decide') throw new Error('no question');
    const end = { at: stage.now(), trigger: 'slack', by: REQUESTER, why: '', outcome: 'failed', reason: 'the execution failed', since: stage.now(), began: stage.now() };
    await stage.ledger.claim(startEnd(value.name, value.start), { owner: value.name, start: value.start, until: stage.now() + 60_000, value: end }, { now: stage.now() });
    expect(await stage.clickAndRead(card, 'kill', REQUESTER)).toEqual(['This was already decided, or has expired.']);
    expect(buttonsOf(stage.card())).toEqual([]);
    expect(stage.card().text).toMatch(/^Failed: /);
    expectNoKill(stage);
  });

  it('is still judged by who clicked', async () => {
    const card = await question();
    await stage.clickAndRead(card, 'decline', REQUESTER);
    expect(await stage.clickAndRead(card, 'kill', APPROVER)).toEqual(['Refused: ask. Only the person who asked can confirm this; this click changed nothing.']);
    expectNoKill(stage);
  });
});

describe('an early click', () => {
  it('on a card whose buttons Slack put there, though its answer was lost, wakes the run that asks again', async () => {
    stage.clock.stopAt(stage.now());
    stage.simulator.fault({ on: 'slack', status: 503, thenDo: 'effect', when: ({ path }) => path === '/api/chat.update' });
    const card = await question();
    expect(buttonsOf(card)).toHaveLength(2);
    expect(await stage.clickAndRead(card, 'kill', REQUESTER)).toEqual([]);
    stage.clock.stopAt(stage.now() + 5_000);
    stage.clock.advanceTo(stage.now() + 5_000);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['killed']);
  });
});

describe('clicks at the same moment', () => {
  it('of one person, twice on the same button, kill once', async () => {
    const card = await question();
    const replies = await Promise.all([stage.click(card, 'kill', REQUESTER), stage.click(card, 'kill', REQUESTER), stage.click(card, 'kill', REQUESTER)]);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
    await stage.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.outcomes()).toEqual(['killed']);
  });

  it('of two approvers kill once, and the card names the one who was first', async () => {
    const card = await question({ job_type: 'Flink' });
    await Promise.all([stage.click(card, 'kill', APPROVER), stage.click(card, 'kill', SECOND_APPROVER)]);
    await stage.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.simulator.slack.responses()).toHaveLength(1);
    expect(JSON.stringify(stage.card().blocks.at(-1))).toMatch(/answered by <@(?:U045EF6GH|U0SECOND)>/);
  });

  it('of one who kills and one who keeps have one end', async () => {
    const card = await question({ job_type: 'Flink' });
    await Promise.all([stage.click(card, 'kill', APPROVER), stage.click(card, 'decline', SECOND_APPROVER)]);
    await stage.idle();
    const [outcome] = stage.outcomes();
    expect(stage.simulator.kills()).toHaveLength(outcome === 'killed' ? 1 : 0);
    expect(['killed', 'declined']).toContain(outcome);
    expect(stage.simulator.slack.responses()).toHaveLength(1);
  });
});

describe('a button that is none of ours does nothing, and nothing was killed:', () => {
  const answer = { do: 'answer', callbackId: 'Y2FsbGJhY2s=', arn: 'arn:x', who: 'requester', requestedBy: REQUESTER };
  it.each([
    ['no value', 'kill', undefined],
    ['an empty value', 'kill', ''],
    ['a value that is no JSON', 'kill', 'kill'],
    ['a value that is null', 'kill', 'null'],
    ['a list as value', 'kill', '[]'],
    ['an unknown verb', 'kill', JSON.stringify({ ...answer, do: 'force' })],
    ['an unknown kind of question', 'kill', JSON.stringify({ ...answer, who: 'nobody' })],
    ['a question without a callback', 'kill', JSON.stringify({ ...answer, callbackId: '' })],
    ['a question without a start', 'kill', JSON.stringify({ ...answer, do: 'decide', name: 'slack-live-0' })],
    ['an unknown action_id', 'kill-all', JSON.stringify(answer)],
    ["a question's value on the button of a card", 'start', JSON.stringify(answer)],
    ["a card's value on the button of a question", 'kill', '{"do":"start","cluster":"analytics","jobId":"x"}'],
    ['a start without a job', 'start', '{"do":"start","cluster":"analytics","jobId":""}'],
    ['a prototype', 'start', '{"__proto__":{"do":"start","cluster":"analytics","jobId":"x"}}'],
  ])('%s', async (_what, actionId, value) => {
    const card = await question();
    expect(await stage.clickAndRead(card, actionId, REQUESTER, { value })).toEqual([NONE_OF_MINE]);
    expect(stage.card()).toEqual(card);
    expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
    expect(stage.backend.list({})).toHaveLength(1);
    expectNoKill(stage);
  });

  it('a start that nobody knows: it is told like a late click', async () => {
    const card = await question();
    const value = (buttonsOf(card)[0]?.value ?? '').replace(/"name":"[^"]+"/, '"name":"slack-live-0"');
    expect(await stage.clickAndRead(card, 'kill', REQUESTER, { value })).toEqual(['This was already decided, or has expired.']);
    expect(stage.card()).toEqual(card);
    expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
    expectNoKill(stage);
  });

  it.each([
    ['a cluster that is not listed', { cluster: 'production', jobId: '431b135e-c090-489f-b1db-0abe3822b855' }, 'Refused: clusters'],
    ['a job that does not exist', { cluster: 'analytics', jobId: '431b135e-c090-489f-b1db-0abe3822b855' }, 'Not found'],
    ['a job id that leads elsewhere', { cluster: 'analytics', jobId: '../../clusters' }, '(?:Not found|Failed)'],
  ])('a start of %s: it is judged like a command', async (_what, target, words) => {
    const card = await question();
    await stage.clickAndRead(card, 'start', REQUESTER, { value: JSON.stringify({ do: 'start', ...target }) });
    expect(stage.ephemeral().text).toMatch(new RegExp(`^${words}: `));
    expectNoKill(stage);
  });

  it('an interaction of another type: it is answered 200 and passed over', async () => {
    const payload = JSON.stringify({ type: 'view_submission', user: { id: REQUESTER } });
    expect(await stage.send('/slack/action', new URLSearchParams({ payload }).toString())).toEqual({ status: 200, body: undefined, text: '' });
    expect(stage.tasks).toEqual([]);
    expectNoKill(stage);
  });

  it('a form without a payload, or without an action: a 400 that names the field', async () => {
    expect(await stage.send('/slack/action', 'payload=%7B')).toMatchObject({ status: 400, body: { error_msg: expect.stringContaining('payload') } });
    const form = blockActionsForm({ messageTs: '1.2', actionId: 'kill' });
    const payload = JSON.stringify({ ...(JSON.parse(form.get('payload') ?? '') as object), actions: [] });
    const { status, body } = await stage.send('/slack/action', new URLSearchParams({ payload }).toString());
    expect([status, body.error_code]).toEqual([400, 'KILL.0400']);
    expect(body.error_msg).toContain('actions');
    expectNoKill(stage);
  });
});
