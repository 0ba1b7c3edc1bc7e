import { afterEach, describe, expect, it } from '@jest/globals';
import { SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import { NOON } from '../core/a-job.ts';
import { type AlertStage, policyOf, startAlertStage } from '../stage/alerts.ts';

const MINUTE_MS = 60_000;
const POLICY = policyOf('  - { match: { alertname: MrsJobStuck }, action: kill }', 'dryRun: false\nlimits: { perHour: 1 }');

let stage: AlertStage;
afterEach(() => stage.close());

/** One alert about a job of its own; what its request came to. */
async function alertOne(id: string): Promise<string | undefined> {
  const { job_id } = stage.simulator.addJob();
  await stage.alert({ id, labels: { alertname: 'MrsJobStuck', job_id, cluster: 'analytics' } });
  return (await stage.outcomes()).at(-1);
}

/** Goes on by an hour and a minute, of which so much (min) never ran, and from then on is remembered. */
function setForward(skippedMin: number): void {
  stage.clock.advanceTo(stage.clock.now() + 61 * MINUTE_MS);
  const to = stage.clock.now();
  stage.outside.clock.skippedMs = (since, until) => Math.max(0, Math.min(until, to) - Math.max(since, to - skippedMin * MINUTE_MS));
}

describe('where the clock was set forward', () => {
  it.each([
    ['over the end of a pause, that holds on', 30, 'refused', 0],
    ['nowhere, a pause ends at its time', 0, 'killed', 1],
  ])('%s', async (_, skippedMin, outcome, kills) => {
    stage = await startAlertStage(POLICY);
    await stage.ledger.claim(switchKey, { owner: SWITCH_OWNER, start: 1, until: NOON + 60 * MINUTE_MS }, { now: NOON });
    setForward(skippedMin);
    expect(await alertOne('a-1')).toBe(outcome);
    expect(stage.simulator.kills()).toHaveLength(kills);
    if (kills > 0) return;
    stage.clock.advanceTo(stage.clock.now() + 30 * MINUTE_MS); // it has had its whole hour now
    expect(await alertOne('a-2')).toBe('killed');
  });

  it.each([
    ['the places of the hour are as full as they were', 30, 'refused', 1],
    ['and without that they are free', 0, 'killed', 2],
  ])('%s', async (_, skippedMin, outcome, kills) => {
    stage = await startAlertStage(POLICY);
    expect(await alertOne('a-1')).toBe('killed');
    setForward(skippedMin);
    expect(await alertOne('a-2')).toBe(outcome);
    expect(stage.simulator.kills()).toHaveLength(kills);
  });
});
