import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type Dynalite, startDynalite } from '../ledger/dynalite.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { tryLedger } from '../../tools/try-ledger.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { runTool } from '../tools/run-tool.ts';
import { SIMULATED_USER } from '../simulator/settings.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { ANY_BODY, PROOFS, sendEverywhere } from './any-body.ts';
import { describeAtFullSize, isFullSize, thinned } from '../support/full-size.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_WITHIN_MS = 60_000; // as serveOffline: machines are shared
const TOKEN = 'e2e-token-0123456789';

/** A local start as `npm start` does it. */
type LocalStart = { process: ChildProcess; url: string; lambdaPort: string; output: () => string; exit: Promise<number | null> };

async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Knows nothing of the environment of this process but where programs and the home folder are. */
async function startLocally(env: Record<string, string>): Promise<LocalStart> {
  const [port, lambdaPort] = await findFreePorts(2);
  const child = spawn(process.execPath, [join(ROOT, 'tools/osls.ts'), 'start'], {
    cwd: ROOT,
    env: {
      PATH: [join(ROOT, 'node_modules/.bin'), process.env['PATH']].join(delimiter),
      HOME: process.env['HOME'],
      PORT: String(port),
      LAMBDA_PORT: String(lambdaPort),
      API_TOKENS: `e2e:${TOKEN}`,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, url: `http://127.0.0.1:${port}`, lambdaPort: String(lambdaPort), output: () => output, exit };
}

async function waitUntilReady({ process: child, url, output }: LocalStart): Promise<void> {
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt && child.exitCode === null; await sleep(100)) {
    const status = await fetch(`${url}/health`).then((answer) => answer.status, () => undefined); // prettier-ignore
    if (status === 200) return;
  }
  throw new Error(`the local start was not ready:\n${output()}`);
}

async function stop({ process: child, exit }: LocalStart): Promise<void> {
  if (child.exitCode === null) child.kill('SIGKILL');
  await exit;
}

describe('a local start', () => {
  let simulator: Simulator;
  let dynalite: Dynalite;
  let local: LocalStart;
  // The start takes seconds, so all tests share it; the last one stops it.
  beforeAll(async () => {
    simulator = await startSimulator({ killDelayMs: 500 });
    dynalite = await startDynalite();
    local = await startLocally({
      POLICY_FILE: 'test/local/live-policy.yml',
      MRS_ENDPOINT: simulator.url,
      HW_AUTH_URL: `${simulator.url}/v3`,
      ...PROOFS,
      ...SIMULATED_USER,
      HW_PROJECT_ID: PROJECT_ID,
      FOLLOW_INTERVAL_SEC: '1',
      AWS_ENDPOINT_URL_DYNAMODB: dynalite.url,
      LEDGER_TABLE: 'of-this-test',
    });
    await waitUntilReady(local);
  }, READY_WITHIN_MS + 5_000);
  afterAll(async () => {
    await stop(local);
    await dynalite.close();
    await simulator.close();
  });

  const call = async (line: string, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }): Promise<{ status: number; body: any }> => {
    const [method = '', path = ''] = line.split(' ');
    const answer = await fetch(local.url + path, { method, headers });
    return { status: answer.status, body: await answer.json() };
  };

  it('tells its health', async () => {
    expect(await call('GET /health', {})).toEqual({
      status: 200,
      body: { status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/), triggers: expect.objectContaining({ api: 'on' }), paused: false, dry_run: false },
    });
  });

  it('makes the table of the ledger where AWS_ENDPOINT_URL_DYNAMODB leads', async () => {
    await expect(tryLedger(createDynamoLedger(connect(dynalite.url, { table: 'of-this-test' })), Date.now())).resolves.toBeUndefined();
  });

  it('kills a job, once, and says so to who waits', async () => {
    const job = simulator.addJob({ job_name: 'etl-daily' });
    const reply = await call(`POST ${JOBS_PATH}/${job.job_id}/kill`, { authorization: `Bearer ${TOKEN}`, prefer: 'wait=10' });
    expect([reply.status, reply.body.outcome, reply.body.job.job_result]).toEqual([200, 'killed', 'KILLED']);
    expect(simulator.kills().map(({ path }) => path)).toEqual([`${JOBS_PATH}/${job.job_id}/kill`]);
    const audit = (): string[] => local.output().split('\n').filter((line) => line.includes('"level":"audit"') && line.includes(job.job_id));
    // What a handler writes comes through a pipe, and can arrive after its answer.
    for (let tries = 0; audit().length < 2 && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(audit()).toHaveLength(2);
  });

  it('shows a job', async () => {
    const job = simulator.addJob();
    const reply = await call(`GET ${JOBS_PATH}/${job.job_id}`);
    expect([reply.status, reply.body.job_detail.job_id]).toEqual([200, job.job_id]);
  });

  it.each([
    ['a stranger with 401', 'POST', `${JOBS_PATH}/431b135e-c090-489f-b1db-0abe3822b855/kill`, {}, 401, 'KILL.0401'],
    ['an id with a slash in it', 'POST', `${JOBS_PATH}/..%2Fx/kill`, undefined, 400, 'KILL.0400'],
    ['an unknown job', 'POST', `${JOBS_PATH}/00000000-0000-4000-8000-000000000000/kill`, undefined, 404, 'KILL.0404'],
    ['an unlisted cluster', 'POST', `/v2/${PROJECT_ID}/clusters/unlisted/job-executions/00000000-0000-4000-8000-000000000000/kill`, undefined, 403, 'KILL.0403'],
    ['an unknown route', 'GET', '/nowhere', undefined, 404, 'KILL.0404'],
    ['a wrong method', 'DELETE', `/v2/${PROJECT_ID}/clusters/${ANALYTICS_ID}/job-executions/00000000-0000-4000-8000-000000000000`, undefined, 405, 'KILL.0405'],
  ] as const)('turns away %s', async (_case, method, path, headers, status, code) => {
    const posts = simulator.kills().length;
    const reply = await call(`${method} ${path}`, headers);
    expect([reply.status, reply.body]).toEqual([status, { error_code: code, error_msg: expect.any(String), request_id: expect.any(String) }]);
    expect(simulator.kills()).toHaveLength(posts);
  });

  it.each(thinned(ANY_BODY, 3))('answers a body of %j in shape on every route, and nothing was killed', async (body) => {
    const posts = simulator.kills().length;
    const answers = await sendEverywhere(local.url, body, TOKEN);
    expect(answers).toEqual(answers.map(([to, status]) => [to, status, { error_code: `KILL.0${status}`, error_msg: expect.any(String), request_id: expect.any(String) }]));
    // serverless-offline hands on `"x"` without its quotes and `null` as no body: a signature does not hold then, and no body is a kill.
    expect(answers.filter(([to, status]) => !(to === '/health' ? [405] : [400, 401, 404]).includes(status))).toEqual([]);
    expect(simulator.kills()).toHaveLength(posts);
  });

  it('answers a command that replay types into its Slack, and cleanup', async () => {
    const { port } = new URL(local.url);
    const command = await runTool('replay', { args: ['slack', '/mrs clusters'], env: { PORT: port, ...PROOFS }, cwd: ROOT });
    expect(command).toMatchObject({ code: 0, output: expect.stringMatching(/^U012AB3CD types \/mrs clusters in C0123456789\n[^]*\nThen, to that person only:\n[^]*analytics/) });
    expect(await runTool('replay', { args: ['cleanup', '--dry-run'], env: { LAMBDA_PORT: local.lambdaPort }, cwd: ROOT })).toMatchObject({ code: 0, lines: ['No rule matched a job.'] });
  });

  it('never shows a secret in its output', () => {
    expect(local.output()).not.toMatch(/simulator-password|e2e-[a-z-]+-0123456789|fake-argument-secret|FAKEACCESSKEY/);
    for (const token of simulator.issuedTokens()) expect(local.output()).not.toContain(token.slice(0, 40));
  });

  it('stops whole on SIGTERM: its port is closed', async () => {
    local.process.kill('SIGTERM');
    expect(await Promise.race([local.exit.then(() => 'ended'), sleep(10_000, 'still there', { ref: false })])).toBe('ended');
    await expect(fetch(`${local.url}/health`)).rejects.toThrow();
  }, 15_000);
});

// test/local/start-refused.test.ts has it without a process each time.
describeAtFullSize('a local start with a bad policy', () => {
  it('ends with an exit code, and line and key of every mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bad-policy-'));
    const file = join(folder, 'bad.yml');
    writeFileSync(file, `dryRun: false\nclusters:\n  analytics: { id: ${ANALYTICS_ID} }\nprotekted: []\ncleanup:\n  - { name: x, cluster: nope, match: { name: "*" }, action: kill }\n`);
    const local = await startLocally({ POLICY_FILE: file });
    try {
      const exitCode = await Promise.race([local.exit, sleep(20_000, 'still there' as const, { ref: false })]);
      expect(exitCode).toEqual(expect.any(Number));
      expect(exitCode).not.toBe(0);
      expect(local.output()).toContain('bad.yml:4:1 protekted: unknown key');
      expect(local.output()).toMatch(/bad\.yml:6:\d+ cleanup\.0\.cluster: /);
      await expect(fetch(`${local.url}/health`)).rejects.toThrow();
    } finally {
      await stop(local);
      rmSync(folder, { recursive: true });
    }
  }, 25_000);
});

describe('a local start that cannot be', () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => void server.close());

  it.each<[string, (port: number) => Record<string, string>, (port: number) => string]>([
    ['a port that is taken', (port) => ({ PORT: String(port) }), (port) => `PORT: port ${port} is taken: stop what listens there, or set PORT to another one`],
    ...(isFullSize ? [['a name that can be no table', () => ({ LEDGER_TABLE: 'a table' }), () => 'settings: LEDGER_TABLE: has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .'] as [string, () => Record<string, string>, () => string]] : []),
  ])('%s is one line that names the setting, and exit code 1', async (_case, env, line) => {
    const { port } = server.address() as AddressInfo;
    const local = await startLocally(env(port));
    try {
      expect(await Promise.race([local.exit, sleep(20_000, 'still there' as const, { ref: false })])).toBe(1);
      expect(local.output().split('\n').filter((each) => each !== '')).toEqual([line(port)]);
    } finally {
      await stop(local);
    }
  });
});
