// A process of bench/cleanup.ts: MRS, IAM, Slack and Lambda, so that their memory is not counted with ours.
import { realClock } from '../../test/local/clock.ts';
import { createDurableBackend } from '../../test/local/durable-backend.ts';
import { startLambdaServer } from '../../test/local/lambda-server.ts';
import { startSimulator } from '../../test/simulator/simulator.ts';

export type Served = { mrsUrl: string; slackUrl: string; lambdaUrl: string; jobs: number };
export type Counted = { toIam: number; listPages: number; otherMrs: number; toSlack: number; starts: number };

const JOBS = 5_000;
const HOUR_MS = 3_600_000;

const simulator = await startSimulator();
const backend = createDurableBackend({ clock: realClock() });
backend.register('mrs-killswitch-bench-kill', () => new Promise(() => undefined)); // started, and that is all
const lambda = await startLambdaServer(backend);
for (let job = 0; job < JOBS; job++) {
  const started_time = Date.now() - 9 * HOUR_MS - job;
  const isStale = job % 10 === 0;
  simulator.addJob({
    job_name: `${isStale ? 'nb' : 'etl'}-${job}`,
    user: job % 100 === 0 ? 'svc-payroll' : 'etl-bot',
    submitted_time: started_time - 5_000,
    started_time,
  });
}

process.on('message', () => {
  const count = (pattern: RegExp): number => simulator.requests.filter(({ path }) => pattern.test(path)).length;
  const listPages = count(/\/job-executions$/);
  process.send?.({
    toIam: count(/^\/v3\//),
    listPages,
    otherMrs: count(/^\/v[12]/) - listPages,
    toSlack: count(/^\/api\//),
    starts: backend.list({}).length,
  } satisfies Counted);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ mrsUrl: simulator.url, slackUrl: simulator.slack.apiUrl, lambdaUrl: lambda.url, jobs: JOBS } satisfies Served);
