import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { countTries } from '../local/execution-view.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, type SlackStage, type SlackStageOptions, startSlackStage, STRANGER, wordsOf } from '../stage/slack.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const HOUR_MS = 3_600_000;
const ALERTS = 'alerts: [{ match: { alertname: MrsJobBig }, action: notify }, { match: { alertname: MrsJobStuck }, action: kill }]';
const TWO_MAY_KILL = policyOf({ slack: `{ team: T0123ABCD, mayKill: [${REQUESTER}, ${APPROVER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }`, more: ALERTS });
const REFUSED = 'Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; nothing was killed.';

let stage: SlackStage;
beforeEach(() => restart());
afterEach(() => stage.close());

async function restart(options: SlackStageOptions = {}): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startSlackStage({ policy: policyOf({ more: ALERTS }), ...options });
}

/** From now on so much time passes by itself, and no more. */
function letPass(ms: number): void {
  stage.clock.stopAt(stage.now() + ms);
}

/** The card of an alert that only tells people, as it stands some seconds later. */
async function notice(job: Partial<SimulatedJob> = {}): Promise<{ card: SlackMessage; job: SimulatedJob }> {
  letPass(5_000);
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

/** What the clicks started. */
function kills(): KillRequest[] {
  return stage.backend.list({}).flatMap(({ name, input }) => (name.startsWith('slack-') ? [(JSON.parse(input) as { request: KillRequest }).request] : []));
}

describe('a card that only tells people', () => {
  it('shows the job in slack.channel with one button that kills, and nothing was killed', async () => {
    const { card, job } = await notice();
    expect(card.channel).toBe(CHANNEL);
    expect(buttonsOf(card)).toMatchObject([{ action_id: 'start', style: 'danger' }]);
    for (const words of ['MrsJobBig', 'nightly-etl', job.job_id, 'RUNNING']) expect(wordsOf(card)).toContain(words);
    // Its button comes once it is on record.
    expect(card.history.map((version) => buttonsOf(version))).toEqual([[]]);
    expectNoKill(stage);
  });

  it('a click on its button is a new request of that person, who is asked like everybody else; the card loses its button at once', async () => {
    const { card, job } = await notice();
    letPass(0);
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`Looking at \`${job.job_id}\` …`]);
    const [told, asked, ...others] = stage.simulator.slack.messages();
    expect(others).toEqual([]);
    expect(told && buttonsOf(told)).toEqual([]);
    expect(told && wordsOf(told)).toMatch(new RegExp(`somebody asked for the kill of this job; .*answered by <@${REQUESTER}>`));
    expect(asked?.text).toMatch(/^Kill this job\? Please confirm/);
    expect(JSON.stringify(asked?.blocks)).toContain(`asked for by <@${REQUESTER}>`);
    expectNoKill(stage);

    letPass(60_000);
    await stage.clickAndRead(newest(), 'kill', REQUESTER);
    expect(newest().text).toMatch(/^Killed: /);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.outcomes()).toEqual(['notified', 'killed']);
    expect(stage.simulator.slack.messages()[0]?.blocks[1]).toEqual(told?.blocks[1]);
  });

  it('is one request however often its person clicks, and a note for everybody else', async () => {
    stage.deploy(TWO_MAY_KILL);
    const { card, job } = await notice();
    letPass(0);
    await Promise.all([stage.click(card, 'start', REQUESTER), stage.click(card, 'start', REQUESTER)]);
    expect(await stage.clickAndRead(card, 'start', APPROVER)).toEqual([`The kill of \`${job.job_id}\` was already asked for here by <@${REQUESTER}>; nothing more was done.`]);
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`You asked for the kill of \`${job.job_id}\` here already; nothing more was done.`]);
    expect(kills()).toHaveLength(1);
    expect(stage.simulator.slack.messages()).toHaveLength(2);
    expectNoKill(stage);
  });

  it('is one request where two persons click at once: one asks, the other is told so', async () => {
    stage.deploy(TWO_MAY_KILL);
    const { card, job } = await notice();
    letPass(0);
    await Promise.all([stage.click(card, 'start', REQUESTER), stage.click(card, 'start', APPROVER)]);
    await stage.idle();
    const notes = stage.simulator.slack.responses().map(({ body }) => String(body['text']));
    expect(notes.toSorted()).toEqual([`Looking at \`${job.job_id}\` …`, expect.stringMatching(/^The kill of .* was already asked for here/)]);
    const [asked, ...others] = kills();
    expect(others).toEqual([]);
    expect(wordsOf(newest())).toContain(`asked for by <@${asked?.requestedBy}>`);
    expect(stage.simulator.slack.messages()[0] && wordsOf(stage.simulator.slack.messages()[0] as SlackMessage)).toContain(`answered by <@${asked?.requestedBy}>`);
    expectNoKill(stage);
  });

  it('keeps its button for everybody where the kill could not be started, says so, and its run goes on; nothing was killed', async () => {
    stage.deploy(TWO_MAY_KILL);
    const { card, job } = await notice();
    stage.lambda.script = ({ executionName }) => (executionName.startsWith('slack-') ? { status: 500, type: 'ServiceException' } : undefined);
    for (const user of [REQUESTER, REQUESTER]) {
      letPass(30_000);
      expect(await stage.clickAndRead(card, 'start', user)).toEqual([`The request for \`${job.job_id}\` could not be started. Please try again, unless a card for it appears.`]);
    }
    expect([stage.card(), stage.outcomes()]).toEqual([card, ['RUNNING']]);
    expect(stage.log().filter(({ message }) => message === 'kill request ended')).toMatchObject([{ outcome: 'failed', code: 'not_started' }, { outcome: 'failed', code: 'not_started' }]);
    expectNoKill(stage);

    stage.lambda.script = () => undefined;
    letPass(0);
    expect(await stage.clickAndRead(card, 'start', APPROVER)).toEqual([`Looking at \`${job.job_id}\` …`]);
    expect(stage.simulator.slack.messages().map((message) => buttonsOf(message).length)).toEqual([0, 2]);
    expect(wordsOf(newest())).toContain(`asked for by <@${APPROVER}>`);
    expectNoKill(stage);
  });

  it('is still one request where the answer to its start was lost: the next click finds it, and the card names who asked', async () => {
    stage.deploy(TWO_MAY_KILL);
    const { card, job } = await notice();
    stage.lambda.script = ({ executionName }) => (executionName.startsWith('slack-') && kills().length === 0 ? 'after-effect' : undefined);
    await stage.clickAndRead(card, 'start', REQUESTER);
    stage.lambda.script = () => undefined;
    expect(await stage.clickAndRead(card, 'start', APPROVER)).toEqual([`The kill of \`${job.job_id}\` was already asked for here by <@${REQUESTER}>; nothing more was done.`]);
    expect(kills()).toHaveLength(1);
    expect(stage.simulator.slack.messages()[0] && wordsOf(stage.simulator.slack.messages()[0] as SlackMessage)).toContain(`answered by <@${REQUESTER}>`);
    expectNoKill(stage);
  });

  it('starts nothing where nobody can know who clicked before, and works again when the ledger does; nothing was killed', async () => {
    const { card, job } = await notice();
    stage.ledger.script = ({ by, partitions }) => (by !== 'kill' && partitions.some((partition) => partition.startsWith('start/alerts-')) ? 'fails' : undefined);
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`The ledger could not be read, so nobody knows whether the kill of \`${job.job_id}\` was asked for before; nothing was started. Please click again.`]);
    expect([stage.card(), kills()]).toEqual([card, []]);
    stage.ledger.script = () => undefined;
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`Looking at \`${job.job_id}\` …`]);
    expect(kills()).toHaveLength(1);
    expectNoKill(stage);
  });

  it('is put on record by a later click where the ledger was away for the first, which is the one request', async () => {
    const { card, job } = await notice();
    letPass(0);
    stage.ledger.script = ({ by, on, partitions }) => (by !== 'kill' && on === 'claim' && partitions.some((partition) => partition.startsWith('start/alerts-')) ? 'fails' : undefined);
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`Looking at \`${job.job_id}\` …`]);
    expect(stage.simulator.slack.messages().map((message) => buttonsOf(message).length)).toEqual([1, 2]);
    stage.ledger.script = () => undefined;
    expect(await stage.clickAndRead(card, 'start', REQUESTER)).toEqual([`You asked for the kill of \`${job.job_id}\` here already; nothing more was done.`]);
    expect(stage.simulator.slack.messages().map((message) => buttonsOf(message).length)).toEqual([0, 2]);
    expect(kills()).toHaveLength(1);
    expectNoKill(stage);
  });

  it('needs an approver at its click too, who is not the person who clicked', async () => {
    const { card, job } = await notice({ job_type: 'Flink' });
    await stage.clickAndRead(card, 'start', REQUESTER);
    expect(await stage.clickAndRead(newest(), 'kill', REQUESTER)).toEqual([expect.stringMatching(/^Refused: mayApprove\. You asked for this yourself/)]);
    expectNoKill(stage);
    letPass(60_000);
    await stage.clickAndRead(newest(), 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each<[string, (job: SimulatedJob) => void, RegExp]>([
    ['is killed elsewhere', ({ job_id }) => stage.simulator.endJob(job_id, 'KILLED'), /the job is over: \w+, result KILLED/],
    ['ends by itself', ({ job_id }) => stage.simulator.endJob(job_id, 'SUCCEEDED'), /the job is over: FINISHED, result SUCCEEDED/],
  ])('loses its button within half a minute where the job %s, and nothing was killed', async (_, happen, words) => {
    const { card, job } = await notice();
    happen(job);
    letPass(30_000);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['notified']);
    expect(stage.card()).toMatchObject({ ts: card.ts, text: card.text });
    expect(buttonsOf(stage.card())).toEqual([]);
    expect(wordsOf(stage.card())).toMatch(words);
    expectNoKill(stage);
  });

  it('stands for 8 h with few looks, then loses its button and says how to kill the job; a click on what somebody still sees asks all the same', async () => {
    const { card, job } = await notice();
    letPass(9 * HOUR_MS);
    await stage.idle();
    expect(stage.now() - NOON).toBeGreaterThanOrEqual(8 * HOUR_MS);
    expect(stage.now() - NOON).toBeLessThan(8.25 * HOUR_MS);
    expect(stage.outcomes()).toEqual(['notified']);
    expect(buttonsOf(stage.card())).toEqual([]);
    expect(wordsOf(stage.card())).toContain(`/mrs kill ${job.job_id} on analytics`);
    expect(countTries(stage.backend.list({})[0]?.operations ?? [])).toBeLessThan(140);
    expect(stage.simulator.requests.filter(({ path }) => path.includes('/job-executions/')).length).toBeLessThan(125);
    expectNoKill(stage);

    await stage.clickAndRead(card, 'start', REQUESTER);
    await stage.clickAndRead(newest(), 'kill', REQUESTER);
    expect(newest().text).toMatch(/^Killed: /);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it.each(['FAILED', 'TIMED_OUT', 'STOPPED'] as const)('whose run came to the bad end %s keeps no button, and nothing was killed', async (status) => {
    const { card } = await notice();
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '', undefined, status);
    await stage.event(stage.statusEvents.at(-1));
    letPass(300_000);
    await stage.idle();
    expect(stage.card()).toMatchObject({ ts: card.ts, text: expect.stringMatching(/^Failed: /) });
    expect(buttonsOf(stage.card())).toEqual([]);
    expectNoKill(stage);
  });

  it('of which the look and the ledger fail for a while is looked at again, and nothing was killed', async () => {
    const { job } = await notice();
    stage.simulator.fault({ on: 'job', times: 3, status: 503 });
    stage.simulator.endJob(job.job_id, 'FAILED');
    letPass(60_000);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['notified']);
    expect(buttonsOf(stage.card())).toEqual([]);
    expectNoKill(stage);
  });

  it('says of a dry run that the click would only play it', async () => {
    await restart({ policy: policyOf({ more: `dryRun: [slack]\n${ALERTS}` }) });
    const { card } = await notice();
    expect(card.text).toMatch(/^Dry run: /);
    expect(buttonsOf(card)).toMatchObject([{ text: { text: 'Would kill this one' } }]);
    expectNoKill(stage);
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
    expect(await stage.clickAndRead(card, 'start', REQUESTER, { team: 'T0FOREIGN' })).toEqual(['Refused: team. This workspace is not the one in slack.team of policy.yml; this click changed nothing.']);
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
