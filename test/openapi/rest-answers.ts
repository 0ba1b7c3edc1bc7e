import { createApi } from '../../lib/api/api.ts';
import { http } from '../../functions/aws/http.ts';
import { createLog } from '../../lib/log/log.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { OURS, type RestApi, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';
import { type Answer, ANY_OTHER, ask, HANGING } from './answer.ts';

const JOB_ROUTE = '/v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}';
const SHOW = `GET ${JOB_ROUTE}`;
const KILL = `POST ${JOB_ROUTE}/kill`;

/** The job of the examples; each answer has a simulator of its own to say so. */
const JOB_ID = '431b135e-c090-489f-b1db-0abe3822b855';
const JOB: Partial<SimulatedJob> = { job_id: JOB_ID, job_name: 'etl-daily', queue: 'adhoc' };
const UNKNOWN_JOB = '00000000-0000-4000-8000-000000000000';
const MIB = 1024 * 1024;
const THROTTLED = { status: 429, headers: { 'Retry-After': '60' }, body: { error_code: 'APIGW.0308', error_msg: 'The throttling threshold has been reached.' } };
const NOT_KILLED = { status: 400, body: { error_code: '0175', error_msg: 'Failed to terminate the job.' } };
const NOT_ALLOWED = { status: 403, body: { error_code: '12000052', error_msg: 'You are not authorized.' } };

type CallOptions = Parameters<RestApi['call']>[1];
type Case = CallOptions & { job?: Partial<SimulatedJob>; before?: (api: RestApi) => void; path?: string; env?: Record<string, string> };

const waiting = { headers: { ...OURS, prefer: 'wait=20' } };
const stranger = { headers: { 'x-auth-token': 'unknown' } };

/** What a look and a kill answer alike. */
const BOTH: Case[] = [
  { path: 'etl-daily' }, // 400
  { headers: { ...OURS, 'x-auth-token': 'unknown' } },
  { headers: {} }, // 401
  stranger,
  { path: `/v2/${PROJECT_ID}/clusters/unlisted/job-executions/${JOB_ID}` }, // 403
  { path: `/v2/ffff/clusters/${ANALYTICS_ID}/job-executions/${JOB_ID}` },
  { ...stranger, before: ({ simulator }) => simulator.fault({ on: 'job', ...NOT_ALLOWED }) },
  { path: UNKNOWN_JOB }, // 404
  { path: 'application_1564622673393_0777' },
  { path: 'application_1564622673393_0002', before: ({ simulator }) => void simulator.addJob({ job_id: UNKNOWN_JOB, app_id: 'application_1564622673393_0002' }) }, // 409
  { before: ({ simulator }) => simulator.fault({ on: 'job', ...THROTTLED }) }, // 429
  { env: { HW_REGION_NAME: '' } }, // 500
  { before: ({ simulator }) => simulator.fault({ on: 'job', hangUp: true, times: Infinity }) }, // 502
  { before: ({ simulator }) => simulator.fault({ on: 'job', hang: true, times: Infinity }), remainingMs: 2_050 }, // 504
];

const KILLS: Case[] = [
  { ...waiting }, // 200
  { ...waiting, job: { endsItself: { afterMs: 1_000, result: 'SUCCEEDED' } } },
  { job: { job_state: 'FINISHED' } },
  { body: '{"dry_run":true}' },
  {}, // 202
  { body: '{"reason":"eats the queue","dryrun":true}' }, // 400
  { job: { job_name: 'billing-daily' } }, // 403
  { job: { job_type: 'SparkSql' } },
  { before: ({ env }) => void (env['PAUSED'] = 'true') },
  { job: { job_type: 'Flink' } }, // 409
  { body: ' '.repeat(MIB + 1) }, // 413
  { before: ({ simulator }) => simulator.fault({ on: 'kill', ...NOT_KILLED, times: Infinity }) }, // 500
  { before: ({ simulator }) => simulator.fault({ on: 'kill', hangUp: true, times: Infinity }) }, // 502
  { before: ({ ledger }) => void (ledger.script = ({ on }) => (on === 'put' ? 'fails' : undefined)) }, // 503
];

/** Real answers of GET of a job, of its kill, of /health, and of what is no route. Nothing outside the simulator is asked. */
export async function collectRestAnswers(): Promise<Answer[]> {
  const looks = [{}, ...BOTH].map((one) => answerTo(SHOW, one));
  const kills = [...BOTH, ...KILLS].map((one) => answerTo(KILL, one));
  return (await Promise.all([...looks, ...kills, collectHealth(), collectOthers()])).flat();
}

async function answerTo(route: string, { job, before, path = JOB_ID, env, ...options }: Case): Promise<Answer[]> {
  const api = await startRestApi({ clock: createSteppingClock(1_795_000_000_000), simulator: { killDelayMs: 3_000 }, ...(env && { env }) });
  try {
    api.simulator.addJob({ ...JOB, ...job });
    before?.(api);
    const whole = path.startsWith('/') ? path : `${JOBS_PATH}/${path}`;
    const line = route === SHOW ? `GET ${whole}` : `POST ${whole}/kill`;
    return [{ ...(await api.call(line, options)), route }];
  } finally {
    await api.close();
  }
}

async function collectHealth(): Promise<Answer[]> {
  const route = 'GET /health';
  const now = () => 1_795_000_000_000;
  const outside = { log: createLog({ level: 'error', now, write: () => undefined }), clock: { now } };
  const broken = createApi(() => {
    throw new TypeError('something nobody thought of');
  });
  const answers = [await ask(http(outside, broken), route, route), await ask(http(outside, broken, HANGING), route, route, { remainingMs: 1_050 })];
  for (const env of [{}, { HW_REGION_NAME: '', API_TOKENS: 'ci:tooshort' }]) {
    const api = await startRestApi({ env });
    answers.push({ ...(await api.call(route, { headers: {} })), route });
    await api.close();
  }
  return answers;
}

async function collectOthers(): Promise<Answer[]> {
  const api = await startRestApi();
  const answers: Answer[] = [];
  for (const line of ['GET /nowhere', 'DELETE /health', `GET ${JOBS_PATH}/${JOB_ID}/kill`, 'GET /slack/command', 'GET /alerts/generic']) {
    answers.push({ ...(await api.call(line, { headers: {} })), route: ANY_OTHER });
  }
  await api.close();
  return answers;
}
