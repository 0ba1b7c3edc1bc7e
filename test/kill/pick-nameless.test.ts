import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { NOON, policyOf, type SlackStage, startSlackStage } from '../stage/slack.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RULES = `
ask: [{ trigger: slack, who: none }]
limits: { percentOfRunning: 100 }
alerts:
  - { match: { alertname: Crowd }, cluster: analytics, pick: { queue: adhoc, cooldown: 1m }, action: kill }
  - { match: { alertname: Newest }, cluster: analytics, pick: { queue: adhoc, order: newest, cooldown: 1m }, action: kill }
`;

let stage: SlackStage;
beforeEach(async () => {
  stage = await startSlackStage({ policy: policyOf({ more: `protected: [{ queue: gold }]${RULES}` }), simulator: { killDelayMs: 0 } });
});
afterEach(() => stage.close());

function add(job_name: string, hours: number, fields: Partial<SimulatedJob> = {}): SimulatedJob {
  const started_time = NOON - hours * HOUR_MS;
  return stage.simulator.addJob({ job_name, queue: 'adhoc', started_time, submitted_time: started_time - 5_000, ...fields });
}
async function fire(alertname: string, labels: Record<string, string> = {}): Promise<string> {
  const { outcome } = await stage.alert({ alertname, ...labels });
  await stage.idle();
  return outcome;
}
const later = (ms = 2 * MINUTE_MS): void => stage.clock.advanceTo(stage.now() + ms);
const stopAt = (ms: number): void => stage.clock.stopAt(NOON + ms);

describe('a job that has no name', () => {
  it('takes its place while it dies, and is not killed twice', async () => {
    add('', 9, { ignoresKill: true });
    stopAt(10_000);
    await fire('Crowd');
    expect(stage.simulator.kills()).toHaveLength(1);
    stopAt(3 * MINUTE_MS);
    later();
    await fire('Crowd');
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('that dies is the newest, and a newer one comes: that is no victim in its stead', async () => {
    add('', 9, { ignoresKill: true });
    stopAt(10_000);
    await fire('Newest');
    expect(stage.simulator.kills()).toHaveLength(1);
    add('two', 0.01);
    stopAt(3 * MINUTE_MS);
    later();
    await fire('Newest');
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});
