import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptKey, nameKey } from '../../lib/ledger/keys.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, NOON, policyOf, REQUESTER, type SlackStage, startSlackStage } from '../stage/slack.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RULES = `
ask: [{ trigger: slack, who: none }]
limits: { percentOfRunning: 100 }
alerts:
  - { match: { alertname: Crowd }, cluster: analytics, pick: { queue: adhoc, cooldown: 1m }, action: kill }
  - { match: { alertname: Ask }, cluster: analytics, pick: { queue: adhoc, cooldown: 1m }, action: ask, askAgain: 2h }
  - { match: { alertname: Two }, cluster: analytics, pick: { queue: adhoc, count: 2, cooldown: 1m }, action: kill }
  - { match: { alertname: Newest }, cluster: analytics, pick: { queue: adhoc, order: newest, cooldown: 1m }, action: kill }
  - { match: { alertname: Tell }, cluster: analytics, pick: { queue: adhoc, cooldown: 1m }, action: notify, askAgain: 1h }
  - { match: { alertname: Streams }, cluster: analytics, pick: { type: flink, cooldown: 1m }, action: kill }
  - { match: { alertname: Pending }, cluster: analytics, pick: { queue: adhoc, pendingLongerThan: 1h, cooldown: 1m }, action: kill }
  - { match: { alertname: Stuck }, cluster: analytics, action: kill }
`;

let stage: SlackStage;
beforeEach(async () => {
  stage = await startSlackStage({ policy: policyOf({ more: RULES }), simulator: { killDelayMs: 0 } });
});
afterEach(() => stage.close());

/** A job of the queue adhoc that has been running for so many hours. */
function add(job_name: string, hours: number, fields: Partial<SimulatedJob> = {}): SimulatedJob {
  const started_time = NOON - hours * HOUR_MS;
  return stage.simulator.addJob({ job_name, queue: 'adhoc', started_time, submitted_time: started_time - 5_000, ...fields });
}

const killed = (): string[] => stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted();
const recorded = () => stage.log().filter(({ message }) => message === 'kill request ended');
const texts = (): string[] => stage.simulator.slack.messages().map(({ text }) => text);

/** Alerts of that name; waits for all that comes of it. */
async function fire(alertname: string, labels: Record<string, string> = {}): Promise<string> {
  const { outcome } = await stage.alert({ alertname, ...labels });
  await stage.idle();
  return outcome;
}

/** Past the cooldown of a minute, on which another alert picks. */
const later = (ms = 2 * MINUTE_MS): void => stage.clock.advanceTo(stage.now() + ms);

function expectNoKill(): void {
  expect([stage.simulator.kills(), stage.simulator.killed()]).toEqual([[], []]);
}

/** A kill that stands: time goes no further by itself than so long after noon. */
const stopAt = (ms: number): void => stage.clock.stopAt(NOON + ms);

describe('a job that dies by our hand takes its place of count, whoever asked:', () => {
  beforeEach(() => {
    add('nine', 9, { ignoresKill: true });
    add('two', 2);
    stopAt(10_000);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a person', async () => {
      await stage.type('kill nine');
    }],
    ['an alert that names it', () => fire('Stuck', { job_name: 'nine' })],
    ['the rule itself', () => fire('Crowd')],
  ])('%s; no second one in its stead', async (_, kill) => {
    await kill();
    await stage.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
    stopAt(3 * MINUTE_MS);
    later();
    await fire('Crowd');
    expect(recorded().at(-1)).toMatchObject({ outcome: 'not-found', end_reason: expect.stringMatching(/^no further job of analytics is picked: 1 job counts already: it is being killed, is being asked about, or people were told of it \(/) });
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('the newest was killed, and one that came after it is no victim in its stead', async () => {
    add('one', 1, { ignoresKill: true });
    await fire('Newest');
    expect(stage.simulator.kills()).toHaveLength(1);
    stopAt(3 * MINUTE_MS);
    later();
    add('later', 0.01);
    await fire('Newest');
    expect(recorded().at(-1)).toMatchObject({ outcome: 'not-found', end_reason: expect.stringMatching(/^no further job .*\(the newest job of analytics \(queue: adhoc\)/) });
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('a REST client; of two places one is left', async () => {
    const job = stage.simulator.jobs().find(({ job_name: name }) => name === 'nine');
    const now = stage.now();
    await stage.ledger.put([{ key: nameKey(ANALYTICS_ID, 'nine', job?.job_id ?? '', 'api-live-1'), value: { at: now }, until: now + HOUR_MS }]); // as kill by REST leaves it
    await fire('Two');
    expect(killed()).toEqual(['two']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});

describe('a job that this rule asks about', () => {
  let card: () => ReturnType<typeof stage.simulator.slack.messages>[number];
  beforeEach(async () => {
    add('nine', 9);
    add('two', 2);
    stopAt(10 * MINUTE_MS);
    await fire('Ask');
    card = () => stage.simulator.slack.messages().find(({ text }) => text.includes('nine')) ?? stage.card();
    expect(buttonsOf(card())).toHaveLength(2);
  });

  it('takes its place: nobody is asked about another one', async () => {
    later();
    await fire('Ask');
    expect(recorded().at(-1)).toMatchObject({ outcome: 'not-found' });
    expect(texts()).toHaveLength(2); // its card, and that none fits
    expectNoKill();
  });

  it('that was declined is left alone for askAgain: the next in order is asked about, and said', async () => {
    await stage.clickAndRead(card(), 'decline', APPROVER);
    later();
    await fire('Ask');
    expect(texts().at(-1)).toContain('two');
    expect(JSON.stringify(stage.simulator.slack.messages().at(-1)?.blocks)).toContain('left out: 1 left alone by this rule');
    expectNoKill();
    stopAt(Infinity);
    stage.clock.advanceTo(NOON + 2 * HOUR_MS + MINUTE_MS); // askAgain: 2h
    stopAt(2 * HOUR_MS + 2 * MINUTE_MS);
    await fire('Ask');
    expect(texts().at(-1)).toContain('nine');
    expectNoKill();
  });

  it('that another rule picks is that rule\'s own matter', async () => {
    await fire('Crowd');
    expect(killed()).toEqual(['nine']);
  });
});

describe('a job that this rule only tells people of', () => {
  beforeEach(async () => {
    add('nine', 9);
    add('two', 2);
    stopAt(10_000);
    await fire('Tell');
    expect(buttonsOf(stage.card())).toHaveLength(1);
  });

  it('takes its place until askAgain is over', async () => {
    const cards = (): number => texts().filter((text) => text.includes('nine')).length;
    for (const [minutes, expected] of [[2, 1], [59, 1], [61, 2]] as const) {
      stopAt(minutes * MINUTE_MS + 10_000);
      stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
      await fire('Tell');
      expect([minutes, cards()]).toEqual([minutes, expected]);
    }
    expect(texts().some((text) => text.includes('two'))).toBe(false);
    expectNoKill();
  });
});

describe('left out, and the next in order is meant:', () => {
  it.each<[what: string, alertname: string, prepare: () => Promise<void> | void, victim: string, said: string]>([
    ['what is protected', 'Crowd', () => void add('billing-9', 9), 'two', '1 refused by protected'],
    ['what MRS cannot stop', 'Crowd', () => void add('sql', 9, { job_type: 'SparkSql' }), 'two', '1 refused by SparkSql'],
    ['a Flink job', 'Crowd', () => void add('flink', 9, { job_type: 'Flink' }), 'two', '1 streaming'],
    ['SparkStreaming', 'Crowd', () => void add('streaming', 9, { job_type: 'SparkStreaming' }), 'two', '1 streaming'],
    ['a job without a type from MRS', 'Crowd', () => void add('untyped', 9, { job_type: '' }), 'two', '1 without a type from MRS'],
    ['what has not started', 'Crowd', () => void add('waiting', 9, { job_state: 'ACCEPTED', started_time: 0 }), 'two', '1 not started yet'],
    ['what began after the alert', 'Crowd', () => void add('new', 9, { submitted_time: NOON + 1 }), 'two', '1 newer than the alert'],
    ['what is kept', 'Crowd', () => keep(add('kept', 9)), 'two', '1 kept'],
    ['the re-run of what was killed within the hour', 'Crowd', () => killedWithin(50 * MINUTE_MS, 'nine', add('nine', 0.5)), 'two', ''],
  ])('%s', async (_, alertname, prepare, victim, said) => {
    await prepare();
    add('two', 2);
    expect(await fire(alertname)).toBe('accepted');
    expect(killed()).toEqual([victim]);
    if (said !== '') expect(stage.log().find(({ message }) => message === 'picked')).toMatchObject({ left_out: `left out: ${said}` });
  });

  it.each([
    ['a Flink job where the pick says flink', 'Streams', { job_type: 'Flink' }],
    ['what has not started where the pick has pendingLongerThan', 'Pending', { job_state: 'ACCEPTED', started_time: 0 }],
  ])('but not %s', async (_, alertname, fields) => {
    add('meant', 9, fields);
    await fire(alertname);
    expect(killed()).toEqual(['meant']);
  });

  it('and where that leaves none, the end says how many for what, and nothing was killed', async () => {
    await keep(add('kept', 9));
    add('flink-1', 9, { job_type: 'Flink' });
    add('flink-2', 9, { job_type: 'Flink' });
    await fire('Crowd');
    expect(recorded()).toMatchObject([{ outcome: 'not-found', end_reason: 'no job of analytics fits: the longest-running job of analytics (queue: adhoc); left out: 2 streaming, 1 kept' }]);
    expectNoKill();
  });
});

async function keep({ job_id }: SimulatedJob): Promise<void> {
  const at = stage.now();
  const value = { at, until: at + HOUR_MS, usedMs: HOUR_MS, by: REQUESTER, rule: 'long', job: { cluster: ANALYTICS_ID, job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } };
  await stage.ledger.put([{ key: keptKey(job_id, { name: 'long' }, 'warn-1', 1), value, until: at + HOUR_MS }]);
}

/** Another job of that name was killed so long ago. */
async function killedWithin(ms: number, name: string, { job_id }: SimulatedJob): Promise<void> {
  const at = stage.now() - ms;
  await stage.ledger.put([{ key: nameKey(ANALYTICS_ID, name, `${job_id.slice(0, -4)}dead`, 'slack-live-1'), value: { at }, until: at + 75 * MINUTE_MS }]);
}

describe('the re-run of a job that was killed within the hour', () => {
  let again: SimulatedJob;
  beforeEach(async () => {
    const first = add('etl', 9);
    expect(await fire('Stuck', { job_name: 'etl' })).toBe('accepted');
    expect(stage.simulator.killed()).toEqual([first.job_id]);
    stage.clock.advanceTo(NOON + 12 * MINUTE_MS);
    again = stage.simulator.addJob({ job_name: 'etl', queue: 'adhoc', submitted_time: NOON + 5 * MINUTE_MS, started_time: NOON + 5 * MINUTE_MS });
  });

  it('by its name is not-found: a newer run, and when the old one was killed', async () => {
    await fire('Stuck', { job_name: 'etl' });
    expect(recorded().at(-1)).toMatchObject({ outcome: 'not-found', end_reason: expect.stringContaining('a newer run; etl was killed 12 min ago') });
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('is left out by a pick, which says so', async () => {
    await fire('Crowd');
    expect(recorded().at(-1)).toMatchObject({ outcome: 'not-found', end_reason: expect.stringContaining('left out: 1 started again after a kill') });
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('is killed by an alert that names its id', async () => {
    await fire('Stuck', { job_id: again.job_id });
    expect(stage.simulator.killed()).toContain(again.job_id);
  });

  it('is killed by a person who names it', async () => {
    await stage.type('kill etl');
    await stage.idle();
    expect(stage.simulator.killed()).toContain(again.job_id);
  });

  it('is meant again an hour and a quarter after the POST', async () => {
    stage.clock.advanceTo(NOON + 76 * MINUTE_MS);
    await fire('Stuck', { job_name: 'etl' });
    expect(stage.simulator.killed()).toContain(again.job_id);
  });
});
