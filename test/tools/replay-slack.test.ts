import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startControl } from '../../home/store/control.ts';
import { WrongUsage } from '../../tools/command-line.ts';
import { replay } from '../../tools/replay/replay.ts';
import { makeFolder } from '../home/store/owner.ts';
import type { RunningStart } from '../local/running-start.ts';
import { type CleanupStage, cleanupPolicy, STALE, startCleanupStage } from '../stage/cleanup.ts';
import { APPROVER, CHANNEL, expectNoKill, REQUESTER, SIGNING_SECRET, STRANGER } from '../stage/slack.ts';

let stage: CleanupStage;
let server: Server;
let start: RunningStart | undefined;
let env: Record<string, string>;

/** The whole product behind a port, as npm start has it: with its routes, and functions/cleanup to be invoked. */
beforeEach(async () => {
  stage = await startCleanupStage(cleanupPolicy(STALE));
  server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8');
    if (request.url?.endsWith('-local-cleanup/invocations')) return void response.end(JSON.stringify(await stage.run(JSON.parse(body))));
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { status, text } = await stage.call(`${request.method} ${request.url}`, { body, headers });
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = String((server.address() as AddressInfo).port);
  env = { PORT: port, LAMBDA_PORT: port, SLACK_SIGNING_SECRET: SIGNING_SECRET };
  start = { simulatorUrl: stage.simulator.url, policyFile: 'policy.yml', team: 'T0123ABCD', channel: CHANNEL, person: REQUESTER };
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await stage.close();
});

/** Time passes here only while something runs in the stage. */
async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await replay(args, { env, loadEnvFiles: () => undefined, findStart: (port) => (port === env['PORT'] ? start : undefined), now: stage.now, sleep: () => stage.idle(), print: (line) => void lines.push(line) }).catch((error: unknown) => {
    if (!(error instanceof WrongUsage)) throw error;
    lines.push(error.message);
    return 1; // as runCommand does
  });
  return { code, text: lines.join('\n') };
}

describe('a command that is typed into the Slack of npm start', () => {
  it('shows the note at once and the answer that comes later, as people see them', async () => {
    const job = stage.addRunning('etl', 2);
    const { code, text } = await run('slack', '/mrs jobs on analytics');
    expect([code, text.split('\n')]).toEqual([0, [
      `${REQUESTER} types /mrs jobs on analytics in ${CHANNEL}`,
      'At once, to that person only:',
      '  Looking …',
      '',
      'Then, to that person only:',
      expect.stringMatching(/^ {2}1 job/),
      expect.stringContaining(`etl (${job.job_id})`),
    ]]);
  });

  it('shows the card with facts and buttons, and a button that is pressed kills', async () => {
    const job = stage.addRunning('etl', 2);
    const typed = await run('slack', '/mrs', 'kill', 'etl', 'because', 'it', 'eats', 'the', 'queue');
    expect(typed).toEqual({ code: 0, text: expect.stringMatching(new RegExp(`\\nThen, in ${CHANNEL}:\\n  Kill this job\\? Please confirm\\n    Name: \`etl\`\\n[^]*it eats the queue[^]*\\n  \\[Kill\\] \\[Decline\\]$`)) });
    expect(typed.text.split('Kill this job?')).toHaveLength(2);
    expectNoKill(stage);
    const pressed = await run('slack', '--click', 'kill');
    expect(pressed).toEqual({ code: 0, text: expect.stringMatching(new RegExp(`^${REQUESTER} presses kill in ${CHANNEL}\\n[^]*the message in ${CHANNEL} says:\\n  Killed: `)) });
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('may be followed by the button at once, by who is named', async () => {
    const job = stage.addRunning('etl', 2);
    expect((await run('slack', '/mrs kill etl', '--click', 'Decline')).text).toMatch(/\n {2}Declined: /);
    expect((await run('slack', '/mrs kill etl', '--as', STRANGER)).text).toContain('Refused: mayKill');
    await run('slack', '/mrs kill etl');
    expect((await run('slack', '--click', 'Kill', '--as', APPROVER)).text).toMatch(/Then, to that person only:\n {2}Refused/);
    expectNoKill(stage);
    expect(stage.simulator.job(job.job_id)?.job_state).toBe('RUNNING');
  });

  it('presses a button of a note, too', async () => {
    const job = stage.addRunning('nb-old', 9);
    expect((await run('slack', '/mrs cleanup')).text).toMatch(/\[Kill this job\]$/);
    expect((await run('slack', '--click', 'Kill this job')).code).toBe(0);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('names the buttons that there are where none is meant, and says where none is', async () => {
    expect(await run('slack', '--click', 'Kill')).toEqual({ code: 1, text: 'no message has a button now' });
    stage.addRunning('etl', 2);
    await run('slack', '/mrs kill etl');
    expect(await run('slack', '--click', 'Approve')).toEqual({ code: 1, text: 'no message has a button "Approve"; there are: Kill, Decline' });
    expectNoKill(stage);
  });

  it('that is signed with another secret is one line, and nothing was killed', async () => {
    stage.addRunning('etl', 2);
    env['SLACK_SIGNING_SECRET'] = 'another-secret-0123456789';
    const { code, text } = await run('slack', '/mrs kill etl');
    expect([code, text.split('\n').slice(1)]).toEqual([1, [expect.stringMatching(/^401: .*another secret/)]]);
    expectNoKill(stage);
  });

  it('in a dry run is shown, and nothing is sent', async () => {
    stage.addRunning('etl', 2);
    const { code, text } = await run('slack', '/mrs kill etl', '--dry-run');
    expect([code, text]).toEqual([0, expect.stringMatching(/text: kill etl\n[^]*response_url: \[hidden\][^]*nothing was sent/)]);
    expect(stage.backend.list({})).toEqual([]);
    expectNoKill(stage);
  });

  it('says what to start where the policy of npm start lets nobody in', async () => {
    stage.deploy(cleanupPolicy(STALE).replace('team: T0123ABCD, ', ''));
    start = { ...start, team: undefined } as RunningStart;
    const { text } = await run('slack', '/mrs jobs');
    expect(text).toMatch(/Refused: team\. No workspace may use this yet[^]*POLICY_FILE=test\/local\/live-policy\.yml npm start$/);
  });

  it('to another server is answered, and what comes later is seen in Slack only', async () => {
    const { code, text } = await run('slack', '/mrs jobs', '--url', `http://127.0.0.1:${env['PORT']}`);
    expect([code, text]).toEqual([0, expect.stringMatching(/Looking …\n\nWhat comes later is seen in Slack only\./)]);
  });

  it('says so in one line where no secret is set either', async () => {
    start = undefined;
    env['SLACK_SIGNING_SECRET'] = '';
    expect(await run('slack', '/mrs jobs')).toEqual({ code: 1, text: expect.stringMatching(/^npm start does not run here on port \d+: run npm start first.*$/) });
  });

  it.each([['none runs', undefined], ['one was killed', 'http://127.0.0.1:9']])('says to run npm start where %s', async (_, simulatorUrl) => {
    start = simulatorUrl === undefined ? undefined : { simulatorUrl, policyFile: 'policy.yml' };
    env['PORT'] = '9';
    const { code, text } = await run('slack', '/mrs jobs');
    expect([code, text.split('\n').at(-1)]).toEqual([1, expect.stringMatching(/^no answer from http:\/\/127\.0\.0\.1:9 \(.+\): run npm start first, in another terminal$/)]);
  });
});

describe('cleanup', () => {
  it('runs in npm start and says what each rule did, with --dry-run without a kill', async () => {
    const job = stage.addRunning('nb-old', 9);
    expect(await run('cleanup', '--dry-run')).toEqual({ code: 0, text: 'Cleanup\n• `stale-notebooks`: 1 matched, 1 would be killed (dry run)' });
    await stage.idle();
    expectNoKill(stage);
    expect((await run('cleanup')).text).toBe('Cleanup\n• `stale-notebooks`: 1 matched, 1 being killed');
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('of the own home is asked of who holds its store', async () => {
    stage.addRunning('nb-old', 9);
    const file = join(makeFolder(), 'store.sqlite');
    const never = async (): Promise<never> => Promise.reject(new Error('nobody asks for this'));
    const control = await startControl(file, { open: () => [], stop: never, backup: never, cleanup: (dryRun) => stage.run({ dryRun }) }, () => undefined);
    env['STORE_FILE'] = file;
    expect(await run('cleanup', '--home', '--dry-run')).toEqual({ code: 0, text: 'Cleanup\n• `stale-notebooks`: 1 matched, 1 would be killed (dry run)' });
    control.close();
    expect(await run('cleanup', '--home')).toEqual({ code: 1, text: expect.stringMatching(/^no process holds the store \S+: set STORE_FILE as the process that serves has it; where none does, start one with npm run serve$/) });
    await stage.idle();
    expectNoKill(stage);
  });

  it('says which start there is none of', async () => {
    env['LAMBDA_PORT'] = '9';
    expect(await run('cleanup')).toEqual({ code: 1, text: expect.stringMatching(/^no answer from .*: run npm start first, in another terminal; for the own home add --home$/) });
  });

  it('that finds nothing says so', async () => {
    expect(await run('cleanup')).toEqual({ code: 0, text: 'No rule matched a job.' });
  });
});
