import type { Policy } from '../../lib/policy/policy.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';

const ANALYTICS = '2b460e01-3351-4170-b0a7-57b9dd5ffef3';
const PROJECT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

/** What a fresh local start finds in the cluster `analytics`. */
export const SEEDED_JOBS: Partial<SimulatedJob>[] = [
  { job_id: '431b135e-c090-489f-b1db-0abe3822b855', job_name: 'etl-daily', user: 'etl', queue: 'default' },
  { job_id: '5b4c5a5e-52d1-4d1e-8f0e-0c7e4f7f1a02', job_name: 'etl-hourly', user: 'etl', queue: 'default' },
  { job_id: '0d5a7e66-3b0c-4a4e-9a55-2f6d1b8f7c01', job_name: 'billing-2026-11', user: 'svc-payroll', queue: 'prod' },
  { job_id: '7c9e6679-7425-40de-944b-e07fc1f90ae7', job_name: 'report', job_type: 'SparkSql', user: 'ana', queue: 'adhoc' },
];

/** Says whether anything can be killed, by what was loaded. */
function describeMode({ dryRun, alerts }: Pick<Policy, 'dryRun' | 'alerts'>, file: string, paused: string | undefined): string {
  const rules = `${file} has ${alerts.length} alert ${alerts.length === 1 ? 'rule' : 'rules'}`;
  if (paused !== undefined && paused !== '' && paused !== 'false') return `PAUSED=${paused}: unless that says false, nothing is killed. ${rules}.`;
  if (dryRun === false) return `${file} says dryRun: false: jobs of the simulator are killed. ${rules}.`;
  const covered = dryRun === true ? 'every trigger, so nothing is killed' : `${dryRun.join(', ')}; other triggers kill jobs of the simulator`;
  return `${rules}, and its dryRun covers ${covered}.
To kill in the simulator for real, stop this and run POLICY_FILE=test/local/live-policy.yml npm start.`;
}

/** What the printed commands need to know. The caller's own tokens have to be filled in where there are any. */
export type Tried = {
  port: string;
  simulatorUrl: string;
  tokens: { api: string | undefined; alerts: string | undefined };
  policy: Pick<Policy, 'dryRun' | 'alerts'>;
  /** Of the policy. */
  file: string;
  paused: string | undefined;
  /** What is not simulated. */
  realParts: readonly string[];
  playgroundUrl: string;
};

/** The commands to try after a local start, each with what it comes to. */
export function whatToTry({ port, simulatorUrl, tokens, policy, file, paused, realParts, playgroundUrl }: Tried): string {
  const url = `http://127.0.0.1:${port}`;
  const job = `${url}/v2/${PROJECT}/clusters/${ANALYTICS}/job-executions/${SEEDED_JOBS[0]?.job_id}`;
  const api = `-H 'Authorization: Bearer ${tokens.api ?? '<your API token>'}'`;
  const alerts = `-H 'Authorization: Bearer ${tokens.alerts ?? '<your alert token>'}'`;
  const killing = policy.dryRun === true || (policy.dryRun !== false && policy.dryRun.includes('api')) ? `would-kill, since ${file} says dryRun` : 'kills it';
  const alerting = policy.alerts.length === 0 ? `refused, since ${file} has no alert rule` : `${file} says what follows`;
  return `
mrs-killswitch is up, with a simulator behind it${realParts.length === 0 ? ': no cloud account is touched' : ` but for what was named: ${realParts.join(', ')}`}. Try:

  ${playgroundLine(playgroundUrl)}

  # how it is
  curl ${url}/health
  # a job
  curl ${api} ${job}
  # kill that job: ${killing}
  curl -X POST ${api} ${job}/kill
  # an alert about another job: ${alerting}
  curl ${alerts} -d '{"id":"1","labels":{"alertname":"MrsJobStuck","job_name":"etl-hourly","cluster":"analytics"}}' ${url}/alerts/generic

Of the simulator: ${simulatorUrl}/simulator/jobs, ${simulatorUrl}/simulator/slack/messages

${describeMode(policy, file, paused)} Ctrl-C stops everything.

`;
}

/** Where the playground is. */
export function playgroundLine(url: string): string {
  return `Playground: ${url} (in a browser, with a cloud and a Slack of its own)`;
}
