import { afterEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { expectNoKill, REQUESTER } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS, NOON } from '../stage/cleanup.ts';
import { OWNER, rule, startWarnStage, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());

const RULES = `
alerts:
  - { name: stuck, match: { alertname: Stuck }, warn: 30m, keep: 2h, keepAtMost: 4h, action: kill }
  - { name: hard, match: { alertname: Hard }, action: kill }
  - { name: crowd, match: { alertname: Crowd }, cluster: analytics, pick: { name: "nb-*" }, action: kill }`;
const POLICY = warnPolicy(`${rule()}\n  - { name: plain, cluster: dev, match: { name: "x-*" }, action: kill }`, RULES);
const TOLD_AT = NOON + MINUTE_MS;
const UP_AT = TOLD_AT + 30 * MINUTE_MS;

async function begin(policy = POLICY): Promise<SimulatedJob> {
  stage = await startWarnStage(policy);
  const job = stage.addRunning('nb-old', 9, { user: 'etl_dev' });
  await stage.goTo(TOLD_AT);
  return job;
}

const last = (): SlackMessage => stage.cards().at(-1) as SlackMessage;
/** The answer to `/mrs why` of the job. */
async function why(): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  await stage.type('why nb-old', { response_url: responseUrl });
  await stage.idle();
  return JSON.stringify(stage.simulator.slack.responses().filter(({ url }) => url === responseUrl));
}
const live = (): string[][] => stage.buttons().filter((actions) => actions.includes('kill-now'));

describe('an alert of a rule that warns', () => {
  it('warns once whatever repeats come, and kills when the time is up', async () => {
    const { job_id } = await begin();
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'accepted', policy_rule: 'stuck' });
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'duplicate' });
    expect(live()).toHaveLength(2);
    expectNoKill(stage);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'duplicate' });
    await stage.goTo(UP_AT + 24 * HOUR_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'duplicate' });
    expect(stage.cards()).toHaveLength(2);
  });

  it('that is resolved meanwhile is said to be, and nothing was killed', async () => {
    const { job_id } = await begin();
    await stage.fire({ alertname: 'Stuck', job_id });
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id }, { status: 'resolved' })).toMatchObject({ outcome: 'ignored' });
    expect(await why()).toMatch(/What holds it back.*warned by `stuck`: will be killed at <!date[^>]*>, unless somebody keeps it or its alert was resolved/);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    for (const { text } of stage.cards()) expect(text).toMatch(/^Refused: resolved/);
    expect(await why()).toMatch(/How the last request ended[^]*Refused: resolved/);
    expect(await why()).not.toContain('What holds it back');
    expectNoKill(stage);
  });

  it('that is resolved is not killed by Kill now either', async () => {
    const { job_id } = await begin();
    await stage.fire({ alertname: 'Stuck', job_id });
    await stage.fire({ alertname: 'Stuck', job_id }, { status: 'resolved' });
    await stage.clickAndRead(last(), 'kill-now', REQUESTER);
    await stage.goTo(TOLD_AT + 5 * MINUTE_MS);
    expect(last().text).toMatch(/^Refused: resolved/);
    expectNoKill(stage);
  });

  it('is a repeat where another of the rule warns of the job, and warns itself once that is over without a kill', async () => {
    const { job_id } = await begin();
    await stage.fire({ alertname: 'Stuck', job_id });
    expect(await stage.fire({ alertname: 'Stuck', job_id }, { fingerprint: 'f-2' })).toMatchObject({ outcome: 'accepted' });
    expect(live()).toHaveLength(2);
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'repeat' }]);
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id }, { fingerprint: 'f-2' })).toMatchObject({ outcome: 'duplicate' });
    await stage.fire({ alertname: 'Stuck', job_id }, { status: 'resolved' });
    await stage.goTo(UP_AT + 2 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id }, { fingerprint: 'f-2' })).toMatchObject({ outcome: 'duplicate' });
    await stage.goTo(UP_AT + 8 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id }, { fingerprint: 'f-2' })).toMatchObject({ outcome: 'accepted' });
    expect(live()).toHaveLength(2);
    expectNoKill(stage);
  });

  it('starts anew after a pause that held its kill', async () => {
    const { job_id } = await begin();
    await stage.fire({ alertname: 'Stuck', job_id });
    await stage.type('pause for 1h');
    await stage.goTo(TOLD_AT + 45 * MINUTE_MS);
    expect(stage.cards()[0]?.text).toMatch(/^Refused: paused/);
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'duplicate' });
    await stage.goTo(TOLD_AT + 70 * MINUTE_MS);
    expect(await stage.fire({ alertname: 'Stuck', job_id })).toMatchObject({ outcome: 'accepted' });
    expect(live()).toHaveLength(2);
    expectNoKill(stage);
  });

  it.each([
    ['its rule does not warn any more', RULES.replace('warn: 30m, keep: 2h, keepAtMost: 4h, ', '')],
    ['another rule takes it first, that does not warn', RULES.replace('alerts:', 'alerts:\n  - { name: first, match: { alertname: "*" }, action: kill }')],
    ['no rule takes it', RULES.replace('alertname: Stuck', 'alertname: Other')],
  ])('is not killed where, meanwhile, %s', async (_, rules) => {
    const { job_id } = await begin();
    await stage.fire({ alertname: 'Stuck', job_id });
    stage.deploy(warnPolicy(rule(), rules));
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    for (const { text } of stage.cards()) expect(text).toMatch(/^Refused: changed/);
    expectNoKill(stage);
  });
});

describe('a job that is kept', () => {
  /** Kept from noon on for two hours. */
  async function keep(): Promise<SimulatedJob> {
    const job = await begin();
    await stage.cleanAt(TOLD_AT);
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    expect(last().text).toMatch(/^Kept until/);
    return job;
  }

  it('is not warned of by another rule, nor picked, and nothing was killed', async () => {
    const { job_id } = await keep();
    await stage.fire({ alertname: 'Stuck', job_id });
    await stage.fire({ alertname: 'Crowd' }, { fingerprint: 'f-9' });
    await stage.goTo(TOLD_AT + HOUR_MS);
    expect(live()).toEqual([]);
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'kept' }, { outcome: 'not-found' }]);
    expectNoKill(stage);
  });

  it('is killed for an alert that names it and does not warn', async () => {
    const { job_id } = await keep();
    await stage.fire({ alertname: 'Hard', job_id }, { fingerprint: 'f-8' });
    await stage.goTo(TOLD_AT + 15 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
  });

  it('is spared by the runs of cleanup meanwhile', async () => {
    await keep();
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.reports().at(-1)?.text).toMatch(/left alone: `nb-old` \(kept/);
    expect(stage.cards()).toHaveLength(2);
    expectNoKill(stage);
  });
});
