import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { type AlertStage, policyOf, startAlertStage } from '../stage/alerts.ts';

const MINUTE_MS = 60_000;
const rule = (pick = 'queue: adhoc', more = 'cluster: analytics, action: kill'): string => `  - { match: { alertname: MrsJobStuck }, pick: { ${pick} }, ${more} }`;

let stage: AlertStage;
beforeEach(() => begin());
afterEach(() => stage.close());

async function begin(rules = rule(), more = 'dryRun: false', env: Record<string, string> = {}): Promise<void> {
  stage = await startAlertStage(policyOf(rules, more), env);
}

async function restart(...args: Parameters<typeof begin>): Promise<void> {
  await stage.close();
  await begin(...args);
}

/** A job of the queue adhoc that has been running for so many hours. */
function add(job_name: string, hours: number, fields: Partial<SimulatedJob> = {}): SimulatedJob {
  const started_time = NOON - hours * HOUR_MS;
  return stage.simulator.addJob({ job_name, queue: 'adhoc', started_time, submitted_time: started_time - 5_000, ...fields });
}

const killed = (): string[] => stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted();

/** One alert, so long after noon; waits for all that comes of it. */
async function fireAt(ms: number, id: string): Promise<string> {
  stage.clock.advanceTo(Math.max(stage.clock.now(), NOON + ms));
  const { outcome } = await stage.alert({ id, labels: {} });
  await stage.outcomes();
  return outcome;
}

function expectNoKill(): void {
  expect([stage.simulator.kills(), stage.simulator.killed()]).toEqual([[], []]);
}

/** What keeps a pick from choosing, and what makes it pass. */
const HELD: [what: string, hold: () => Promise<void> | void, free: () => void, end: object][] = [
  ['found nothing', () => undefined, () => void add('late', 9), { outcome: 'not-found' }],
  ['was over percentOfRunning', async () => {
    await restart(rule('queue: adhoc, count: 2'));
    add('a', 9);
    add('b', 8);
  }, () => void ['x', 'y'].map((name) => add(name, 1, { queue: 'steady' })), { outcome: 'refused', rule: 'percentOfRunning' }],
  ['was paused by the setting', async () => {
    await restart(rule(), 'dryRun: false', { PAUSED: 'true' });
    add('a', 9);
  }, () => void (stage.env['PAUSED'] = 'false'), { outcome: 'refused', rule: 'paused' }],
];

describe.each(HELD)('a pick that %s', (_, hold, free, end) => {
  beforeEach(async () => {
    await hold();
    expect(await fireAt(0, 'a')).toBe('accepted');
    expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'end', end });
    expectNoKill();
    free();
  });

  it('gives the decision back: another alert picks at once', async () => {
    expect(await fireAt(1_000, 'b')).toBe('accepted');
    expect(killed()).not.toEqual([]);
  });

  it('picks at the repeat 5 min after its end, and not before', async () => {
    const endedAt = stage.clock.now();
    expect(await fireAt(endedAt + 5 * MINUTE_MS - 1 - NOON, 'a')).toBe('duplicate');
    expectNoKill();
    expect(await fireAt(endedAt + 5 * MINUTE_MS - NOON, 'a')).toBe('accepted');
    expect(killed()).not.toEqual([]);
  });
});

describe('a pick that could not read', () => {
  it('MRS gives the decision back: another alert picks at once, the repeat after its 15 min', async () => {
    add('a', 9);
    add('b', 8);
    stage.simulator.fault({ on: 'jobs', times: Infinity, status: 403, body: { error_code: '0192', error_msg: 'no' } });
    await fireAt(0, 'a');
    expect(stage.shown.at(-1)?.view).toMatchObject({ end: { outcome: 'failed' } });
    expectNoKill();
    stage.simulator.clearFaults();
    expect(await fireAt(15 * MINUTE_MS - 1, 'a')).toBe('duplicate');
    expect(await fireAt(15 * MINUTE_MS - 1, 'b')).toBe('accepted');
    expect(killed()).toEqual(['a']);
    // The repeat meets that choice now.
    expect(await fireAt(16 * MINUTE_MS, 'a')).toBe('duplicate');
    expect(killed()).toEqual(['a']);
  });

  it('what the ledger knows of the jobs fails, and nothing was killed; another alert picks', async () => {
    add('a', 9);
    stage.ledger.script = ({ on, partitions }) => (on === 'list' && partitions.some((partition) => partition.startsWith('name/')) ? 'fails' : undefined);
    await fireAt(0, 'a');
    expect(stage.shown.at(-1)?.view).toMatchObject({ end: { outcome: 'failed', code: 'ledger' } });
    expectNoKill();
    stage.ledger.script = () => undefined;
    expect(await fireAt(MINUTE_MS, 'b')).toBe('accepted');
    expect(killed()).toEqual(['a']);
  });

  it('its claim within 15 min fails, and nothing was killed', async () => {
    add('a', 9);
    stage.ledger.script = ({ on, partitions }) => (on === 'claim' && partitions.some((partition) => partition.startsWith('pick/')) ? 'fails' : undefined);
    await fireAt(0, 'a');
    expect(stage.shown.at(-1)?.view).toMatchObject({ end: { outcome: 'failed', code: 'ledger' } });
    expectNoKill();
  });
});

describe('a pick whose children all came to nothing', () => {
  it('of a job that ended by itself picks at the repeat 5 min later, after its cooldown of a minute', async () => {
    await restart(rule('queue: adhoc, cooldown: 1m'));
    const job = add('nine', 9);
    stage.simulator.fault({ on: 'job', times: Infinity, when: () => (stage.simulator.endJob(job.job_id, 'SUCCEEDED'), false) });
    expect(await fireAt(0, 'a')).toBe('accepted');
    const endedAt = stage.clock.now();
    stage.simulator.clearFaults();
    add('two', 2);
    expect(await fireAt(endedAt + 5 * MINUTE_MS - 1 - NOON, 'a')).toBe('duplicate');
    expectNoKill();
    expect(await fireAt(endedAt + 5 * MINUTE_MS - NOON, 'a')).toBe('accepted');
    expect(killed()).toEqual(['two']);
  });

  it('lets whoever met it pick 5 min later too', async () => {
    await restart(rule('queue: adhoc, cooldown: 1m'));
    const job = add('nine', 9);
    stage.simulator.fault({ on: 'job', times: Infinity, when: () => (stage.simulator.endJob(job.job_id, 'SUCCEEDED'), false) });
    await fireAt(0, 'a');
    expect(await fireAt(30_000, 'b')).toBe('duplicate');
    stage.simulator.clearFaults();
    add('two', 2);
    expect(await fireAt(5 * MINUTE_MS, 'b')).toBe('duplicate');
    expect(await fireAt(6 * MINUTE_MS, 'b')).toBe('accepted');
    expect(killed()).toEqual(['two']);
  });
});
