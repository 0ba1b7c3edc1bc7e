import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Looked } from '../../lib/kill/look.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { type Fault, type SimulatedJob, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { ANALYTICS, DEV, lookIn } from './mrs-of-simulator.ts';

const JOB_ID = '431b135e-c090-489f-b1db-0abe3822b855';
const OTHER_ID = '7c1d0a52-6e0b-4b8e-9a57-3f0e6d1f2a90';
const BOTH = [ANALYTICS, DEV];

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ parts: ['mrs'], now: () => NOON });
});
afterEach(async () => {
  await simulator.close();
  // Looking only reads, whatever it finds.
  expect(simulator.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  expect(simulator.killed()).toEqual([]);
});

const byName = (name: string, clusters = BOTH): Promise<Looked> => lookIn(simulator, { job: { by: 'name', name } }, clusters);
const byYarnId = (id: string, clusters = BOTH): Promise<Looked> => lookIn(simulator, { job: { by: 'yarn-id', id } }, clusters);
const byMrsId = (id: string, clusters = BOTH): Promise<Looked> => lookIn(simulator, { job: { by: 'mrs-id', id } }, clusters);

/** Jobs named etl, running in analytics, but for the given fields. */
function addEtl(...jobs: (Partial<SimulatedJob> | undefined)[]): SimulatedJob[] {
  return jobs.map((fields) => simulator.addJob({ job_name: 'etl', ...fields }));
}
function addMany(count: number, fields: (number: number) => Partial<SimulatedJob> = () => ({})): void {
  for (let number = 1; number <= count; number++) simulator.addJob({ submitted_time: NOON - HOUR_MS + number, ...fields(number) });
}

describe('more jobs than one page holds', () => {
  it('are all read: the one that is meant may be the last of 250', async () => {
    addMany(249);
    const [last] = addEtl({ submitted_time: NOON });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'one', job: { job_id: last?.job_id } });
    expect(simulator.requests.map(({ query }) => [query['limit'], query['offset'], query['sort_by'], query['job_result']])).toEqual(
      ['1', '2', '3'].map((page) => ['100', page, 'asc', 'UNDEFINED']),
    );
  });

  it('do not hide a second run on another page, and nothing was killed', async () => {
    addEtl({ submitted_time: NOON - 2 * HOUR_MS });
    addMany(120);
    addEtl({ submitted_time: NOON });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'several' });
  });

  it('do not hide a YARN id on a later page', async () => {
    addMany(150, (number) => ({ app_id: `application_1564622673393_${5_000 + number}` }));
    expect(await byYarnId('application_1564622673393_5150', [ANALYTICS])).toMatchObject({ found: 'one' });
  });

  it('that are over do not count: a job is found behind a thousand ended ones', async () => {
    addMany(1_000, () => ({ job_state: 'FINISHED' }));
    const [etl] = addEtl({ submitted_time: NOON - 2 * HOUR_MS });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'one', job: { job_id: etl?.job_id } });
    expect(simulator.requests).toHaveLength(1);
  });
});

describe('where MRS refuses the filter by result', () => {
  const NO_RESULT_FILTER: Fault = {
    on: 'jobs',
    times: Infinity,
    when: ({ query }) => query['job_result'] !== undefined,
    status: 400,
    body: { error_code: 'MRS.0002', error_msg: 'The parameter is invalid.' },
  };
  beforeEach(() => simulator.fault(NO_RESULT_FILTER));

  it('one list for each state is read instead', async () => {
    const [etl] = addEtl({ job_state: 'ACCEPTED' });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'one', job: { job_id: etl?.job_id } });
    const states = simulator.requests.filter(({ answeredStatus }) => answeredStatus === 202).map(({ query }) => query['job_state']);
    expect(states).toEqual(['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING']);
  });

  it('each list is read to its end', async () => {
    addMany(130);
    const [last] = addEtl({ submitted_time: NOON });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'one', job: { job_id: last?.job_id } });
  });

  it('two runs in different states are still ambiguous, and nothing was killed', async () => {
    addEtl({ job_state: 'NEW' }, { job_state: 'RUNNING' });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'several' });
  });

  it('a job that was killed but still copies its logs is over there too, and nothing was killed', async () => {
    addEtl({ job_state: 'RUNNING', job_result: 'KILLED' });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'none' });
  });

  it('one list that cannot be read fails all of it, and nothing was killed', async () => {
    addEtl({ job_state: 'RUNNING' });
    simulator.fault({ on: 'jobs', times: Infinity, when: ({ query }) => query['job_state'] === 'SUBMITTED', status: 403 });
    await expect(byName('etl', [ANALYTICS])).rejects.toThrow(UpstreamFailed);
  });
});

describe('where MRS ignores the filters', () => {
  it('jobs that are over are still left out, and nothing was killed', async () => {
    const row = { job_name: 'etl', job_result: 'SUCCEEDED', submitted_time: '1772362783000' };
    const job_list = [{ ...row, job_id: JOB_ID, job_state: 'FINISHED' }, { ...row, job_id: OTHER_ID, job_state: 'KILLED', job_result: '' }];
    simulator.fault({ on: 'jobs', status: 202, body: { total_record: '2', job_list } });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'none' });
  });
});

describe('a cluster that cannot be read', () => {
  const inDev: Fault['when'] = ({ path }) => path.includes(DEV.id);
  const FAULTS: [string, Partial<Fault>][] = [
    ['500', { status: 500 }],
    ['503 without a body', { status: 503 }],
    ['403', { status: 403, body: { error_code: 'APIGW.0302', error_msg: 'not allowed' } }],
    ['401', { status: 401, body: { error_code: 'APIGW.0307' } }],
    ['429', { status: 429 }],
    ['no cluster of this id', { status: 400, body: { errorCode: '12000003', errorMsg: 'The cluster does not exist.' } }],
    ['no answer', { hangUp: true }],
    ['200 and a page of HTML', { status: 200, body: '<html>maintenance</html>' }],
    ['200 and nothing', { status: 200 }],
    ['200 and an empty object', { status: 200, body: {} }],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:9/' } }],
  ];

  it.each(FAULTS)('with %s is never "exactly one", and nothing was killed', async (_, fault) => {
    simulator.addJob({ job_id: JOB_ID, job_name: 'etl', app_id: 'application_1564622673393_9007' });
    simulator.fault({ on: 'any', times: Infinity, when: inDev, ...fault } as Fault);
    await expect(byName('etl')).rejects.toThrow(UpstreamFailed);
    await expect(byYarnId('application_1564622673393_9007')).rejects.toThrow(UpstreamFailed);
    await expect(byMrsId(JOB_ID)).rejects.toThrow(UpstreamFailed);
  });

  it.each(FAULTS)('with %s is never "not found" either, for a name', async (_, fault) => {
    simulator.fault({ on: 'any', times: Infinity, when: inDev, ...fault } as Fault);
    await expect(byName('etl')).rejects.toThrow(UpstreamFailed);
    await expect(byName('etl', [DEV])).rejects.toThrow(UpstreamFailed);
  });

  it('is not asked where another one is named', async () => {
    simulator.addJob({ job_id: JOB_ID, job_name: 'etl' });
    simulator.fault({ on: 'any', times: Infinity, when: inDev, status: 500 });
    expect(await byName('etl', [ANALYTICS])).toMatchObject({ found: 'one', job: { job_id: JOB_ID } });
    expect(simulator.requests.filter(({ path }) => path.includes(DEV.id))).toEqual([]);
  });

  it('on its second page only is not read, and nothing was killed', async () => {
    addEtl({ submitted_time: NOON - 2 * HOUR_MS });
    addMany(120);
    simulator.fault({ on: 'jobs', times: Infinity, when: ({ query }) => query['offset'] === '2', status: 500 });
    await expect(byName('etl', [ANALYTICS])).rejects.toThrow(UpstreamFailed);
  });

  it('is asked again while the trouble may pass', async () => {
    simulator.addJob({ job_id: JOB_ID, job_name: 'etl' });
    simulator.fault({ on: 'any', times: 3, when: inDev, status: 503 });
    expect(await byName('etl')).toMatchObject({ found: 'one', job: { job_id: JOB_ID } });
  });
});
