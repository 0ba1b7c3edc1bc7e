import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from '../local/clock.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, NO_BOT, policyOf, REQUESTER, saidBy, type SlackStage, type SlackStageOptions, startSlackStage, wordsOf } from '../stage/slack.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;

let stage: SlackStage;
beforeEach(async () => {
  stage = await startSlackStage();
});
afterEach(() => stage.close());

async function restart(options: SlackStageOptions): Promise<void> {
  await stage.close();
  stage = await startSlackStage(options);
}

/** Types the command for a job, and waits until nothing goes on by itself. */
async function ask(job: Partial<SimulatedJob> = {}, text = 'kill nightly-etl because it eats the queue', fields: Record<string, string> = {}): Promise<SimulatedJob> {
  const added = stage.simulator.addJob({ job_name: 'nightly-etl', ...job });
  await stage.type(text, fields);
  await stage.idle();
  return added;
}

async function click(actionId: 'kill' | 'decline', user = REQUESTER): Promise<void> {
  await stage.click(stage.card(), actionId, user);
  await stage.idle();
}

/** What the end of a card always has: one message, no button, its first words, and its four answers. */
function expectEndCard(words: string, { asked = REQUESTER, clicked, why = 'it eats the queue' }: { asked?: string; clicked?: string; why?: string } = {}): void {
  const card = stage.card();
  expect(card.text.startsWith(`${words}: `)).toBe(true);
  expect(JSON.stringify(card.blocks[0])).toContain(`*${words}*`);
  expect(buttonsOf(card)).toEqual([]);
  const last = JSON.stringify(card.blocks.at(-1));
  expect(last).toContain(`asked for by <@${asked}>, because ${why}`);
  if (clicked !== undefined) expect(last).toContain(`answered by <@${clicked}>`);
  expect(last).toMatch(/; took \d+ (?:s|min)/);
  expect(stage.simulator.slack.ephemerals()).toEqual([]);
  expect(stage.lines.filter((line) => line.includes('kill request ended'))).toHaveLength(1);
}

describe('the card', () => {
  it('is one message in the channel of the command: a question, killing, the end', async () => {
    const job = await ask();
    const question = stage.card();
    expect(question).toMatchObject({ channel: CHANNEL, text: expect.stringMatching(/^Kill this job\? Please confirm: `nightly-etl/) });
    expect(buttonsOf(question).map(({ action_id: id, style, text }) => [id, style, text.text])).toEqual([
      ['kill', 'danger', 'Kill'],
      ['decline', undefined, 'Decline'],
    ]);
    expectNoKill(stage);

    await click('kill');
    expectEndCard('Killed', { clicked: REQUESTER });
    const card = stage.card();
    expect(card.ts).toBe(question.ts);
    const killing = card.history.findIndex(({ text }) => text.startsWith('Killing …'));
    expect(saidBy(card).map((text) => text.split(/[:`]/)[0]?.trim())).toEqual(['Kill this job? Please confirm', 'Kill this job? Please confirm', 'Killing …', 'Killed']);
    expect(card.history.map((version) => buttonsOf(version).length)).toEqual([0, 2, 0]);
    expect(JSON.stringify(card.history[killing]?.blocks)).toContain(`asked for by <@${REQUESTER}>`);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.simulator.slack.responses()).toEqual([]);
  });

  it('shows every fact that the person needs before the click', async () => {
    await restart({ clock: virtualClock(NOON) });
    const job = await ask({
      user: 'etl-bot', queue: 'adhoc', job_state: 'RUNNING', submitted_time: NOON - 7_500_000, started_time: NOON - 7_380_000,
      app_id: 'application_1564622673393_0042', tracking_url: 'https://192.0.2.10:20026/proxy/application_1564622673393_0042/?a=1&b=2',
    });
    const words = wordsOf(stage.card());
    for (const fact of ['nightly-etl', 'analytics', 'SparkSubmit', 'RUNNING', 'running for 2 h 3 min', 'etl-bot', 'adhoc', job.job_id, 'application_1564622673393_0042', `asked for by <@${REQUESTER}>`, 'because it eats the queue']) {
      expect(words).toContain(fact);
    }
    expect(words).toContain('<https://192.0.2.10:20026/proxy/application_1564622673393_0042/?a=1&amp;b=2|open>');
    expect(words).not.toContain('fake-'); // neither arguments nor properties
  });

  it.each(['http://192.0.2.10/proxy', 'javascript:alert(1)', 'data:text/html,x', 'slack://open', 'nonsense', ' https', 'ftp://192.0.2.10/x'])('never links to %j', async (tracking_url) => {
    await ask({ tracking_url });
    expect(wordsOf(stage.card())).not.toContain('Tracking');
    expect(wordsOf(stage.card())).not.toContain(tracking_url);
  });

  it('says how long a job waits that has not started', async () => {
    await restart({ clock: virtualClock(NOON) });
    await ask({ job_state: 'ACCEPTED', submitted_time: NOON - 600_000 });
    expect(wordsOf(stage.card())).toContain('waiting for 10 min');
  });

  it('has no way in for foreign text: no mention, no link, no line of its own', async () => {
    const hostile = '<!channel> <@U0VICTIM> <https://evil.example|open> `x` *b* &amp;\n\u202Egpj.exe';
    await ask({ job_name: hostile, user: hostile, queue: hostile }, `kill ${'application_1564622673393_0002'} because <!here> <@U0VICTIM> it hangs`);
    await click('kill');
    expect(stage.simulator.kills()).toHaveLength(1);
    for (const version of [...stage.card().history, stage.card()]) {
      const words = wordsOf(version).replaceAll(`<@${REQUESTER}>`, '').replace(/<!date\^\d+\^\{time\}\|\d\d:\d\d UTC>/g, '').replace(/<https:\/\/192\.0\.2\.10[^>]*\|open>/g, '');
      expect(words).not.toMatch(/[<>\u202e]|(?<!`)`x/);
      for (const element of JSON.stringify(version.blocks).replaceAll('{time}', '').match(/\{"type":"mrkdwn"[^}]*\}/g) ?? []) expect(element).toContain('"verbatim":true');
    }
  });

  it('asks an approver where the policy wants one, and says so', async () => {
    const job = await ask({ job_type: 'Flink' });
    expect(stage.card().text).toMatch(/^Kill this job\? An approver has to approve it: /);
    await click('kill', APPROVER);
    expectEndCard('Killed', { clicked: APPROVER });
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('stands there as killing from the start where nobody has to be asked', async () => {
    await restart({ policy: policyOf({ more: 'ask: [{ trigger: slack, who: none }]' }) });
    const job = await ask();
    expect(saidBy(stage.card()).map((text) => text.split(/[:`]/)[0]?.trim())).toEqual(['Killing …', 'Killed']);
    expectEndCard('Killed');
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});

describe('the end of a card begins with', () => {
  it('Killed, and says how long it took', async () => {
    const clock = virtualClock(NOON);
    await restart({ clock });
    await ask();
    clock.advanceTo(NOON + 90_000);
    await click('kill');
    expectEndCard('Killed', { clicked: REQUESTER });
    expect(JSON.stringify(stage.card().blocks.at(-1))).toContain('; took 1 min 30 s');
    expect(stage.outcomes()).toEqual(['killed']);
  });

  it('Ended by itself, where the job was faster', async () => {
    await restart({ clock: virtualClock(NOON), simulator: { killDelayMs: 5_000 } });
    await ask({ endsItself: { afterMs: 1_000, result: 'SUCCEEDED' } });
    await click('kill');
    expectEndCard('Ended by itself', { clicked: REQUESTER });
    expect(stage.outcomes()).toEqual(['finished-first']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('Already over, where it ended between the question and the click, and nothing was killed', async () => {
    const job = await ask();
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    await click('kill');
    expectEndCard('Already over', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Would be killed (dry run), and nothing was killed', async () => {
    await restart({ policy: policyOf({ more: 'dryRun: true' }) });
    await ask();
    await click('kill');
    expectEndCard('Would be killed (dry run)', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Refused: protected, where it became so between the question and the click, and nothing was killed', async () => {
    await ask();
    stage.deploy(policyOf({ more: 'protected: [{ name: "nightly-*" }]' }));
    await click('kill');
    expectEndCard('Refused: protected', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Refused: paused, where the off switch went on between the question and the click, and nothing was killed', async () => {
    await ask();
    stage.env['PAUSED'] = 'true';
    await click('kill');
    expectEndCard('Refused: paused', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Refused: ask, where an approver is needed by now and only the requester agreed, and nothing was killed', async () => {
    await ask();
    stage.deploy(policyOf({ more: 'ask: [{ match: { name: "nightly-*" }, who: approver }]' }));
    await click('kill');
    expectEndCard('Refused: ask', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Declined, and says by whom, and nothing was killed', async () => {
    await ask();
    await click('decline');
    expectEndCard('Declined', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Expired, where nobody clicked in time, and nothing was killed', async () => {
    await restart({ env: { ASK_TIMEOUT_SEC: '1' } });
    await ask();
    stage.clock.advanceTo(stage.now() + 1_000);
    await stage.idle();
    expectEndCard('Expired');
    expect(wordsOf(stage.card())).toContain('nobody answered within 1 s');
    expectNoKill(stage);
  });

  it('Not found, where MRS knows the job no more, and nothing was killed', async () => {
    const job = await ask();
    stage.simulator.fault({ on: 'job', status: 404, body: { error_code: '0168', error_msg: 'The job does not exist.' }, times: Infinity, when: ({ path }) => path.endsWith(job.job_id) });
    await click('kill');
    expectEndCard('Not found', { clicked: REQUESTER });
    expectNoKill(stage);
  });

  it('Still running, where MRS took the kill and the job goes on', async () => {
    await restart({ clock: virtualClock(NOON), env: { FOLLOW_TIMEOUT_SEC: '60' } });
    await ask({ ignoresKill: true });
    await click('kill');
    expectEndCard('Still running', { clicked: REQUESTER });
    expect(wordsOf(stage.card())).toContain('copying its logs can take that long');
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('Failed, with the line to run by hand, where MRS refuses the kill', async () => {
    const job = await ask();
    stage.simulator.fault({ on: 'kill', status: 400, body: { error_code: '0999', error_msg: 'No <!channel> way.' }, times: Infinity });
    await click('kill');
    expectEndCard('Failed', { clicked: REQUESTER });
    expect(wordsOf(stage.card())).toContain(`hcloud MRS StopJob --cli-region=eu-west-101 --cluster_id=${job.cluster_id} --job_execution_id=${job.job_id}`);
    expect(wordsOf(stage.card())).toContain('No &lt;!channel&gt; way.');
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('an end before there is a card is a note that only the person who asked can see:', () => {
  function expectNote(words: string): void {
    const note = stage.ephemeral();
    expect(note).toMatchObject({ ephemeralFor: REQUESTER, channel: CHANNEL });
    expect(note.text.startsWith(`${words}: `)).toBe(true);
    expect(JSON.stringify(note.blocks.at(-1))).toContain(`asked for by <@${REQUESTER}>, because it eats the queue; took `);
    expect(stage.simulator.slack.messages()).toEqual([]);
    expect(stage.simulator.slack.responses()).toEqual([]);
    expectNoKill(stage);
  }

  it('Not found, and nothing was killed', async () => {
    await ask({ job_name: 'another' });
    expectNote('Not found');
    expect(buttonsOf(stage.ephemeral())).toEqual([]);
  });

  it('Not found of a YARN id, with the line to stop it in YARN, and nothing was killed', async () => {
    await ask({}, 'kill application_1564622673393_9999 because it eats the queue');
    expectNote('Not found');
    expect(wordsOf(stage.ephemeral())).toContain('yarn application -kill application_1564622673393_9999');
  });

  it('Refused: protected, and nothing was killed', async () => {
    await ask({ job_name: 'billing-run' }, 'kill billing-run because it eats the queue');
    expectNote('Refused: protected');
  });

  it('Refused: SparkSql, and nothing was killed', async () => {
    await ask({ job_type: 'SparkSql' });
    expectNote('Refused: SparkSql');
  });

  it('Refused: paused, and nothing was killed', async () => {
    stage.env['PAUSED'] = 'true';
    await ask();
    expectNote('Refused: paused');
  });

  it('Already over, and nothing was killed', async () => {
    const over = stage.simulator.addJob({ job_name: 'done', job_state: 'FINISHED' });
    await ask({}, `kill ${over.job_id} because it eats the queue`);
    expectNote('Already over');
  });

  it('Would be killed (dry run), where nobody has to be asked, and nothing was killed', async () => {
    await restart({ policy: policyOf({ more: 'dryRun: true\nask: [{ trigger: slack, who: none }]' }) });
    await ask();
    expectNote('Would be killed (dry run)');
  });

  it('Failed, where MRS cannot be read, and nothing was killed', async () => {
    await restart({ clock: virtualClock(NOON) });
    stage.simulator.fault({ on: 'jobs', status: 503, times: Infinity });
    await ask();
    expectNote('Failed');
  });

  it('Expired, where the request was taken up too late, and nothing was killed', async () => {
    const clock = virtualClock(NOON);
    await restart({ clock });
    const release = stage.hold();
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    await stage.type('kill nightly-etl because it eats the queue');
    clock.advanceTo(NOON + 16 * 60_000);
    release();
    await stage.idle();
    expectNote('Expired');
  });
});

describe('the place of the card', () => {
  it.each([
    ['a channel that the bot is not in', NO_BOT],
    ['a channel that the bot does not know', 'C0UNKNOWN'],
    ['a direct message between people', 'D0PRIVATE'],
  ])('is slack.channel where the command came from %s', async (_what, channel_id) => {
    const job = await ask({}, undefined, { channel_id });
    expect(stage.card().channel).toBe(CHANNEL);
    await click('kill');
    expectEndCard('Killed', { clicked: REQUESTER });
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('is slack.channel for a direct message with the bot too: an approver sees nothing of that', async () => {
    await restart({ simulator: { slack: { channels: [{ id: CHANNEL, isMember: true }, { id: 'D0BOT', isMember: true }] } } });
    await ask({ job_type: 'Flink' }, undefined, { channel_id: 'D0BOT' });
    expect(stage.card().channel).toBe(CHANNEL);
  });

  it('is slack.channel where the channel of the command is archived', async () => {
    await restart({ simulator: { slack: { channels: [{ id: CHANNEL, isMember: true }, { id: 'C0OLD', isMember: true, isArchived: true }] } } });
    await ask({}, undefined, { channel_id: 'C0OLD' });
    expect(stage.card().channel).toBe(CHANNEL);
  });

  it('is nowhere without slack.channel and the bot in the channel: nobody can be asked, the person is told directly, and nothing was killed', async () => {
    await restart({ policy: policyOf({ slack: `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}] }` }) });
    await ask({}, undefined, { channel_id: NO_BOT });
    expect(stage.simulator.slack.messages()).toMatchObject([{ channel: REQUESTER.replace('U', 'D'), text: expect.stringMatching(/^Failed: /) }]);
    expect(stage.simulator.slack.ephemerals()).toEqual([]);
    expect(stage.outcomes()).toEqual(['failed']);
    const audit = stage.lines.find((line) => line.includes('kill request ended'));
    expect(JSON.parse(audit ?? '')).toMatchObject({ level: 'audit', outcome: 'failed', end_reason: expect.stringContaining('not_in_channel (an operator has to fix this: npm run check-config says how)') });
    expectNoKill(stage);
  });

  it('of a note to the person is slack.channel too, where the bot is not in the channel of the command', async () => {
    await ask({ job_name: 'another' }, undefined, { channel_id: NO_BOT });
    expect(stage.ephemeral()).toMatchObject({ channel: CHANNEL, ephemeralFor: REQUESTER });
    expectNoKill(stage);
  });
});
