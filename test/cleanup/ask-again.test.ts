import { afterEach, describe, expect, it } from '@jest/globals';
import type { RuleReport } from '../../lib/core/report.ts';
import type { SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, expectNoKill, REQUESTER } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, HOUR_MS, MINUTE_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

const rule = (more: string): string => `  - { name: big, cluster: analytics, match: { name: "nb-*" }, ${more} }`;

let stage: CleanupStage;
afterEach(() => stage.close());

/** One old notebook, and a rule for it. */
async function begin(more: string): Promise<string> {
  stage = await startCleanupStage(cleanupPolicy(rule(more)));
  return stage.addRunning('nb-old', 9).job_id;
}

/** A run of cleanup at that moment; what it says of the rule. Waits for what it started, as far as that goes without time. */
async function runAt(atMs: number): Promise<RuleReport | undefined> {
  stage.clock.advanceTo(atMs);
  stage.clock.stopAt(atMs);
  const { rules } = await stage.run();
  await stage.idle();
  return rules[0];
}

/** The messages about the job, oldest first. */
const cards = (): SlackMessage[] => stage.simulator.slack.messages().filter(({ text }) => !text.startsWith('*Cleanup'));
const actionsOf = (card: SlackMessage | undefined): string[] => (card ? buttonsOf(card).map(({ action_id: id = '' }) => id) : []);

/** Nothing is asked or told before `freeFromMs`, up to its last ms, and once from then on. */
async function expectLeftAloneUntil(freeFromMs: number, by: string): Promise<void> {
  const before = cards().length;
  for (const atMs of [stage.now() + 1, Math.floor((stage.now() + freeFromMs) / 2), freeFromMs - 1]) {
    expect(await runAt(atMs)).toMatchObject({ matched: 1, started: 0, repeated: 0, spared: [{ job: 'nb-old', by }] });
    expect(cards()).toHaveLength(before);
  }
  expect(await runAt(freeFromMs)).toMatchObject({ matched: 1, started: 1, spared: [] });
  expect(cards()).toHaveLength(before + 1);
  expect(actionsOf(cards().at(-1)).length).toBeGreaterThan(0);
  expectNoKill(stage);
}

// What stands in the ledger holds up to and including its last ms.
const AFTER = 1;

describe('a job that a rule asked about', () => {
  it('is a repeat while it is being asked, and nothing was killed', async () => {
    await begin('action: ask');
    expect(await runAt(NOON + 55 * MINUTE_MS)).toMatchObject({ started: 1, asked: 1 });
    expect(await runAt(NOON + 56 * MINUTE_MS)).toMatchObject({ started: 0, repeated: 1, spared: [] });
    expect(await runAt(NOON + 61 * MINUTE_MS)).toMatchObject({ started: 0, repeated: 1, spared: [] }); // another hour, another name
    expect(cards()).toHaveLength(1);
    expectNoKill(stage);
  });

  it.each([
    ['24 h by default', '', 24 * HOUR_MS],
    ['what the rule says', ', askAgain: 2h', 2 * HOUR_MS],
    ['no longer than an hour, where the rule says so', ', askAgain: 1h', HOUR_MS],
    ['the longest there is', ', askAgain: 14d', 14 * 24 * HOUR_MS],
  ])('and somebody declined is left alone to the ms: %s', async (_, more, askAgainMs) => {
    await begin(`action: ask${more}`);
    await runAt(NOON);
    await stage.clickAndRead(cards()[0] as SlackMessage, 'decline', APPROVER);
    expect(cards()[0]?.text).toMatch(/^Declined/);
    const until = new Date(NOON + askAgainMs).toISOString().slice(0, 16).replace('T', ' ');
    await expectLeftAloneUntil(NOON + askAgainMs + AFTER, `declined by ${APPROVER}, until ${until} UTC`);
  });

  it.each([['24 h', '', 24 * HOUR_MS], ['1 h', ', askAgain: 1h', HOUR_MS]])('and nobody answered is left alone from when its time was up: %s', async (_, more, askAgainMs) => {
    await begin(`action: ask${more}`);
    await runAt(NOON);
    const expiredAt = NOON + 15 * MINUTE_MS;
    stage.clock.stopAt(Infinity);
    stage.clock.advanceTo(expiredAt);
    await stage.idle();
    expect(cards()[0]?.text).toMatch(/^Expired/);
    const until = new Date(expiredAt + askAgainMs).toISOString().slice(0, 16).replace('T', ' ');
    await expectLeftAloneUntil(expiredAt + askAgainMs + AFTER, `nobody answered, until ${until} UTC`);
  });

  it('and somebody said yes is given back: where its kill failed, the next hour asks again', async () => {
    await begin('action: ask');
    stage.simulator.fault({ on: 'kill', times: Infinity, status: 403, body: { error_code: '0192', error_msg: 'no' } });
    await runAt(NOON);
    await stage.clickAndRead(cards()[0] as SlackMessage, 'kill', APPROVER);
    expect(cards()[0]?.text).toMatch(/^Failed/);
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ started: 1, asked: 1, spared: [] });
    expect(actionsOf(cards().at(-1))).toEqual(['kill', 'decline']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('and the job was paused after the yes is given back: a pause is no no', async () => {
    await begin('action: ask');
    await runAt(NOON);
    stage.env['PAUSED'] = 'true';
    await stage.clickAndRead(cards()[0] as SlackMessage, 'kill', APPROVER);
    expect(cards()[0]?.text).toMatch(/^Refused: paused/);
    expectNoKill(stage);
    stage.env['PAUSED'] = 'false';
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ started: 1, asked: 1, spared: [] });
  });

  it.each([
    ['Slack was down', { status: 503 }],
    ['Slack said that it never will be', { body: { ok: false, error: 'channel_not_found' } }],
  ])('on a card that never stood, since %s, was not asked about: the next hour asks, and nothing was killed', async (_, answer) => {
    await begin('action: ask');
    stage.simulator.fault({ on: 'slack', times: Infinity, ...answer });
    stage.clock.stopAt(Infinity);
    expect((await stage.run()).rules).toMatchObject([{ started: 1, asked: 1 }]);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['failed']);
    expect(cards()).toEqual([]);
    stage.simulator.clearFaults();
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ started: 1, asked: 1, spared: [] });
    expect(actionsOf(cards()[0])).toEqual(['kill', 'decline']);
    expectNoKill(stage);
  });

  it('is left alone by that rule, not by one of another name', async () => {
    await begin('action: ask');
    await runAt(NOON);
    await stage.clickAndRead(cards()[0] as SlackMessage, 'decline', APPROVER);
    stage.deploy(cleanupPolicy(rule('action: ask').replace('big', 'other')));
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ rule: 'other', started: 1, asked: 1, spared: [] });
    expectNoKill(stage);
  });
});

describe('a job that a rule told about', () => {
  it('is left alone from when its card came, to the ms', async () => {
    await begin('action: notify, askAgain: 12h');
    await runAt(NOON);
    expect(actionsOf(cards()[0])).toEqual(['start']);
    // Its button stands for 8 h; nobody clicks.
    stage.clock.stopAt(NOON + 9 * HOUR_MS);
    await stage.idle();
    stage.clock.advanceTo(NOON + 9 * HOUR_MS);
    expect(actionsOf(cards()[0])).toEqual([]);
    await expectLeftAloneUntil(NOON + 12 * HOUR_MS + AFTER, 'people were told of it, until 2026-11-23 00:00 UTC');
  });

  it('is left alone while its button stands, and told of again after an hour where the rule says so', async () => {
    await begin('action: notify, askAgain: 1h');
    await runAt(NOON);
    expect(actionsOf(cards()[0])).toEqual(['start']);
    await expectLeftAloneUntil(NOON + HOUR_MS + AFTER, 'people were told of it, until 2026-11-22 13:00 UTC');
  });

  it('is left alone where somebody clicked, and the kill failed', async () => {
    await begin('action: notify');
    await runAt(NOON);
    stage.simulator.fault({ on: 'kill', times: Infinity, status: 403, body: { error_code: '0192', error_msg: 'no' } });
    await stage.clickAndRead(cards()[0] as SlackMessage, 'start', REQUESTER);
    stage.clock.stopAt(NOON + 30 * MINUTE_MS);
    await stage.idle();
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ started: 0, spared: [{ job: 'nb-old', by: 'people were told of it, until 2026-11-23 12:00 UTC' }] });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('on a card that never stood was not told: the next hour tells, and nothing was killed', async () => {
    await begin('action: notify');
    stage.simulator.fault({ on: 'slack', times: Infinity, status: 503 });
    stage.clock.stopAt(NOON + 50 * MINUTE_MS);
    await stage.run();
    await stage.idle();
    expect(cards()).toEqual([]);
    stage.simulator.clearFaults();
    expect(await runAt(NOON + HOUR_MS)).toMatchObject({ started: 1, spared: [] });
    expect(cards().flatMap(actionsOf)).toEqual(['start']);
    expectNoKill(stage);
  });
});
