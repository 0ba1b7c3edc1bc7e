import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ANY_BODY, PROOFS, sendEverywhere } from '../../e2e/any-body.ts';
import { JOBS_PATH } from '../../simulator/client.ts';
import { blockActionsForm, buttonsOf, commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { APPROVER } from '../../stage/slack.ts';
import { ALERT_TOKEN, API_TOKEN, type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from './process.ts';

jest.setTimeout(60_000);

let simulator: Simulator;
let home: HomeProcess;
let url: string;
const { folder, remove } = makeFolder();

beforeAll(async () => {
  simulator = await startSimulator({ killDelayMs: 100, slack: { botToken: 'xoxb-token-of-this-test' } });
  const { ALERT_TOKENS, SLACK_SIGNING_SECRET, ...settings } = settingsFor(simulator);
  home = startHome(folder, { ...settings, ALERT_TOKENS: `${ALERT_TOKENS},${PROOFS.ALERT_TOKENS}`, SLACK_SIGNING_SECRET: `${SLACK_SIGNING_SECRET},${PROOFS.SLACK_SIGNING_SECRET}` });
  url = await home.url;
});
afterAll(async () => {
  await home.end();
  await simulator.close();
  remove();
});

const isKilled = ({ job_id: id }: SimulatedJob): boolean => simulator.job(id)?.job_result === 'KILLED';
const postsOf = ({ job_id: id }: SimulatedJob): number => simulator.kills().filter(({ path }) => path.includes(id)).length;
const command = (text: string) => sendSlack(url, '/slack/command', commandForm({ text, response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000));

describe('the own home, as one process', () => {
  it('tells its health', async () => {
    const answer = await fetch(`${url}/health`);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ status: 'ok', paused: false, dry_run: false })]);
  });

  it('kills for an alert, once, however often it comes', async () => {
    const job = simulator.addJob({ job_name: 'etl-daily' });
    const body = JSON.stringify({ id: 'alert-1', labels: { alertname: 'Stuck', job_id: job.job_id } });
    const deliver = () => fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body }).then(async (answer) => [answer.status, ((await answer.json()) as { results: { outcome: string }[] }).results[0]?.outcome]);
    expect(await deliver()).toEqual([202, 'accepted']);
    expect(await deliver()).toEqual([202, 'duplicate']);
    await until(() => home.lines().some(({ message, outcome }) => message === 'kill request ended' && outcome === 'killed'));
    expect([isKilled(job), postsOf(job)]).toEqual([true, 1]);
  });

  it('asks in Slack for a signed command, and kills after the click', async () => {
    const job = simulator.addJob({ job_name: 'clicks', job_type: 'Flink' });
    expect((await command(`kill ${job.job_id} on analytics`)).status).toBe(200);
    const card = () => simulator.slack.messages().find((message) => JSON.stringify(message.blocks).includes('clicks') && buttonsOf(message).length > 0);
    await until(() => card() !== undefined);
    expect(postsOf(job)).toBe(0);
    const message = card();
    if (message === undefined) throw new Error('no card');
    const [button] = buttonsOf(message);
    const form = blockActionsForm({ message: { text: message.text, blocks: message.blocks }, user: APPROVER, messageTs: message.ts, channel: message.channel, actionId: button?.action_id ?? '', value: button?.value, responseUrl: simulator.slack.newResponseUrl() });
    expect((await sendSlack(url, '/slack/action', form, SIGNING_SECRET, Math.floor(Date.now() / 1_000))).status).toBe(200);
    await until(() => isKilled(job));
    expect(postsOf(job)).toBe(1);
  });

  it('answers reads in Slack after its note', async () => {
    expect((await command('jobs analytics')).json()).toMatchObject({ text: 'Looking …' });
    await until(() => simulator.slack.responses().length > 0);
    expect(simulator.slack.responses().at(-1)?.body).toMatchObject({ text: expect.stringMatching(/jobs are running/) });
  });

  it('kills by REST', async () => {
    const job = simulator.addJob();
    const kill = (headers: Record<string, string>) => fetch(`${url}${JOBS_PATH}/${job.job_id}/kill`, { method: 'POST', headers });
    expect((await kill({})).status).toBe(401);
    expect(postsOf(job)).toBe(0);
    const answer = await kill({ authorization: `Bearer ${API_TOKEN}`, prefer: 'wait=10' });
    expect([answer.status, ((await answer.json()) as { outcome: string }).outcome, postsOf(job)]).toEqual([200, 'killed', 1]);
  });

  it.each(ANY_BODY)('answers a body of %j in shape on every route, and nothing was killed', async (body) => {
    const posts = simulator.kills().length;
    const answers = await sendEverywhere(url, body, API_TOKEN);
    expect(answers).toEqual(answers.map(([to, status]) => [to, status, { error_code: `KILL.0${status}`, error_msg: expect.any(String), request_id: expect.any(String) }]));
    expect(answers.filter(([to, status]) => !(to === '/health' ? [405] : [400, 401, 404]).includes(status))).toEqual([]);
    expect(simulator.kills()).toHaveLength(posts);
  });

  /** What another process says that asks this one. */
  const ask = async (...args: string[]): Promise<string> => {
    const other = startHome(folder, {}, ...args);
    expect([await other.exitCode, other.stderr()]).toEqual([0, '']);
    return other.stdout();
  };

  it('runs cleanup by the word of another process, as a dry run where that is asked for', async () => {
    expect(await ask('cleanup')).toBe('no rule matched a job\n');
    const job = simulator.addJob({ job_name: 'nb-old', started_time: Date.now() - 9 * 3_600_000 });
    expect(JSON.parse(await ask('cleanup', '--dry-run'))).toMatchObject({ rule: 'stale', dryRun: true, matched: 1, started: 1 });
    await until(() => home.lines().some(({ message, outcome }) => message === 'kill request ended' && outcome === 'would-kill'));
    expect(postsOf(job)).toBe(0);
    expect(JSON.parse(await ask('cleanup'))).toMatchObject({ rule: 'stale', dryRun: false, matched: 1, started: 1 });
    await until(() => home.lines().some((line) => line.message === 'kill request ended' && line['outcome'] === 'killed' && JSON.stringify(line).includes(job.job_id)));
    expect([isKilled(job), postsOf(job)]).toEqual([true, 1]);
  });

  it('says what is open, backs up and stops by the word of another process', async () => {
    const job = simulator.addJob({ job_name: 'asked', job_type: 'Flink' });
    await command(`kill ${job.job_id} on analytics`);
    await until(() => simulator.slack.messages().some((message) => JSON.stringify(message.blocks).includes('asked') && buttonsOf(message).length > 0));
    const open = JSON.parse((await ask('open')).trim()) as { name: string; phase: string };
    expect(open.phase).toBe('waiting');
    expect(await ask('backup', 'copy.sqlite')).toMatch(/copy\.sqlite is whole \(\d+ bytes\)\n$/);
    expect(await ask('stop', open.name)).toBe(`${open.name} is stopped; the channel is told\n`);
    await until(() => home.lines().some(({ message, outcome, code }) => message === 'kill request ended' && outcome === 'failed' && code === 'STOPPED'));
    expect([isKilled(job), postsOf(job)]).toEqual([false, 0]);
  });

  it('lets no second process near its store', async () => {
    const second = startHome(folder, settingsFor(simulator));
    expect([await second.exitCode, second.stderr()]).toEqual([1, expect.stringMatching(new RegExp(`^STORE_FILE is held by process ${home.child.pid} \\(since .*\\): stop it first, or start this one with --standby to follow it\n$`))]);
  });

  it('never shows a secret in its output', () => {
    expect(JSON.stringify(home.lines()) + home.stderr()).not.toMatch(/of-this-test|simulator-password|e2e-[a-z-]+-0123456789/);
  });
});
