import { afterEach, expect, it } from '@jest/globals';
import { MINUTE_MS } from '../stage/cleanup.ts';
import { expectNoKill } from '../stage/slack.ts';
import { LIVE, startWarned, TOLD_AT, UP_AT, type WarnStage } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());

it('a warning whose time was up only because the clock was set forward expires, and the next run warns anew', async () => {
  ({ stage } = await startWarned());
  // Ten minutes of its thirty never ran.
  const jump = { from: TOLD_AT + 15 * MINUTE_MS, to: TOLD_AT + 25 * MINUTE_MS };
  stage.outside.clock.skippedMs = (since, until) => Math.max(0, Math.min(until, jump.to) - Math.max(since, jump.from));
  await stage.goTo(UP_AT + 5 * MINUTE_MS);
  expect(stage.ends()).toMatchObject([{ outcome: 'expired' }]);
  expect(JSON.stringify(stage.cards()[0]?.blocks)).toContain('the clock was set forward during the warning, so people did not have the whole 30 min; nothing was killed');
  expect(stage.cards().map(({ text }) => text)).toEqual([expect.stringMatching(/^Expired/), expect.stringMatching(/^Expired/)]);
  expect(stage.buttons().flat()).toEqual([]);
  expectNoKill(stage);

  await stage.cleanAt(TOLD_AT + 60 * MINUTE_MS);
  expect(stage.buttons().slice(2)).toEqual(LIVE);
  expectNoKill(stage);
  await stage.goTo(UP_AT + 65 * MINUTE_MS);
  expect(stage.simulator.killed()).toHaveLength(1); // this one had its time
});

it('a click counts, whatever the clock did', async () => {
  ({ stage } = await startWarned());
  stage.outside.clock.skippedMs = () => 10 * MINUTE_MS;
  const owners = stage.cards().at(-1);
  await stage.clickAndRead(owners as NonNullable<typeof owners>, 'keep', 'U0OWNER01');
  await stage.goTo(UP_AT + MINUTE_MS);
  for (const { text } of stage.cards()) expect(text).toMatch(/^Kept until/);
  expectNoKill(stage);
});
