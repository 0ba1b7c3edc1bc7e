import { afterEach, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { type AlertStage, policyOf, startAlertStage } from '../stage/alerts.ts';

let stage: AlertStage;
afterEach(() => stage.close());
const fireAt = async (ms: number, id: string): Promise<string> => {
  stage.clock.advanceTo(Math.max(stage.clock.now(), NOON + ms));
  const { outcome } = await stage.alert({ id, labels: {} });
  await stage.outcomes();
  return outcome;
};

it('a pick whose kills could not be started gives the decision back: another alert picks', async () => {
  stage = await startAlertStage(policyOf('  - { match: { alertname: MrsJobStuck }, pick: { queue: adhoc, cooldown: 14d }, cluster: analytics, action: kill }'));
  stage.simulator.addJob({ job_name: 'a', queue: 'adhoc', started_time: NOON - HOUR_MS, submitted_time: NOON - HOUR_MS });
  stage.lambda.script = ({ executionName }) => (executionName.startsWith('alerts-live-') ? { status: 500, type: 'ServiceException' } : undefined);
  await fireAt(0, 'a');
  expect(stage.log().filter(({ message }) => message === 'kill request ended')).toMatchObject([{ outcome: 'failed', code: 'not_started' }]);
  expect(stage.simulator.kills()).toEqual([]);
  stage.lambda.script = () => undefined;
  await fireAt(2 * HOUR_MS, 'b');
  await fireAt(24 * HOUR_MS, 'c');
  await fireAt(200 * HOUR_MS, 'd');
  expect(stage.simulator.kills()).toHaveLength(1);
});

it('a pick whose kill was refused by the switch: another alert picks with its next repeat, not after 14 days', async () => {
  stage = await startAlertStage(policyOf('  - { match: { alertname: MrsJobStuck }, pick: { queue: adhoc, cooldown: 14d }, cluster: analytics, action: kill }'));
  stage.simulator.addJob({ job_name: 'a', queue: 'adhoc', started_time: NOON - HOUR_MS, submitted_time: NOON - HOUR_MS });
  // Paused between the choice and the kill.
  stage.lambda.script = ({ executionName }) => { if (executionName.startsWith('alerts-live-')) stage.env['PAUSED'] = 'true'; return undefined; };
  await fireAt(0, 'a');
  expect(stage.log().filter(({ message }) => message === 'kill request ended')).toMatchObject([{ outcome: 'refused', rule: 'paused' }]);
  stage.lambda.script = () => undefined;
  stage.env['PAUSED'] = 'false';
  for (const hours of [1, 2, 24, 25, 200]) await fireAt(hours * HOUR_MS, 'b');
  expect(stage.simulator.kills()).toHaveLength(1);
});
