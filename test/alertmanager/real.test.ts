import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SimulatedJob } from '../simulator/simulator.ts';
import type { Served } from '../support/serve-handler.ts';
import { findProgram } from '../support/program.ts';
import { type Alertmanager, type PostedAlert, startAlertmanager } from './alertmanager.ts';
import { changeConfiguration, readConfiguration } from './configuration.ts';
import { type RealTimeStage, startRealTimeStage, TOKEN } from '../stage/real-time.ts';

const program = findProgram('prometheus-alertmanager');
const amtool = findProgram('amtool');
if (program === undefined) console.warn('SKIPPED: there is no prometheus-alertmanager here (Debian: apt-get install prometheus-alertmanager), so none of this was shown.');
const describeReal = program === undefined ? describe.skip : describe;

const CONFIGURATION = readConfiguration();
// Far longer than anything takes here; what never comes fails the test by this.
// A start that fails is tried for its time before the 503, and Alertmanager waits a while before it sends again.
const MOST_WAIT_MS = 40_000;

let stage: RealTimeStage;
let alertmanagers: Alertmanager[];

/** The configuration of docs/triggers/alertmanager.md but for where we and the token are, and with a clock that goes faster. */
function configurationHere(changes: Record<string, string> = {}): string {
  return changeConfiguration(CONFIGURATION, {
    'https://killswitch.example.com': stage.server.url,
    '/etc/alertmanager/mrs-killswitch-token': stage.tokenFile,
    'group_wait: 10s': 'group_wait: 50ms',
    'group_interval: 5m': 'group_interval: 1s',
    'repeat_interval: 15m': 'repeat_interval: 1s',
    ...changes,
  });
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const endMs = Date.now() + MOST_WAIT_MS; !isSo(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > endMs) throw new Error(`waited in vain for ${what}; so far: ${JSON.stringify(stage.server.served.map(({ status, answer }) => [status, answer]))}`);
  }
}

const speaksOf = (text: string, { job_id, app_id = job_id }: SimulatedJob): boolean => text.includes(job_id) || text.includes(app_id);
const deliveriesOf = (job: SimulatedJob): Served[] => stage.server.served.filter(({ body }) => speaksOf(body, job));
const executionsOf = (job: SimulatedJob): string[] => stage.backend.list({}).filter(({ input }) => speaksOf(input, job)).map(({ name }) => name);
const killsOf = ({ job_id }: SimulatedJob): number => stage.simulator.kills().filter(({ path }) => path.includes(job_id)).length;
const isOver = ({ job_id }: SimulatedJob): boolean => stage.simulator.job(job_id)?.job_state === 'KILLED';

type Result = { alert: string; outcome: string };
const resultsOf = ({ answer }: Served): Result[] => (JSON.parse(answer) as { results?: Result[] }).results ?? [];
const outcomesOf = (deliveries: Served[]): string[] => deliveries.flatMap(resultsOf).map(({ outcome }) => outcome);

function alertFor({ app_id = '' }: SimulatedJob, more: Partial<PostedAlert> = {}): PostedAlert {
  return {
    labels: { alertname: 'MrsJobStuck', severity: 'critical', cluster: 'analytics', application_id: app_id, job: 'spark-driver' },
    annotations: { summary: 'no progress & <nothing> for 2 h' },
    startsAt: new Date(Date.now() - 60_000).toISOString(),
    ...more,
  };
}

describeReal('the configuration of docs/triggers/alertmanager.md', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'amtool-'));
    writeFileSync(join(folder, 'alertmanager.yml'), CONFIGURATION);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (...args: string[]): string => execFileSync(amtool ?? 'amtool', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

  it('is a right one as it stands', () => {
    expect(run('check-config', 'alertmanager.yml')).toContain('SUCCESS');
  });

  it('sends MRS alerts to us and to the team, all others to the team only', () => {
    const receiversOf = (alertname: string): string => run('config', 'routes', 'test', '--config.file=alertmanager.yml', `alertname=${alertname}`).trim();
    expect(receiversOf('MrsJobStuck')).toBe('mrs-killswitch,team-chat');
    expect(receiversOf('DiskFull')).toBe('team-chat');
  });
});

describeReal('a real Alertmanager with the configuration of docs/triggers/alertmanager.md', () => {
  beforeAll(async () => {
    stage = await startRealTimeStage();
    alertmanagers = [
      await startAlertmanager(program ?? '', configurationHere()),
      // The other one of a pair that does not know of it, which is how both come to deliver; and by basic, as the page allows.
      await startAlertmanager(program ?? '', configurationHere({ [`authorization:\n            credentials_file: ${stage.tokenFile}`]: `basic_auth: { username: alertmanager, password: ${TOKEN} }` })),
    ];
  }, 90_000);
  beforeEach(() => {
    stage.lambda.script = () => undefined;
  });
  afterAll(async () => {
    await Promise.all(alertmanagers.map((one) => one.stop()));
    await stage.close();
  });
  const first = (): Alertmanager => alertmanagers[0] as Alertmanager;

  it('kills the job of an alert once, however often it repeats, and does nothing when it resolves', async () => {
    const job = stage.simulator.addJob();
    const bystander = stage.simulator.addJob();
    const alert = alertFor(job);
    await first().post([alert]);
    await until(() => isOver(job) && deliveriesOf(job).length >= 3, 'the kill and two repeats');
    expect(outcomesOf(deliveriesOf(job).slice(0, 3))).toEqual(['accepted', 'duplicate', 'duplicate']);
    expect(deliveriesOf(job)[0]).toMatchObject({ method: 'POST', path: '/alerts/alertmanager', status: 202, headers: { authorization: `Bearer ${TOKEN}` } });

    await first().post([{ ...alert, endsAt: new Date(Date.now() - 1_000).toISOString() }]);
    await until(() => outcomesOf(deliveriesOf(job)).includes('ignored'), 'the resolved alert');
    await stage.backend.idle();
    expect(outcomesOf(deliveriesOf(job)).filter((outcome) => outcome !== 'duplicate')).toEqual(['accepted', 'ignored']);
    expect([executionsOf(job).length, killsOf(job)]).toEqual([1, 1]);
    expect(stage.simulator.job(bystander.job_id)?.job_state).toBe('RUNNING');
  }, 90_000);

  it('decides alert by alert: of a group one is killed, while the resolved one and the one without a rule are not', async () => {
    const [stuck, better, slow] = [stage.simulator.addJob(), stage.simulator.addJob(), stage.simulator.addJob()] as [SimulatedJob, SimulatedJob, SimulatedJob];
    // One group: none of the labels it is grouped by tells them apart.
    const group = (job: SimulatedJob, severity: string, more: Partial<PostedAlert> = {}): PostedAlert => ({
      ...alertFor(job, more),
      labels: { alertname: 'MrsJobStuck', severity, cluster: 'analytics', mrs_job_id: job.job_id },
    });
    await first().post([group(stuck, 'critical'), group(better, 'critical', { endsAt: new Date(Date.now() - 1_000).toISOString() }), group(slow, 'warning')]);
    // Alertmanager may group them in one delivery or in two: each alert has one end in all of them together.
    const outcomes = (): string[] => outcomesOf([...new Set([stuck, better, slow].flatMap(deliveriesOf))]);
    await until(() => isOver(stuck) && ['accepted', 'ignored', 'refused'].every((outcome) => outcomes().includes(outcome)), 'the end of each alert');
    expect(new Set(outcomes().filter((outcome) => outcome !== 'duplicate'))).toEqual(new Set(['accepted', 'ignored', 'refused']));
    expect([killsOf(stuck), killsOf(better), killsOf(slow)]).toEqual([1, 0, 0]);
  }, 90_000);

  it('sends again while we answer 503, and the job is killed once', async () => {
    const job = stage.simulator.addJob();
    stage.lambda.script = ({ on, body }) => (on === 'start' && speaksOf(body, job) ? { status: 500, type: 'ServiceException' } : undefined);
    await first().post([alertFor(job)]);
    await until(() => deliveriesOf(job).length >= 2, 'a delivery and its retry');
    expect(deliveriesOf(job).map(({ status }) => status)).toEqual(deliveriesOf(job).map(() => 503));
    expect([executionsOf(job).length, killsOf(job)]).toEqual([0, 0]);

    stage.lambda.script = () => undefined;
    await until(() => isOver(job) && outcomesOf(deliveriesOf(job)).includes('duplicate'), 'the kill and a repeat');
    expect(outcomesOf(deliveriesOf(job)).filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect([executionsOf(job).length, killsOf(job)]).toEqual([1, 1]);
  }, 90_000);

  it('sends again where the start went well and only the answer was lost, and the job is killed once', async () => {
    const job = stage.simulator.addJob();
    stage.lambda.script = ({ on, body }) => (on === 'start' && speaksOf(body, job) ? 'after-effect' : undefined);
    await first().post([alertFor(job)]);
    await until(() => deliveriesOf(job).length >= 1, 'a delivery');
    expect(deliveriesOf(job)[0]?.status).toBe(503);
    stage.lambda.script = () => undefined;
    await until(() => isOver(job) && outcomesOf(deliveriesOf(job)).includes('duplicate'), 'the kill and a repeat');
    expect(outcomesOf(deliveriesOf(job))).not.toContain('accepted');
    expect([executionsOf(job).length, killsOf(job)]).toEqual([1, 1]);
  }, 90_000);

  it('and its twin both deliver the same alert, and the job is killed once', async () => {
    const job = stage.simulator.addJob();
    const alert = alertFor(job);
    await Promise.all(alertmanagers.map((one) => one.post([alert])));
    const senders = (): Set<string> => new Set(deliveriesOf(job).map(({ headers }) => (headers['authorization'] ?? '').split(' ')[0] ?? ''));
    await until(() => isOver(job) && senders().size === 2, 'the kill and a delivery of each');
    expect(senders()).toEqual(new Set(['Bearer', 'Basic']));
    expect(deliveriesOf(job).map(({ status }) => status)).toEqual(deliveriesOf(job).map(() => 202));
    expect(outcomesOf(deliveriesOf(job)).filter((outcome) => outcome === 'accepted')).toHaveLength(1);
    expect([executionsOf(job).length, killsOf(job)]).toEqual([1, 1]);
  }, 90_000);

  it('does not get in with another token, and nothing was killed', async () => {
    const job = stage.simulator.addJob();
    const stranger = await startAlertmanager(
      program ?? '',
      configurationHere({ [`credentials_file: ${stage.tokenFile}`]: 'credentials: another-token-0123456789' }),
    );
    try {
      await stranger.post([alertFor(job)]);
      await until(() => stranger.log.some((line) => line.includes('401')), 'the refusal in its log');
    } finally {
      await stranger.stop();
    }
    expect(deliveriesOf(job).map(({ status }) => status)).toContain(401);
    expect([executionsOf(job).length, killsOf(job)]).toEqual([0, 0]);
  }, 90_000);
});
