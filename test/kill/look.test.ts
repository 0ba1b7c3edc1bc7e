import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Target } from '../../lib/core/request.ts';
import { look, type Looked } from '../../lib/kill/look.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { aJob, NOON } from '../core/a-job.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../simulator/simulator.ts';
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

const lookFor = (job: Target['job'], clusters = BOTH, submittedBefore?: number): Promise<Looked> =>
  lookIn(simulator, { job, submittedBefore }, clusters);
const byName = (name: string, clusters?: Cluster[], submittedBefore?: number): Promise<Looked> =>
  lookFor({ by: 'name', name }, clusters, submittedBefore);
const byYarnId = (id: string, clusters?: Cluster[]): Promise<Looked> => lookFor({ by: 'yarn-id', id }, clusters);
const byMrsId = (id: string, clusters?: Cluster[]): Promise<Looked> => lookFor({ by: 'mrs-id', id }, clusters);

/** Jobs named etl, running in analytics, but for the given fields. */
function addEtl(...jobs: (Partial<SimulatedJob> | undefined)[]): SimulatedJob[] {
  return jobs.map((fields) => simulator.addJob({ job_name: 'etl', ...fields }));
}

describe('a job named by its MRS id', () => {
  it('is found in the cluster that is named', async () => {
    simulator.addJob({ job_id: JOB_ID, job_name: 'etl' });
    expect(await byMrsId(JOB_ID, [ANALYTICS])).toMatchObject({ found: 'one', cluster: ANALYTICS, job: { job_id: JOB_ID, cluster: 'analytics' } });
  });

  it('is found in any listed cluster where none is named, with the cluster it is in', async () => {
    simulator.addJob({ job_id: JOB_ID, cluster_id: DEV.id });
    expect(await byMrsId(JOB_ID)).toMatchObject({ found: 'one', cluster: DEV, job: { cluster: 'dev' } });
  });

  it('is found although it is over, so that this can be told', async () => {
    simulator.addJob({ job_id: JOB_ID, job_state: 'FINISHED' });
    expect(await byMrsId(JOB_ID)).toMatchObject({ found: 'one', job: { job_state: 'FINISHED', job_result: 'SUCCEEDED' } });
  });

  it('is found whenever it was submitted: an id means one run', async () => {
    simulator.addJob({ job_id: JOB_ID, submitted_time: NOON - 1_000 });
    expect(await lookFor({ by: 'mrs-id', id: JOB_ID }, BOTH, NOON - 2_000)).toMatchObject({ found: 'one' });
  });

  it('is not found in another cluster than the one that is named, and nothing was killed', async () => {
    simulator.addJob({ job_id: JOB_ID });
    expect(await byMrsId(JOB_ID, [DEV])).toEqual({ found: 'none', reason: `MRS knows no job ${JOB_ID} in cluster dev` });
  });

  it('is ambiguous where two clusters have it, and nothing was killed', async () => {
    const job = { ...aJob(), job_id: JOB_ID };
    const mrs = { job: async ({ name }: Cluster) => ({ ...job, cluster: name }) } as unknown as Mrs;
    expect(await look(mrs, BOTH, { job: { by: 'mrs-id', id: JOB_ID } }, { retryForMs: 0 })).toMatchObject({ found: 'several', reason: `2 jobs match ${JOB_ID}; name the cluster too`, jobs: [{ cluster: 'analytics' }, { cluster: 'dev' }] });
  });

  it('is not found by the id as its name, and nothing was killed', async () => {
    simulator.addJob({ job_id: OTHER_ID, job_name: JOB_ID });
    expect(await byMrsId(JOB_ID)).toMatchObject({ found: 'none', reason: expect.stringContaining('any listed cluster') });
  });

  it('arrives without arguments and properties, which may hold keys', async () => {
    simulator.addJob({ job_id: JOB_ID });
    expect(JSON.stringify(await byMrsId(JOB_ID))).not.toMatch(/secret|FAKEACCESSKEY/);
  });
});

describe('a job named by its name', () => {
  it('is found exactly: no part of a name, no other case, no glob', async () => {
    const [etl] = addEtl(undefined);
    addEtl({ job_name: 'etl-2' }, { job_name: 'ETL' }, { job_name: 'my-etl' }, { job_name: 'etl ' });
    expect(await byName('etl')).toMatchObject({ found: 'one', job: { job_id: etl?.job_id } });
    for (const name of ['et', 'Etl', 'etl*', 'et?', '*']) expect(await byName(name)).toMatchObject({ found: 'none' });
  });

  it.each(['NEW', 'NEW_SAVING', 'SUBMITTED', 'ACCEPTED', 'RUNNING'])('is found in state %s', async (job_state) => {
    addEtl({ job_state });
    expect(await byName('etl')).toMatchObject({ found: 'one', job: { job_state } });
  });

  it.each<[Partial<SimulatedJob>]>([
    [{ job_state: 'FINISHED' }],
    [{ job_state: 'FAILED' }],
    [{ job_state: 'KILLED' }],
    [{ job_state: 'RUNNING', job_result: 'KILLED' }],
    [{ job_state: 'FINISHED', job_result: 'UNDEFINED' }],
  ])('is looked for among jobs that are not over: not %j, and nothing was killed', async (fields) => {
    addEtl(fields);
    expect(await byName('etl')).toEqual({ found: 'none', reason: 'no job named etl is running or waiting in any listed cluster' });
  });

  it('is not found under a name that is near: the near ones are said, and nothing was killed', async () => {
    addEtl({ job_name: 'etl-2' }, { job_name: 'etl-3' });
    expect(await byName('etl-1', [ANALYTICS])).toEqual({ found: 'none', reason: 'no job named etl-1 is running or waiting in cluster analytics; did you mean etl-2 or etl-3?' });
  });

  it('is the one run that is not over, whatever other runs there were', async () => {
    addEtl({ job_state: 'FINISHED' }, { job_state: 'KILLED', cluster_id: DEV.id });
    const [running] = addEtl(undefined);
    expect(await byName('etl')).toMatchObject({ found: 'one', job: { job_id: running?.job_id } });
  });

  it.each([
    ['in one cluster', undefined],
    ['in two clusters', DEV.id],
  ])('is ambiguous where two run %s: all candidates, and nothing was killed', async (_, cluster_id) => {
    const jobs = addEtl(undefined, cluster_id === undefined ? undefined : { cluster_id });
    const looked = await byName('etl');
    expect(looked).toMatchObject({ found: 'several', reason: '2 jobs match etl; name one of them by its MRS id' });
    expect(looked.found === 'several' && looked.jobs.map(({ job_id, cluster }) => [job_id, cluster])).toEqual([
      [jobs[0]?.job_id, 'analytics'],
      [jobs[1]?.job_id, cluster_id === undefined ? 'analytics' : 'dev'],
    ]);
  });

  it('is not ambiguous where the cluster is named', async () => {
    const [, inDev] = addEtl(undefined, { cluster_id: DEV.id });
    expect(await byName('etl', [DEV])).toMatchObject({ found: 'one', job: { job_id: inDev?.job_id } });
  });
});

describe('a cluster that is named', () => {
  const lookedIn = async (cluster: string): Promise<Looked> => lookIn(simulator, { cluster, job: { by: 'name', name: 'etl' } }, BOTH);

  it.each(['dev', DEV.id])('by its name or its id is the only one that is searched: %s', async (cluster) => {
    const [, inDev] = addEtl(undefined, { cluster_id: DEV.id });
    expect(await lookedIn(cluster)).toMatchObject({ found: 'one', cluster: DEV, job: { job_id: inDev?.job_id } });
  });

  it('and is not listed is asked nothing, and nothing was killed', async () => {
    addEtl(undefined);
    expect(await lookedIn('prod')).toEqual({ found: 'unlisted', cluster: 'prod' });
    expect(simulator.requests).toEqual([]);
  });
});

describe('a job that an alert names', () => {
  it('is the run from before the alert, not the newer one', async () => {
    const [older] = addEtl({ submitted_time: NOON - 10_000 }, { submitted_time: NOON - 1_000 });
    expect(await byName('etl', BOTH, NOON - 5_000)).toMatchObject({ found: 'one', job: { job_id: older?.job_id } });
  });

  it.each([
    ['after the alert', NOON - 4_999, 'was'],
    ['at its very moment', NOON - 5_000, 'was'],
    ['at a time that MRS does not tell', 0, 'may have been'],
  ])('is not found where it was submitted %s: a newer run exists, and nothing was killed', async (_, submitted_time, verb) => {
    addEtl({ submitted_time });
    expect(await byName('etl', BOTH, NOON - 5_000)).toEqual({ found: 'none', reason: `a newer run exists: etl in cluster analytics ${verb} submitted after the alert began` });
  });

  it('is ambiguous where two runs are from before the alert, and the newer run is no candidate', async () => {
    const jobs = addEtl({ submitted_time: NOON - 10_000 }, { submitted_time: NOON - 9_000 }, { submitted_time: NOON });
    const looked = await byName('etl', BOTH, NOON - 5_000);
    expect(looked.found === 'several' && looked.jobs.map(({ job_id }) => job_id)).toEqual(jobs.slice(0, 2).map(({ job_id }) => job_id));
  });

  it('is not the re-run of a job that was killed within the hour, and says when that was', async () => {
    const [older, rerun] = addEtl({ submitted_time: NOON - 3_600_000 }, { submitted_time: NOON - 60_000 });
    const posts = [{ jobId: older?.job_id ?? '', at: NOON - 720_000 }, { jobId: older?.job_id ?? '', at: NOON - 30_000 }];
    const lookAfter = (job: SimulatedJob | undefined): Promise<Looked> => lookIn(simulator, { job: { by: 'name', name: 'etl' }, submittedBefore: NOON }, BOTH, job ? posts : []);
    expect(await lookAfter(older)).toMatchObject({ found: 'one', job: { job_id: older?.job_id } });
    simulator.endJob(older?.job_id ?? '', 'KILLED');
    expect(await lookAfter(rerun)).toEqual({ found: 'none', reason: 'a newer run; etl was killed 12 min ago' });
  });

  it('is missing, and not newer, where none runs', async () => {
    expect(await byName('etl', [ANALYTICS], NOON)).toEqual({ found: 'none', reason: 'no job named etl is running or waiting in cluster analytics' });
  });
});

describe('a job named by a YARN id', () => {
  const OWN = 'application_1564622673393_9007';
  const LAUNCHER = 'application_1564622673393_9006';

  it.each([OWN, LAUNCHER])('is found by its own application and by its launcher: %s', async (yarnId) => {
    simulator.addJob();
    simulator.addJob({ job_id: JOB_ID, cluster_id: DEV.id, app_id: OWN, launcher_id: LAUNCHER });
    expect(await byYarnId(yarnId)).toMatchObject({ found: 'one', cluster: DEV, job: { job_id: JOB_ID } });
  });

  it('is found by its launcher before it has an application of its own', async () => {
    simulator.addJob({ job_id: JOB_ID, job_state: 'ACCEPTED', launcher_id: LAUNCHER });
    expect(await byYarnId(LAUNCHER)).toMatchObject({ found: 'one', job: { job_id: JOB_ID, app_id: '' } });
  });

  it('is found although it is over, by either id, so that this can be told', async () => {
    simulator.addJob({ job_id: JOB_ID, job_state: 'KILLED', app_id: OWN, launcher_id: LAUNCHER });
    for (const yarnId of [OWN, LAUNCHER]) expect(await byYarnId(yarnId)).toMatchObject({ found: 'one', job: { job_state: 'KILLED' } });
  });

  it('is compared whole: no part of another id, and nothing was killed', async () => {
    simulator.addJob({ app_id: `${OWN}1`, launcher_id: LAUNCHER });
    expect(await byYarnId(OWN)).toMatchObject({ found: 'none' });
  });

  it('that MRS does not know is not found, with the line that stops it in YARN, and nothing was killed', async () => {
    simulator.addJob();
    expect(await byYarnId(OWN)).toEqual({
      found: 'none',
      reason: `MRS knows no job of ${OWN} in any listed cluster; to kill it in YARN itself: yarn application -kill ${OWN}`,
    });
  });

  it('is ambiguous where two jobs claim it, and nothing was killed', async () => {
    simulator.addJob({ app_id: OWN });
    simulator.addJob({ launcher_id: OWN });
    expect(await byYarnId(OWN)).toMatchObject({ found: 'several', reason: expect.stringContaining(OWN) });
  });
});
