import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { ALERTMANAGER_TOKEN, type AlertStage, DEV_ID, policyOf, startAlertStage } from '../stage/alerts.ts';

const MINUTE_MS = 60_000;
const rule = (pick = 'queue: adhoc', more = 'cluster: analytics, action: kill', name = 'MrsJobStuck'): string => `  - { match: { alertname: ${name} }, pick: { ${pick} }, ${more} }`;

let stage: AlertStage;
beforeEach(() => begin(rule()));
afterEach(() => stage.close());

/** Six jobs of the queue adhoc, `job-6` the longest-running, on a house with these rules. */
async function begin(rules: string, more = 'dryRun: false', env: Record<string, string> = {}): Promise<void> {
  stage = await startAlertStage(policyOf(rules, more), env);
  for (let job = 1; job <= 6; job++) add(`job-${job}`, job);
}

async function restart(...args: Parameters<typeof begin>): Promise<void> {
  await stage.close();
  await begin(...args);
}

function add(job_name: string, hours: number, fields: Partial<SimulatedJob> = {}): SimulatedJob {
  const started_time = NOON - hours * HOUR_MS;
  return stage.simulator.addJob({ job_name, queue: 'adhoc', started_time, submitted_time: started_time - 5_000, ...fields });
}

const fire = (id: string, fields: object = {}) => stage.alert({ id, labels: {}, ...fields });
const ends = (): End[] => stage.shown.flatMap(({ view }) => (view.stage === 'end' ? [view.end] : []));
const killed = (): string[] => stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted();
/** Of all requests, those that nobody is told of too. */
const recorded = () => stage.log().filter(({ message }) => message === 'kill request ended');

/** One alert, so long after noon; waits for all that comes of it. */
async function fireAt(ms: number, id: string, fields: object = {}): Promise<string> {
  stage.clock.advanceTo(NOON + ms);
  const { outcome } = await fire(id, fields);
  await stage.outcomes();
  return outcome;
}

/** One delivery of Alertmanager, of alerts with these labels; gives their entries of the answer. */
async function fireAll(...labels: Record<string, string>[]) {
  const alerts = labels.map((more, index) => ({ status: 'firing', startsAt: '2026-03-01T11:00:00Z', fingerprint: `f-${index}`, labels: { alertname: 'MrsJobStuck', ...more } }));
  const { body } = await stage.deliver({ version: '4', status: 'firing', alerts }, { line: 'POST /alerts/alertmanager', headers: { authorization: `Bearer ${ALERTMANAGER_TOKEN}` } });
  return body.results ?? [];
}

function expectNoKill(): void {
  expect([stage.simulator.kills(), stage.simulator.killed()]).toEqual([[], []]);
}

describe('of several alerts that lead to one pick', () => {
  it('in one delivery the first is accepted, the others are duplicates of it, and one job is killed', async () => {
    const [first, ...others] = await fireAll({ pod: 'a' }, { pod: 'b' }, { pod: 'c' });
    expect(first).toMatchObject({ outcome: 'accepted', kill_id: expect.any(String), target: { cluster: 'analytics' } });
    expect(others).toHaveLength(2);
    for (const other of others) expect(other).toMatchObject({ outcome: 'duplicate', kill_id: first?.kill_id, target: { cluster: 'analytics' } });
    await stage.outcomes();
    expect(killed()).toEqual(['job-6']);
    expect(ends().map(({ outcome }) => outcome)).toEqual(['killed']);
    expect(recorded().map(({ outcome, rule: by }) => [outcome, by].map(String).join(' ')).toSorted((a, b) => a.localeCompare(b))).toEqual(['killed undefined', 'refused repeat', 'refused repeat']);
  });

  it('the later one is a duplicate for the whole cooldown, and says whose choice holds', async () => {
    const { kill_id: first } = await fire('a');
    await stage.outcomes();
    stage.clock.advanceTo(NOON + 3 * MINUTE_MS);
    expect(await fire('b')).toMatchObject({ outcome: 'duplicate', kill_id: first, reason: 'alerts.0 picked 1 job of analytics 3 min ago', target: { cluster: 'analytics' } });
    await stage.outcomes();
    expect(recorded().at(-1)).toMatchObject({ outcome: 'refused', rule: 'repeat', end_reason: 'repeat: alerts.0 picked 1 job of analytics 3 min ago' });
    expect(killed()).toEqual(['job-6']);
  });

  it.each([
    ['15 min by default', 'queue: adhoc', 15 * MINUTE_MS],
    ['what the rule says', 'queue: adhoc, cooldown: 2h', 2 * HOUR_MS],
    ['less than the 5 min of the claim', 'queue: adhoc, cooldown: 1m', MINUTE_MS],
  ])('nobody else is picked up to the last ms of the cooldown, and the next one right after it: %s', async (_, pick, cooldownMs) => {
    await restart(rule(pick));
    expect(await fireAt(0, 'a')).toBe('accepted');
    expect(await fireAt(cooldownMs, 'b')).toBe('duplicate');
    expect(killed()).toEqual(['job-6']);
    expect(await fireAt(cooldownMs + 1, 'c')).toBe('accepted');
    expect(killed()).toEqual(['job-5', 'job-6']);
  });

  it('the same occurrence never picks again, at any distance', async () => {
    const outcomes = [];
    for (const minutes of [0, 1, 16, 60, 24 * 60, 10 * 24 * 60]) outcomes.push(await fireAt(minutes * MINUTE_MS, 'a'));
    expect(outcomes).toEqual(['accepted', 'duplicate', 'duplicate', 'duplicate', 'duplicate', 'duplicate']);
    expect(killed()).toEqual(['job-6']);
  });

  it('who met a choice that killed is a duplicate for good, after the cooldown too', async () => {
    await fireAt(0, 'a');
    await fireAt(MINUTE_MS, 'b');
    expect([await fireAt(20 * MINUTE_MS, 'b'), await fireAt(24 * HOUR_MS, 'b')]).toEqual(['duplicate', 'duplicate']);
    expect(killed()).toEqual(['job-6']);
  });

  it('two that are decided at the same moment are one: the second waits until the first has chosen', async () => {
    const release = stage.hold();
    expect([(await fire('a')).outcome, (await fire('b')).outcome]).toEqual(['accepted', 'accepted']); // nobody has chosen yet
    release();
    await stage.outcomes();
    expect(killed()).toEqual(['job-6']);
    expect(recorded().map(({ rule: by }) => by)).toContain('repeat');
  });

  it('the door that cannot read the claim says accepted, and one job is killed', async () => {
    await fireAt(0, 'a');
    stage.ledger.script = ({ by, partitions }) => (by === 'alerts' && partitions.some((partition) => partition.startsWith('pick/')) ? 'fails' : undefined);
    expect(await fireAt(MINUTE_MS, 'b')).toBe('accepted');
    expect(killed()).toEqual(['job-6']);
  });
});

describe('one decision is of one rule and one cluster', () => {
  it('a rule that only moved to another place of the policy is the same', async () => {
    await fireAt(0, 'a');
    stage.deploy(policyOf(`${rule('queue: gold', 'cluster: analytics, action: kill', 'Other')}\n${rule()}`));
    expect(await fireAt(MINUTE_MS, 'b')).toBe('duplicate');
    expect(killed()).toEqual(['job-6']);
  });

  it('two rules with another content are two', async () => {
    await restart(`${rule()}\n${rule('queue: adhoc, order: newest', 'cluster: analytics, action: kill', 'Other')}`);
    await fireAt(0, 'a');
    expect(await fireAt(MINUTE_MS, 'b', { labels: { alertname: 'Other' } })).toBe('accepted');
    expect(killed()).toEqual(['job-1', 'job-6']);
  });

  it('two clusters are two, and each alert of a delivery is told of its own', async () => {
    await restart(rule('queue: adhoc', 'action: kill'));
    add('there', 1, { cluster_id: DEV_ID });
    const results = await fireAll({ cluster: 'analytics' }, { cluster: 'dev' }, { cluster: 'analytics', pod: 'b' });
    expect(results.map(({ outcome, target }) => [outcome, target?.cluster])).toEqual([['accepted', 'analytics'], ['accepted', 'dev'], ['duplicate', 'analytics']]);
    await stage.outcomes();
    expect(killed()).toEqual(['job-6', 'there']);
  });

  it('a dry run has one of its own: it holds back no live pick', async () => {
    await restart(rule(), 'dryRun: true');
    await fireAt(0, 'a');
    expect(recorded().map(({ outcome }) => outcome)).toEqual(['would-kill']);
    expectNoKill();
    stage.deploy(policyOf(rule()));
    expect(await fireAt(MINUTE_MS, 'b')).toBe('accepted');
    expect(killed()).toEqual(['job-6']);
  });
});

describe('of one occurrence of an alert, whatever its sender says of it later', () => {
  const datadog = (): string => `  - { source: datadog, match: { alertname: MrsJobStuck }, pick: { queue: adhoc }, cluster: analytics, action: kill }`;

  /** What Datadog posts of one cycle, so long after noon; waits for all that comes of it. */
  async function post(ms: number, transition: string, cycle = '6101214512'): Promise<Record<string, unknown>> {
    stage.clock.advanceTo(NOON + ms);
    const { body } = await stage.deliver({ alert_cycle_key: cycle, transition, alertname: 'MrsJobStuck' }, { line: 'POST /alerts/datadog' });
    await stage.outcomes();
    return (body.results ?? [])[0] as Record<string, unknown>;
  }

  beforeEach(() => restart(datadog()));

  it.each([16 * MINUTE_MS, 24 * HOUR_MS, 13 * 24 * HOUR_MS])('%d ms after the first, long after its cooldown, one job is picked', async (ms) => {
    const { kill_id: first } = await post(0, 'Triggered');
    expect(killed()).toEqual(['job-6']);
    for (const [index, transition] of ['Re-Triggered', 'Renotify', 'Warn'].entries()) {
      expect(await post(ms + index * MINUTE_MS, transition)).toMatchObject({ outcome: 'duplicate', kill_id: first, reason: expect.stringMatching(/^alerts\.0 picked 1 job of analytics .* ago$/) });
    }
    expect(killed()).toEqual(['job-6']);
    expect(recorded().at(-1)).toMatchObject({ outcome: 'refused', rule: 'repeat' });
  });

  it('another cycle picks, once the cooldown is over', async () => {
    await post(0, 'Triggered');
    expect(await post(16 * MINUTE_MS, 'Triggered', '6101214513')).toMatchObject({ outcome: 'accepted' });
    expect(killed()).toEqual(['job-5', 'job-6']);
  });

  it('where the first choice came to nothing, the later news picks', async () => {
    stage.simulator.fault({ on: 'job', times: Infinity, status: 503 });
    await post(0, 'Triggered');
    expectNoKill();
    stage.simulator.clearFaults();
    await post(40 * MINUTE_MS, 'Renotify');
    expect(killed()).toEqual(['job-6']);
    await post(80 * MINUTE_MS, 'Renotify 2');
    expect(killed()).toEqual(['job-6']);
  });
});

describe('a choice whose claim was over before the ledger took it', () => {
  it('is carried out, and holds from then on for its cooldown: nobody else picks beside it', async () => {
    await restart(rule('queue: adhoc, cooldown: 5m'));
    let claims = 0;
    stage.ledger.script = ({ on, partitions }) => (on === 'claim' && partitions.some((partition) => partition.startsWith('pick/')) && ++claims > 1 && stage.clock.now() < NOON + 6 * MINUTE_MS ? 'fails' : undefined);
    expect(await fireAt(0, 'a')).toBe('accepted');
    expect(claims).toBeGreaterThan(2);
    expect(killed()).toEqual(['job-6']);
    const began = stage.clock.now();
    expect(began).toBeGreaterThan(NOON + 6 * MINUTE_MS);
    expect(await fireAt(10 * MINUTE_MS + 59_000, 'b')).toBe('duplicate');
    expect(killed()).toEqual(['job-6']);
    expect(await fireAt(began - NOON + 6 * MINUTE_MS, 'c')).toBe('accepted');
    expect(killed()).toEqual(['job-5', 'job-6']);
  });
});
