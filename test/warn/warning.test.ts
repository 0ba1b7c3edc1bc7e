import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { APPROVER, expectNoKill, REQUESTER, STRANGER } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS } from '../stage/cleanup.ts';
import { CHANNEL, LIVE, OWNER, rule, startWarned, startWarnStage, TOLD_AT, UP_AT, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());


/** One job of the owner that the rule fits, warned of at one minute past noon. */
async function warned(policy = warnPolicy(), fields: Partial<SimulatedJob> = {}): Promise<SimulatedJob> {
  const begun = await startWarned(policy, fields);
  stage = begun.stage;
  expectNoKill(stage);
  return begun.job;
}

const texts = (): string[] => stage.cards().map(({ text }) => text);
const first = (): SlackMessage => stage.cards()[0] as SlackMessage;
const last = (): SlackMessage => stage.cards().at(-1) as SlackMessage;

/** What all messages say at the end, without any button. */
function expectAllSay(word: RegExp): void {
  for (const text of texts()) expect(text).toMatch(word);
  expect(stage.buttons().flat()).toEqual([]);
}

describe('a job of a rule that warns', () => {
  it('is warned of in the channel and with its owner, and killed when the time is up', async () => {
    await warned();
    expect(stage.cards().map(({ channel }) => channel)).toEqual([CHANNEL, 'D0OWNER01']);
    expect(stage.buttons()).toEqual(LIVE);
    await stage.goTo(UP_AT - 1_000);
    expectNoKill(stage);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expectAllSay(/^Killed/);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed', trigger: 'cleanup', policy_rule: 'long-adhoc' }]);
  });

  it('is kept by its owner, warned of again in a new message when that is over, and killed then', async () => {
    await warned();
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.idle();
    for (const text of texts()) expect(text).toMatch(/^Kept until .*14:11/);
    expect(stage.buttons().flat()).toEqual([]);
    const keptUntil = TOLD_AT + 10 * MINUTE_MS + 2 * HOUR_MS;
    await stage.goTo(keptUntil - 1);
    expect(stage.cards()).toHaveLength(2);
    expectNoKill(stage);
    await stage.goTo(keptUntil + 10_000);
    expect(stage.cards()).toHaveLength(4);
    expect(stage.buttons()).toEqual([[], [], ...LIVE]);
    expect(texts().slice(0, 2)).toEqual([expect.stringMatching(/newer warning/), expect.stringMatching(/newer warning/)]);
    await stage.goTo(keptUntil + 29 * MINUTE_MS);
    expectNoKill(stage);
    await stage.goTo(keptUntil + 40 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expectAllSay(/^Killed/);
  });

  it('is kept for what is left of keepAtMost, and then by an approver only', async () => {
    await warned(warnPolicy(rule('warn: 30m, keep: 2h, keepAtMost: 3h')));
    let at = TOLD_AT;
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo((at += 2 * HOUR_MS + 20_000));
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.idle();
    expect(last().text).toMatch(/^Kept until .*15:01/);
    await stage.goTo((at += HOUR_MS + 20_000));
    expect(stage.buttons().slice(-2)).toEqual(LIVE);
    expect(await stage.clickAndRead(last(), 'keep', OWNER)).toEqual([expect.stringMatching(/mayApprove/)]);
    expect(stage.buttons().slice(-2)).toEqual(LIVE);
    await stage.clickAndRead(stage.cards().at(-2) as SlackMessage, 'keep', APPROVER);
    await stage.idle();
    expect(last().text).toMatch(/^Kept until .*17:01/);
    expectNoKill(stage);
  });

  it('has used what it was kept before, also in a warning that a pause ended', async () => {
    await warned(warnPolicy(rule('warn: 30m, keep: 2h, keepAtMost: 2h')));
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + MINUTE_MS);
    await stage.type('pause for 1h');
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + 40 * MINUTE_MS);
    expectAllSay(/^Refused: paused/);
    await stage.cleanAt(TOLD_AT + 4 * HOUR_MS);
    expect(stage.buttons().slice(-2)).toEqual(LIVE);
    expect(await stage.clickAndRead(last(), 'keep', OWNER)).toEqual([expect.stringMatching(/mayApprove/)]);
    expectNoKill(stage);
  });

  it('is killed at once by a click on Kill now, which is a request of that person', async () => {
    await warned();
    await stage.clickAndRead(first(), 'kill-now', REQUESTER);
    await stage.goTo(TOLD_AT + 2 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expectAllSay(/^Killed/);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed', trigger: 'slack', requested_by: REQUESTER }]);
  });

  it('is not killed by who may not kill any more when their Kill now is carried out', async () => {
    await warned();
    const release = stage.hold();
    await stage.click(first(), 'kill-now', REQUESTER);
    stage.deploy(warnPolicy().replace(`mayKill: [${REQUESTER}]`, `mayKill: [${STRANGER}]`));
    release();
    await stage.goTo(TOLD_AT + 2 * MINUTE_MS);
    expectAllSay(/^Refused: mayKill/);
    expectNoKill(stage);
  });

  it('offers what Kill now would be where people only play', async () => {
    await warned(warnPolicy(rule(), 'dryRun: [slack]'));
    expect(JSON.stringify(first().blocks)).toContain('Dry run: would kill now');
    await stage.clickAndRead(first(), 'kill-now', REQUESTER);
    await stage.goTo(TOLD_AT + 2 * MINUTE_MS);
    expectAllSay(/^Would be killed/);
    expectNoKill(stage);
  });

  it('asks an approver after Kill now where the policy wants that, who is never the one who clicked', async () => {
    await warned(warnPolicy(rule(), 'ask: [{ match: { name: "nb-*" }, who: approver }]'));
    await stage.clickAndRead(first(), 'kill-now', REQUESTER);
    await stage.goTo(TOLD_AT + MINUTE_MS);
    expectNoKill(stage);
    expect(stage.buttons()).toEqual([[], [], ['kill', 'decline']]);
    await stage.clickAndRead(last(), 'kill', APPROVER);
    await stage.goTo(TOLD_AT + 3 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expectAllSay(/^Killed/);
  });

  it('that ends by itself is said to be over, and nothing was killed', async () => {
    const job = await warned();
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    await stage.goTo(UP_AT + MINUTE_MS);
    expectAllSay(/^(Already over|Ended by itself)/);
    expectNoKill(stage);
  });

  it('that ends while it is kept brings no new message, and nothing was killed', async () => {
    const job = await warned();
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + HOUR_MS);
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + MINUTE_MS);
    expect(stage.cards()).toHaveLength(2);
    expectAllSay(/^Already over/);
    expectNoKill(stage);
  });

  it.each<[what: string, policy: string, word: RegExp]>([
    ['the rule is gone', warnPolicy('  - { name: other, cluster: analytics, match: { name: "x-*" }, action: kill }'), /^Refused: changed/],
    ['the rule fits it no more', warnPolicy(rule('warn: 30m, keep: 2h', 'user: somebody-else')), /^Refused: changed/],
    ['the rule only tells people now', warnPolicy(rule('action: notify')), /^Refused: changed/],
    ['it is protected', warnPolicy(rule(), 'protected: [{ name: "nb-*" }]'), /^Refused: protected/],
    ['it is all a dry run', warnPolicy(rule(), 'dryRun: true'), /^Would be killed/],
  ])('is not killed where, meanwhile, %s', async (_, later, word) => {
    await warned();
    stage.deploy(later);
    await stage.goTo(UP_AT + MINUTE_MS);
    expectAllSay(word);
    expectNoKill(stage);
  });

  it('is not killed in a pause, and warned of anew by the next run after it', async () => {
    await warned();
    await stage.type('pause for 1h');
    await stage.goTo(UP_AT + MINUTE_MS);
    expectAllSay(/^Refused: paused/);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + 2 * HOUR_MS);
    expect(stage.buttons().slice(-2)).toEqual(LIVE);
  });

  it('has one warning however often the schedule runs', async () => {
    await warned(warnPolicy(rule('warn: 3h, keep: 2h')));
    for (const hours of [1, 2]) await stage.cleanAt(TOLD_AT + hours * HOUR_MS);
    expect(stage.cards()).toHaveLength(2);
    expect(stage.outcomes()).toEqual(['RUNNING']);
    expectNoKill(stage);
  });

  it('is warned of for the whole time from when Slack takes the message', async () => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    stage.simulator.fault({ on: 'slack', times: Infinity, when: () => stage.now() < TOLD_AT + 20 * MINUTE_MS, status: 503 });
    await stage.cleanAt(TOLD_AT);
    await stage.goTo(TOLD_AT + 21 * MINUTE_MS);
    expect(stage.buttons()).toEqual(LIVE);
    await stage.goTo(UP_AT + 19 * MINUTE_MS);
    expectNoKill(stage);
    await stage.goTo(UP_AT + 25 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expectAllSay(/^Killed/);
  });

  it('is not killed where Slack takes no message within the time, and warned of anew by the next run', async () => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    stage.simulator.fault({ on: 'slack', times: Infinity, when: () => stage.now() < TOLD_AT + 35 * MINUTE_MS, status: 503 });
    await stage.cleanAt(TOLD_AT);
    await stage.goTo(TOLD_AT + 40 * MINUTE_MS);
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'warn' }]);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.buttons().slice(-2)).toEqual(LIVE);
  });

  it('whose owner cannot be told is warned of in the channel alone, which says so', async () => {
    await warned(warnPolicy().replace('etl_dev: U0OWNER01', 'etl_dev: U0NOBODY01'));
    expect(stage.buttons()).toEqual([['keep', 'kill-now']]);
    expect(JSON.stringify(first().blocks)).toMatch(/owner could not be told/i);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
  });

  it('in a dry run is told of once, without buttons, and left alone', async () => {
    await warned(warnPolicy(rule(), 'dryRun: true'));
    expect(texts()).toEqual([expect.stringMatching(/would be killed at/i)]);
    expect(stage.buttons()).toEqual([[]]);
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expectAllSay(/^Would be killed \(dry run\)/);
    await stage.cleanAt(TOLD_AT + 3 * HOUR_MS);
    expect(stage.cards()).toHaveLength(1);
    expectNoKill(stage);
  });

  it('is kept by nobody else', async () => {
    await warned();
    expect(await stage.clickAndRead(first(), 'keep', STRANGER)).toEqual([expect.stringMatching(/^Refused/)]);
    expect(stage.buttons()).toEqual(LIVE);
    expectNoKill(stage);
  });
});
