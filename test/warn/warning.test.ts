import { afterEach, describe, expect, it } from '@jest/globals';
import type { SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, expectNoKill, REQUESTER, STRANGER } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, HOUR_MS, MINUTE_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

const OWNER = 'U0OWNER01';
const RIGHTS = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: C0123456789, people: { etl_dev: ${OWNER} } }`;
const rule = (more = ''): string => `  - { name: long-adhoc, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, warn: 30m, keep: 2h, keepAtMost: 4h, action: kill${more} }`;
export const policy = (more = '', top = ''): string => cleanupPolicy(rule(more), top).replace(/^slack: .*$/m, `slack: ${RIGHTS}`);

let stage: CleanupStage;
afterEach(() => stage.close());

async function goTo(atMs: number): Promise<void> {
  stage.clock.stopAt(atMs);
  stage.clock.advanceTo(atMs);
  await stage.idle();
}

async function runAt(atMs: number): Promise<void> {
  await goTo(atMs);
  await stage.run();
  await stage.idle();
}

const cards = (): SlackMessage[] => stage.simulator.slack.messages().filter(({ text }) => !text.startsWith('*Cleanup'));
const buttons = (card: SlackMessage | undefined): string[] => (card ? buttonsOf(card).map(({ action_id: id = '' }) => id) : []);

describe('a job of a rule that warns', () => {
  it('is warned of in the channel and with its owner, and killed when the time is up', async () => {
    stage = await startCleanupStage(policy(), { slack: { users: [OWNER, REQUESTER, APPROVER] } });
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    await runAt(NOON + MINUTE_MS);
    expect(cards().map(({ channel }) => channel)).toEqual(['C0123456789', expect.any(String)]);
    expect(cards().map(buttons)).toEqual([['keep', 'kill-now'], ['keep', 'kill-now']]);
    expectNoKill(stage);
    await goTo(NOON + 31 * MINUTE_MS - 1_000);
    expectNoKill(stage);
    await goTo(NOON + 31 * MINUTE_MS + 10_000);
    await goTo(NOON + 33 * MINUTE_MS);
    console.log(cards().map(({ channel, text }) => [channel, text]), stage.outcomes());
    expect(stage.simulator.killed()).toHaveLength(1);
    expect(cards().map(({ text }) => text)).toEqual([expect.stringMatching(/^Killed/), expect.stringMatching(/^Killed/)]);
    expect(cards().flatMap(buttons)).toEqual([]);
  });
});
void [HOUR_MS, STRANGER];
