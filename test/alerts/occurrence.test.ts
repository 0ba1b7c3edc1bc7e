import { afterEach, describe, expect, it } from '@jest/globals';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, policyOf, type SlackStage, startSlackStage } from '../stage/slack.ts';

const MINUTE_MS = 60_000;
let stage: SlackStage;
afterEach(() => stage.close());
const begin = async (rule: string): Promise<string> => {
  stage = await startSlackStage({ policy: policyOf({ more: `alerts:\n  - ${rule}` }), simulator: { killDelayMs: 0 } });
  const at = stage.now() - 3_600_000;
  stage.clock.stopAt(stage.now() + 10_000);
  return stage.simulator.addJob({ job_name: 'etl', started_time: at, submitted_time: at }).job_id;
};
const deliver = async (source: string, body: unknown): Promise<string[]> => {
  const { body: answer } = await stage.call(`POST /alerts/${source}`, { headers: { authorization: 'Bearer alert-token-of-this-test' }, body: JSON.stringify(body) }) as { body: { results?: { outcome: string }[] } };
  await stage.idle();
  return (answer.results ?? []).map(({ outcome }) => outcome);
};
const cards = () => stage.simulator.slack.messages().filter((message) => buttonsOf(message).length > 0);

describe('Datadog: one occurrence is asked about once', () => {
  const fired = (transition: string, job: string) => ({ alert_cycle_key: '58', transition, title: `[${transition}] stuck`, tags: 'alertname:Stuck', mrs_job_id: job });
  it('while the question stands, a Renotify of the same cycle does not ask again', async () => {
    const job = await begin('{ match: { alertname: Stuck }, cluster: analytics, action: ask }');
    expect(await deliver('datadog', fired('Triggered', job))).toEqual(['accepted']);
    expect(cards().length).toBe(1);
    await deliver('datadog', fired('Renotify', job));
    expect(cards().length).toBe(1);
  });
  it('after a no, a Renotify of the same cycle does not ask again', async () => {
    const job = await begin('{ match: { alertname: Stuck }, cluster: analytics, action: ask }');
    await deliver('datadog', fired('Triggered', job));
    await stage.clickAndRead(cards()[0] ?? stage.card(), 'decline', APPROVER);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['declined']);
    await deliver('datadog', fired('Renotify', job));
    expect(cards().length).toBe(0);
    expect(stage.simulator.kills().length).toBe(0);
  });
});

describe('a resolved alert holds back the kill that waits', () => {
  const approve = async (): Promise<void> => {
    await stage.clickAndRead(cards()[0] ?? stage.card(), 'kill', APPROVER);
    stage.clock.stopAt(stage.now() + 20 * MINUTE_MS);
    await stage.idle();
  };
  it('guard: generic, with its labels', async () => {
    const job = await begin('{ match: { alertname: Stuck }, cluster: analytics, action: ask }');
    await deliver('generic', { id: 'a', labels: { alertname: 'Stuck', mrs_job_id: job } });
    expect(await deliver('generic', { id: 'a', status: 'resolved', labels: { alertname: 'Stuck' } })).toEqual(['ignored']);
    await approve();
    expect(stage.simulator.kills().length).toBe(0);
  });
  it('generic: a resolved that has no labels', async () => {
    const job = await begin('{ match: { alertname: Stuck }, cluster: analytics, action: ask }');
    await deliver('generic', { id: 'a', labels: { alertname: 'Stuck', mrs_job_id: job } });
    expect(await deliver('generic', { id: 'a', status: 'resolved' })).toEqual(['ignored']);
    await approve();
    expect(stage.simulator.kills().length).toBe(0);
  });
  it.each([
    ['summary', 'summary: "[Triggered]*"', {}],
    ['a field of its own', 'alert_type: error', { alert_type: ['error', 'success'] }],
    ['alert_status', 'alert_status: "*is above*"', { alert_status: ['x is above 3', 'x is below 3'] }],
  ] as [string, string, Record<string, string[]>][])('datadog: a rule that looks at %s, which says the state', async (_, match, more) => {
    const job = await begin(`{ match: { alertname: Stuck, ${match} }, cluster: analytics, action: ask }`);
    const body = (transition: string, which: number) => ({ alert_cycle_key: '58', transition, title: `[${transition}] stuck`, tags: 'alertname:Stuck', mrs_job_id: job, ...Object.fromEntries(Object.entries(more).map(([k, v]) => [k, v[which]])) });
    expect(await deliver('datadog', body('Triggered', 0))).toEqual(['accepted']);
    expect(await deliver('datadog', body('Recovered', 1))).toEqual(['ignored']);
    await approve();
    expect(stage.simulator.kills().length).toBe(0);
  });
});
