import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { APPROVER, expectNoKill, REQUESTER, STRANGER, wordsOf } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS } from '../stage/cleanup.ts';
import { CHANNEL, LIVE, OWNER, rule, startWarned, startWarnStage, TOLD_AT, UP_AT, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());


async function begin(policy = warnPolicy()): Promise<SimulatedJob> {
  const begun = await startWarned(policy);
  stage = begun.stage;
  return begun.job;
}

const texts = (): string[] => stage.cards().map(({ text }) => text);
const first = (): SlackMessage => stage.cards()[0] as SlackMessage;
const last = (): SlackMessage => stage.cards().at(-1) as SlackMessage;

describe('a warning whose owner Slack cannot tell now', () => {
  it.each([['for a while', 900], ['for longer than it stands', 7_200]])('%s stands in the channel within two minutes', async (_, seconds) => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ path, body }) => path.endsWith('chat.postMessage') && body.includes(`"channel":"${OWNER}"`), status: 429, headers: { 'retry-after': String(seconds) } });
    await stage.cleanAt(TOLD_AT);
    await stage.goTo(TOLD_AT + 2 * MINUTE_MS);
    expect(stage.buttons()).toEqual([['keep', 'kill-now']]);
    expect(wordsOf(first())).toMatch(/the owner could not be told/);
    expectNoKill(stage);
  });

  it('is tried for no longer than its time, whatever Slack says of when to come again', async () => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ path }) => path.endsWith('chat.postMessage'), status: 429, headers: { 'retry-after': '7200' } });
    await stage.cleanAt(TOLD_AT);
    await stage.goTo(UP_AT + 2 * MINUTE_MS);
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'warn' }]);
    expectNoKill(stage);
  });
});

describe('a job whose owner is the channel of the warnings', () => {
  it('is told of once, and kept by whoever clicks there', async () => {
    await begin(warnPolicy().replace(`etl_dev: ${OWNER}`, `etl_dev: ${CHANNEL}`));
    expect(stage.buttons()).toEqual([['keep', 'kill-now']]);
    expect(await stage.clickAndRead(first(), 'keep', STRANGER)).toEqual([]);
    await stage.idle();
    expect(texts()).toEqual([expect.stringMatching(/^Kept until/)]);
    expectNoKill(stage);
  });
});

describe('messages of a warning that somebody deleted', () => {
  /** How often the channel's messages say it. */
  const inChannel = (): string[] => stage.cards().flatMap(({ channel, text }) => (channel === CHANNEL ? [text] : []));

  it('leave one message that says that it was killed', async () => {
    await begin();
    stage.simulator.slack.deleteMessage(first());
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(inChannel()).toEqual([expect.stringMatching(/^Killed/)]);
    expect(stage.simulator.killed()).toHaveLength(1);
  });

  it('of an earlier round are not posted anew, since the newer one says it', async () => {
    const { job_id } = await begin();
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + HOUR_MS);
    stage.simulator.slack.deleteMessage(first());
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + 5 * MINUTE_MS);
    await stage.clickAndRead(last(), 'keep', OWNER);
    stage.simulator.endJob(job_id, 'SUCCEEDED');
    await stage.goTo(TOLD_AT + 4 * HOUR_MS + 10 * MINUTE_MS);
    expect(inChannel()).toEqual([expect.stringMatching(/^Already over/)]);
    expectNoKill(stage);
  });
});

describe('a message of a warning whose update Slack did not take', () => {
  /** The owner's message stays as it is until that moment, in which its button is clicked; what its person is told. */
  async function clickStale(policy: string, atMs: number, keeps: boolean): Promise<string[]> {
    await begin(policy);
    const { ts } = last();
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ path, body }) => path.endsWith('chat.update') && body.includes(ts) && stage.now() < atMs, status: 503 });
    if (keeps) await stage.clickAndRead(first(), 'keep', OWNER);
    await stage.goTo(atMs);
    expect(stage.buttons()[1]).toEqual(['keep', 'kill-now']);
    return stage.clickAndRead(stage.cards()[1] as SlackMessage, 'kill-now', REQUESTER);
  }

  it('loses its buttons by a click, once there is a newer warning', async () => {
    expect(await clickStale(warnPolicy(), TOLD_AT + 2 * HOUR_MS + 20 * MINUTE_MS, true)).toEqual([expect.stringMatching(/^There is a newer warning below/)]);
    expect(stage.buttons()).toEqual([[], [], ...LIVE]);
    expect(texts()[1]).toMatch(/newer warning/);
    expectNoKill(stage);
  });

  it('loses its buttons by a click, once the kill is on its way', async () => {
    const policy = warnPolicy(rule(), 'ask: [{ match: { name: "nb-*" }, who: approver }]');
    expect(await clickStale(policy, UP_AT + 5 * MINUTE_MS, false)).toEqual([expect.stringMatching(/^The kill is on its way/)]);
    expect(stage.buttons()).toEqual([[], [], ['kill', 'decline']]);
    expectNoKill(stage);
    await stage.clickAndRead(last(), 'kill', APPROVER);
    await stage.goTo(UP_AT + 10 * MINUTE_MS);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
  });
});
