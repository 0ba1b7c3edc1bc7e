import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from '../local/clock.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, type SlackStage, type SlackStageOptions, startSlackStage, STRANGER, wordsOf } from '../stage/slack.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const HOUR_MS = 3_600_000;
const ALERTS = 'alerts: [{ match: { alertname: MrsJobBig }, action: notify }, { match: { alertname: MrsJobStuck }, action: kill }]';
const REFUSED = 'Refused: mayKill. you are not in slack.mayKill of policy.yml; nothing was killed.';

let stage: SlackStage;
beforeEach(() => restart());
afterEach(() => stage.close());

async function restart(options: SlackStageOptions = {}): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startSlackStage({ policy: policyOf({ more: ALERTS }), ...options });
}

/** The card of an alert that only tells people. */
async function notice(job: Partial<SimulatedJob> = {}): Promise<{ card: SlackMessage; job: SimulatedJob }> {
  const added = stage.simulator.addJob({ job_name: 'nightly-etl', ...job });
  expect(await stage.alert({ alertname: 'MrsJobBig', cluster: 'analytics', job_id: added.job_id })).toMatchObject({ outcome: 'notified' });
  await stage.idle();
  return { card: stage.card(), job: added };
}

/** The newest message that everyone can see. */
function newest(): SlackMessage {
  const message = stage.simulator.slack.messages().at(-1);
  if (message === undefined) throw new Error('no message');
  return message;
}

describe('a card that only tells people', () => {
  it('shows the job in slack.channel with one button that kills, and nothing was killed', async () => {
    const { card, job } = await notice();
    expect(card.channel).toBe(CHANNEL);
    expect(buttonsOf(card)).toMatchObject([{ action_id: 'start', style: 'danger' }]);
    for (const words of ['MrsJobBig', 'nightly-etl', job.job_id, 'RUNNING']) expect(wordsOf(card)).toContain(words);
    expect(card.history).toEqual([]);
    expectNoKill(stage);
  });

  it('a click on its button is a new request of that person, who is asked like everybody else', async () => {
    const { card, job } = await notice();
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`Looking at \`${job.job_id}\` …`]);
    expect(stage.simulator.slack.messages()).toHaveLength(2);
    expect(newest().text).toMatch(/^Kill this job\? Please confirm/);
    expect(JSON.stringify(newest().blocks)).toContain(`asked for by <@${REQUESTER}>`);
    expectNoKill(stage);

    await stage.clickAndRead(newest(), 'kill', REQUESTER);
    expect(newest().text).toMatch(/^Killed: /);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.simulator.slack.messages()[0]).toEqual(card);
  });

  it('needs an approver at its click too, who is not the person who clicked', async () => {
    const { card, job } = await notice({ job_type: 'Flink' });
    await stage.clickAndRead(card, 'start', REQUESTER);
    expect(await stage.clickAndRead(newest(), 'kill', REQUESTER)).toEqual([expect.stringMatching(/^Refused: you asked for this yourself/)]);
    expectNoKill(stage);
    await stage.clickAndRead(newest(), 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('does not expire: a click hours later still asks and kills', async () => {
    const clock = virtualClock(NOON);
    await restart({ clock });
    const { card, job } = await notice();
    clock.advanceTo(NOON + 30 * HOUR_MS);
    await stage.clickAndRead(card, 'start', REQUESTER);
    await stage.clickAndRead(newest(), 'kill', REQUESTER);
    expect(newest().text).toMatch(/^Killed: /);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each([['a stranger', STRANGER], ['an approver who may not kill', APPROVER]])('refuses the click of %s, and nothing was killed', async (_who, user) => {
    const { card } = await notice();
    expect(await stage.clickAndRead(card, 'start', user)).toEqual([REFUSED]);
    expect(stage.backend.list({})).toHaveLength(1);
    expect(stage.card()).toEqual(card);
    expectNoKill(stage);
  });

  it('refuses the click of somebody who was taken out of mayKill meanwhile, and nothing was killed', async () => {
    const { card } = await notice();
    stage.deploy(policyOf({ slack: `{ team: T0123ABCD, mayKill: [${APPROVER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }`, more: ALERTS }));
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([REFUSED]);
    expectNoKill(stage);
  });

  it('a click from a foreign workspace is refused, and nothing was killed', async () => {
    const { card } = await notice();
    expect(await stage.clickAndRead(card, 'start', REQUESTER, { team: 'T0FOREIGN' })).toEqual(['Refused: this workspace is not the one in slack.team of policy.yml.']);
    expect(stage.backend.list({})).toHaveLength(1);
    expectNoKill(stage);
  });

  it.each<[string, string, (job: SimulatedJob) => void]>([
    ['ended meanwhile', 'Already over', ({ job_id }) => stage.simulator.endJob(job_id, 'FAILED')],
    ['became protected meanwhile', 'Refused: protected', () => stage.deploy(policyOf({ more: `protected: [{ name: "nightly-*" }]\n${ALERTS}` }))],
    ['is PAUSED for meanwhile', 'Refused: paused', () => void (stage.env['PAUSED'] = 'true')],
  ])('of a job that %s ends in a note to the person, and nothing was killed', async (_what, words, happen) => {
    const { card, job } = await notice();
    happen(job);
    await stage.clickAndRead(card, 'start', REQUESTER);
    expect(stage.ephemeral()).toMatchObject({ ephemeralFor: REQUESTER, text: expect.stringMatching(new RegExp(`^${words}: `)) });
    expectNoKill(stage);
  });

  it('is not shown of a protected job: the channel is told of the refusal, without a button, and nothing was killed', async () => {
    const { card } = await notice({ job_name: 'billing-run' });
    expect(card.text).toMatch(/^Refused: protected: /);
    expect(buttonsOf(card)).toEqual([]);
    expectNoKill(stage);
  });
});

describe("an alert's card", () => {
  it('stands in slack.channel, names the alert, and is no mention even where it is named like a person', async () => {
    const job = stage.simulator.addJob({ job_name: 'nightly-etl' });
    await stage.alert({ alertname: 'MrsJobStuck', cluster: 'analytics', job_id: job.job_id });
    await stage.idle();
    const card = stage.card();
    expect(card).toMatchObject({ channel: CHANNEL, text: expect.stringMatching(/^Killed: `nightly-etl/) });
    expect(JSON.stringify(card.blocks.at(-1))).toMatch(/asked for by `[^`]*MrsJobStuck[^`]*`; took /);
    expect(wordsOf(card)).not.toContain('<@');
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});

describe('several jobs of one name', () => {
  it('are shown to the person alone, each with its own button, and nothing was killed', async () => {
    const jobs = [stage.simulator.addJob({ job_name: 'twin' }), stage.simulator.addJob({ job_name: 'twin', cluster_id: 'bc134369-294c-42b7-a707-b2036ba38524' })];
    await stage.type('kill twin because it hangs');
    await stage.idle();
    const note = stage.ephemeral();
    expect(note).toMatchObject({ ephemeralFor: REQUESTER, text: 'Ambiguous: `twin`' });
    expect(buttonsOf(note).map(({ action_id: id }) => id)).toEqual(['start', 'start']);
    for (const { job_id } of jobs) expect(wordsOf(note)).toContain(job_id);
    expect(stage.simulator.slack.messages()).toEqual([]);
    expectNoKill(stage);
  });

  it('are shown five at most, with their number', async () => {
    for (let count = 0; count < 7; count++) stage.simulator.addJob({ job_name: 'twin' });
    await stage.type('kill twin');
    await stage.idle();
    expect(buttonsOf(stage.ephemeral())).toHaveLength(5);
    expect(wordsOf(stage.ephemeral())).toContain('7 jobs match twin');
    expectNoKill(stage);
  });

  it('a click starts a request for exactly the job beside the button', async () => {
    const [, second] = [stage.simulator.addJob({ job_name: 'twin' }), stage.simulator.addJob({ job_name: 'twin' }), stage.simulator.addJob({ job_name: 'twin' })];
    await stage.type('kill twin');
    await stage.idle();
    const note = stage.ephemeral();
    const nth = buttonsOf(note).findIndex(({ value }) => value?.includes(second.job_id));
    expect(await stage.clickAndRead(note, 'start', REQUESTER, { nth })).toEqual([`Looking at \`${second.job_id}\` …`]);
    expect(stage.card()).toMatchObject({ channel: CHANNEL, text: expect.stringContaining(second.job_id) });
    await stage.clickAndRead(stage.card(), 'kill', REQUESTER);
    expect(stage.simulator.killed()).toEqual([second.job_id]);
  });

  it('a click of somebody else is refused, and nothing was killed', async () => {
    for (let count = 0; count < 2; count++) stage.simulator.addJob({ job_name: 'twin' });
    await stage.type('kill twin');
    await stage.idle();
    expect(await stage.clickAndRead(stage.ephemeral(), 'start', STRANGER)).toEqual([REFUSED]);
    expectNoKill(stage);
  });
});
