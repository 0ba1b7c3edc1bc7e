import type { SimulatedJob } from '../../test/simulator/simulator.ts';
import type { Part, Stage } from './step.ts';

const CLUSTER = '2b460e01-3351-4170-b0a7-57b9dd5ffef3';
const PROJECT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

/** The jobs that the REST steps meet. The last word of each name says why it is there. */
const JOBS = {
  runaway: { job_id: '431b135e-c090-489f-b1db-0abe3822b855', job_name: 'etl-runaway' },
  yarn: { job_id: '5b4c5a5e-52d1-4d1e-8f0e-0c7e4f7f1a02', job_name: 'etl-by-yarn-id', app_id: 'application_1564622673393_0777' },
  quick: { job_id: '9c1d7f0a-6a3e-4d0b-9d53-6f0c2a4b8e03', job_name: 'etl-quick', endsItself: { afterMs: 0, result: 'SUCCEEDED' as const } },
  billing: { job_id: '0d5a7e66-3b0c-4a4e-9a55-2f6d1b8f7c01', job_name: 'billing-protected', user: 'svc-payroll' },
  sql: { job_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', job_name: 'report-sql', job_type: 'SparkSql' },
  flink: { job_id: '2f1e8c3b-7d44-4b57-8a0c-d1c5f0e9b604', job_name: 'stream-approval', job_type: 'Flink' },
  stubborn: { job_id: '6d0f4b21-93ce-4f6f-b1a7-3e8a5c2d7f05', job_name: 'etl-stubborn' },
  spared: { job_id: '8e2a6c54-1b7f-4c39-9d80-4a6b9e3f0d06', job_name: 'etl-spared' },
} satisfies Record<string, Partial<SimulatedJob>>;

type Ask = { method?: 'GET' | 'POST'; token?: string | undefined; prefer?: string; body?: string };

async function ask(stage: Stage, jobId: string, { method = 'POST', token = stage.apiToken, prefer, body }: Ask = {}): Promise<string> {
  const path = `/v2/${PROJECT}/clusters/${CLUSTER}/job-executions/${jobId}${method === 'POST' ? '/kill' : ''}`;
  const answer = await fetch(stage.url + path, {
    method,
    headers: { ...(token === '' ? {} : { authorization: `Bearer ${token}` }), ...(prefer === undefined ? {} : { prefer }) },
    ...(body === undefined ? {} : { body }),
  });
  const reply = (await answer.json()) as { outcome?: string; error_code?: string; error_msg?: string; job_detail?: { job_state: string } };
  const rule = answer.status === 403 || answer.status === 409 ? ` ${reply.error_msg?.split(':')[0]}` : '';
  return `${answer.status} ${reply.outcome ?? reply.error_code ?? reply.job_detail?.job_state}${rule}`;
}

/** What the kill API does, from the first look to a refusal by MRS. */
export const REST_PART: Part = {
  name: 'REST',
  victims: [JOBS.runaway.job_id, JOBS.yarn.job_id],
  prepare({ simulator }) {
    for (const job of Object.values(JOBS)) simulator.addJob(job);
  },
  steps: [
    { title: 'Look at a job', expected: '200 RUNNING', play: (stage) => ask(stage, JOBS.runaway.job_id, { method: 'GET' }) },
    { title: 'Kill without a token', expected: '401 KILL.0401', play: (stage) => ask(stage, JOBS.runaway.job_id, { token: '' }) },
    { title: 'Kill as a dry run', expected: '200 would-kill', play: (stage) => ask(stage, JOBS.runaway.job_id, { body: '{"dry_run":true}' }) },
    { title: 'Kill the runaway job and wait', expected: '200 killed', play: (stage) => ask(stage, JOBS.runaway.job_id, { prefer: 'wait=10' }) },
    { title: 'Kill it once more', expected: '200 already-over', play: (stage) => ask(stage, JOBS.runaway.job_id) },
    { title: 'Kill by YARN id', expected: '202 accepted', play: (stage) => ask(stage, JOBS.yarn.app_id) },
    { title: 'Kill a job that has ended', expected: '200 already-over', play: (stage) => ask(stage, JOBS.quick.job_id) },
    { title: 'Kill a protected job', expected: '403 KILL.0403 protected', play: (stage) => ask(stage, JOBS.billing.job_id) },
    { title: 'Kill a SparkSql job', expected: '403 KILL.0403 SparkSql', play: (stage) => ask(stage, JOBS.sql.job_id) },
    { title: 'Kill a job that needs approval', expected: '409 KILL.0409 ask', play: (stage) => ask(stage, JOBS.flink.job_id) },
    { title: 'Kill a job that MRS does not know', expected: '404 KILL.0404', play: (stage) => ask(stage, '00000000-0000-4000-8000-000000000000') },
    {
      title: 'Kill while MRS refuses it (0175)',
      expected: '500 0175',
      play(stage) {
        const body = { error_code: '0175', error_msg: 'Failed to terminate the job.' };
        stage.simulator.fault({ on: 'kill', times: 2, status: 500, body });
        return ask(stage, JOBS.stubborn.job_id);
      },
    },
  ],
};
