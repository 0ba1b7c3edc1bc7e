import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, type SlackStage, startSlackStage, STRANGER } from '../stage/slack.ts';

/** May kill too, and did not ask. */
const COLLEAGUE = 'U0COLLEAGUE';
/** May both kill and approve. */
const BOTH = 'U0BOTH';
const RIGHTS = `{ team: T0123ABCD, mayKill: [${REQUESTER}, ${COLLEAGUE}, ${BOTH}], mayApprove: [${APPROVER}, ${BOTH}], channel: ${CHANNEL} }`;

let stage: SlackStage;
beforeEach(async () => {
  stage = await startSlackStage({ policy: policyOf({ slack: RIGHTS }) });
});
afterEach(() => stage.close());

/** Brings a question of `user` to the channel; a Flink job needs an approver. */
async function question(job: Partial<SimulatedJob> = {}, user = REQUESTER): Promise<SimulatedJob> {
  const added = stage.simulator.addJob({ job_name: 'nightly-etl', ...job });
  await stage.type('kill nightly-etl', { user_id: user });
  await stage.idle();
  expect(buttonsOf(stage.card())).toHaveLength(2);
  return added;
}

/** A click that is refused: the person gets a note, and the card and the question are as before. */
async function expectRefused(actionId: 'kill' | 'decline', user: string, note: string): Promise<void> {
  const before = stage.card();
  expect(await stage.clickAndRead(before, actionId, user)).toEqual([note]);
  expect(stage.card()).toEqual(before);
  expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
  expect(stage.outcomes()).toEqual(['RUNNING']);
  expectNoKill(stage);
}

/** A click that counts: no note, and the card goes on. */
async function expectTaken(actionId: 'kill' | 'decline', user: string, words: string): Promise<void> {
  expect(await stage.clickAndRead(stage.card(), actionId, user)).toEqual([]);
  expect(stage.card().text.startsWith(`${words}: `)).toBe(true);
  expect(JSON.stringify(stage.card().blocks.at(-1))).toContain(`answered by <@${user}>`);
}

describe('a question to the person who asked', () => {
  it('is confirmed by that person', async () => {
    const job = await question();
    await expectTaken('kill', REQUESTER, 'Killed');
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each([['a stranger', STRANGER], ['an approver', APPROVER], ['somebody else who may kill', COLLEAGUE]])(
    'is not confirmed by %s, and nothing was killed until the right person did',
    async (_who, user) => {
      const job = await question();
      await expectRefused('kill', user, 'Refused: ask. Only the person who asked can confirm this; this click changed nothing.');
      await expectTaken('kill', REQUESTER, 'Killed');
      expect(stage.simulator.killed()).toEqual([job.job_id]);
    },
  );

  it('is not confirmed by somebody who was taken out of mayKill meanwhile, and nothing was killed', async () => {
    await question();
    stage.deploy(policyOf({ slack: RIGHTS.replace(`${REQUESTER}, `, '') }));
    await expectRefused('kill', REQUESTER, 'Refused: mayKill. You are not in slack.mayKill of policy.yml any more; this click changed nothing.');
  });

  it.each([['that person', REQUESTER], ['somebody else who may kill', COLLEAGUE], ['an approver', APPROVER]])('is declined by %s, and nothing was killed', async (_who, user) => {
    await question();
    await expectTaken('decline', user, 'Declined');
    expectNoKill(stage);
  });
});

describe('four eyes', () => {
  it.each([['who may only kill', REQUESTER], ['who is an approver otherwise', BOTH]])(
    'the person who asked, %s, is refused as approver and told why; then another approver agrees',
    async (_who, user) => {
      const job = await question({ job_type: 'Flink' }, user);
      await expectRefused('kill', user, 'Refused: mayApprove. You asked for this yourself: somebody else has to approve it; this click changed nothing.');
      await expectTaken('kill', APPROVER, 'Killed');
      expect(stage.simulator.killed()).toEqual([job.job_id]);
    },
  );

  it.each([['a stranger', STRANGER], ['somebody who may only kill', COLLEAGUE]])('are not those of %s, and nothing was killed', async (_who, user) => {
    await question({ job_type: 'Flink' });
    await expectRefused('kill', user, 'Refused: mayApprove. You are not in slack.mayApprove of policy.yml; ask somebody who is; this click changed nothing.');
  });

  it('are not those of somebody who was taken out of mayApprove meanwhile, and nothing was killed', async () => {
    await question({ job_type: 'Flink' });
    stage.deploy(policyOf({ slack: RIGHTS.replace(`[${APPROVER}, `, '[') }));
    await expectRefused('kill', APPROVER, 'Refused: mayApprove. You are not in slack.mayApprove of policy.yml; ask somebody who is; this click changed nothing.');
    await expectTaken('kill', BOTH, 'Killed');
  });

  it.each([['the person who asked', REQUESTER], ['an approver', APPROVER], ['somebody who may kill', COLLEAGUE]])('the kill is declined by %s, and nothing was killed', async (_who, user) => {
    await question({ job_type: 'Flink' });
    await expectTaken('decline', user, 'Declined');
    expectNoKill(stage);
  });

  // What a button says is Slack's word for what the bot wrote; whoever has its token writes others.
  it.each([
    ['names another asker', BOTH, { requestedBy: STRANGER }, 'You asked for this yourself: somebody else has to approve it'],
    ['asks for no approver', COLLEAGUE, { who: 'requester', requestedBy: COLLEAGUE }, 'You are not in slack.mayApprove of policy.yml; ask somebody who is'],
  ])('are not given by a button that was forged: it %s, and nothing was killed', async (_what, user, forged, why) => {
    await question({ job_type: 'Flink' }, BOTH);
    const before = stage.card();
    const [button] = buttonsOf(before);
    const value = JSON.stringify({ ...(JSON.parse(button?.value ?? '') as object), ...forged });
    expect(await stage.clickAndRead(before, 'kill', user, { value })).toEqual([`Refused: mayApprove. ${why}; this click changed nothing.`]);
    expect(stage.card()).toEqual(before);
    expect(stage.outcomes()).toEqual(['RUNNING']);
    expectNoKill(stage);
  });

  it('are not given before anybody was asked, by a button that was forged for a start whose card is still to come, and nothing was killed', async () => {
    stage.deploy(policyOf({ slack: RIGHTS, more: 'alerts: [{ match: { alertname: MrsJobSlow }, action: ask }]' }));
    await question({ job_type: 'Flink' });
    const other = stage.card();
    const job = stage.simulator.addJob();
    stage.clock.stopAt(stage.now() + 1_000);
    stage.simulator.fault({ on: 'slack', status: 503, when: ({ path }) => path === '/api/chat.postMessage' });
    await stage.alert({ alertname: 'MrsJobSlow', cluster: 'analytics', job_id: job.job_id });
    await stage.idle();
    const name = stage.backend.list({ oldestFirst: true }).at(-1)?.name;
    const value = JSON.stringify({ do: 'decide', name, start: 1, who: 'requester', requestedBy: COLLEAGUE });
    expect(await stage.clickAndRead(other, 'kill', COLLEAGUE, { value })).toEqual(['This was already decided, or has expired.']);
    stage.clock.stopAt(stage.now() + 60_000);
    stage.clock.advanceTo(stage.now() + 2_000);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['RUNNING', 'RUNNING']);
    expectNoKill(stage);
    const asked = stage.simulator.slack.messages().at(-1) as SlackMessage;
    expect(await stage.clickAndRead(asked, 'kill', APPROVER)).toEqual([]);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('hold for an alert that asks too: anybody of mayApprove, since no person asked', async () => {
    stage.deploy(policyOf({ slack: RIGHTS, more: 'alerts: [{ match: { alertname: MrsJobSlow }, action: ask }]' }));
    const job = stage.simulator.addJob();
    expect(await stage.alert({ alertname: 'MrsJobSlow', cluster: 'analytics', job_id: job.job_id })).toMatchObject({ outcome: 'accepted' });
    await stage.idle();
    expect(stage.card()).toMatchObject({ channel: CHANNEL, text: expect.stringMatching(/^Kill this job\? An approver has to approve it/) });
    await expectRefused('kill', COLLEAGUE, 'Refused: mayApprove. You are not in slack.mayApprove of policy.yml; ask somebody who is; this click changed nothing.');
    await expectTaken('kill', BOTH, 'Killed');
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});

describe('a click from elsewhere is refused, whoever clicked, and nothing was killed:', () => {
  const NOT_OURS = 'Refused: team. This workspace is not the one in slack.team of policy.yml; this click changed nothing.';
  const places: [string, Parameters<SlackStage['click']>[3], string][] = [
    ['another workspace', { team: 'T0FOREIGN' }, NOT_OURS],
    ['another workspace of another organisation', { team: 'T0FOREIGN', enterprise: 'E0FOREIGN' }, NOT_OURS],
    ['a person of another workspace, where Slack names none', { team: null, userTeam: 'T0FOREIGN' }, NOT_OURS],
  ];
  it.each(places)('%s', async (_what, from, note) => {
    await question();
    const before = stage.card();
    for (const actionId of ['kill', 'decline']) expect(await stage.clickAndRead(before, actionId, REQUESTER, from)).toEqual([note]);
    expect(stage.card()).toEqual(before);
    expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
    expectNoKill(stage);
  });

  it('a channel that is not allowed any more', async () => {
    await question();
    stage.deploy(policyOf({ slack: RIGHTS.replace(' }', ', channels: [C0ALLOWED] }') }));
    const [note] = await stage.clickAndRead(stage.card(), 'kill', REQUESTER, { channel: 'C0OTHER' });
    expect(note).toBe('Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; this click changed nothing.');
    expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
    expectNoKill(stage);
  });
});

describe('reads', () => {
  it('are for anybody in an allowed channel', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    expect((await stage.type('jobs', { user_id: STRANGER })).body.text).toBe('Looking …');
    await stage.idle();
    expect(stage.simulator.slack.responses()).toMatchObject([{ body: { text: expect.stringContaining('nightly-etl') } }]);
    expectNoKill(stage);
  });
});
