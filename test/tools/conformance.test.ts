import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { describeAtFullSize } from '../support/full-size.ts';
import { realClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import { startLambdaServer } from '../local/lambda-server.ts';
import { connect, createTable, type Dynalite, startDynalite } from '../ledger/dynalite.ts';
import { runTool, type ToolEnd } from './run-tool.ts';

let folder: string;
let server: Dynalite;
let backend: DurableBackend;
let lambda: Awaited<ReturnType<typeof startLambdaServer>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  server = await startDynalite();
  await createTable(connect(server.url, { table: 'mrs-killswitch-prod-ledger' }));
  backend = createDurableBackend({ clock: realClock() });
  backend.register('mrs-killswitch-prod-kill', withDurableExecution(async () => undefined));
  lambda = await startLambdaServer(backend);
});
afterAll(async () => {
  await server.close();
  backend.close();
  await lambda.close();
  rmSync(folder, { recursive: true, force: true });
});

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a-secret-key-of-aws-0123456789' };
/** No credentials of this machine: `HOME` has no profile. */
const conformance = (args: string[], env: Record<string, string> = {}): Promise<ToolEnd> =>
  runTool('conformance', { args, env: { HOME: folder, AWS_ENDPOINT_URL_DYNAMODB: server.url, AWS_ENDPOINT_URL_LAMBDA: lambda.url, ...env }, cwd: folder });

describeAtFullSize('npm run conformance', () => {
  it('runs the suites against the table and the function of the stage, and all of them pass', async () => {
    const { code, output } = await conformance(['--aws', 'prod'], KEYS);
    expect(output).toContain('test/ledger/aws.test.ts');
    expect(output).toContain('test/scenes/deployed.test.ts');
    expect(output).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
    expect(code).toBe(0);
  }, 120_000);

  it.each<[string, string[], Record<string, string>, string | RegExp]>([
    ['no credentials', ['--aws', 'prod'], {}, 'No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'],
    ['no stage', [], KEYS, 'Give the stage that was deployed: npm run conformance -- --aws <stage>'],
    ['an option that there is not', ['--azure', 'prod'], KEYS, '--azure is no option of npm run conformance. npm run conformance -- --help lists them.'],
    ['a region that is none', ['--aws', 'prod', '--region', 'mars'], KEYS, '--region has to be an AWS region, such as eu-west-1.'],
    ['a part that there is not', ['--aws', 'prod', '--only', 'slack'], KEYS, '--only has to be ledger or engine.'],
    ['a bad endpoint', ['--aws', 'prod'], { ...KEYS, AWS_ENDPOINT_URL_DYNAMODB: 'http://example.com' }, 'settings: AWS_ENDPOINT_URL_DYNAMODB: has to be a URL: https, or http on this machine'],
    ['an unknown stage', ['--aws', 'nowhere'], KEYS, 'mrs-killswitch-nowhere-ledger in eu-west-1: LEDGER_TABLE names no table in this AWS region: deploy it there, or correct LEDGER_TABLE or the region.'],
    ['a table that LEDGER_TABLE names and nobody made', ['--aws', 'prod'], { ...KEYS, LEDGER_TABLE: 'other' }, /^other in eu-west-1: LEDGER_TABLE names no table/],
  ])('%s is one line, and exit code 1', async (_, args, env, line) => {
    const { code, lines } = await conformance(args, env);
    expect(lines).toEqual([typeof line === 'string' ? line : (expect.stringMatching(line) as unknown)]);
    expect(code).toBe(1);
  });

  it('an engine that is not there fails it', async () => {
    const { code, output } = await conformance(['--aws', 'nowhere', '--only', 'engine'], KEYS);
    expect(output).toContain('Function mrs-killswitch-nowhere-kill not found');
    expect(code).toBe(1);
  }, 60_000);

  it('--help says what it does', async () => {
    const { code, output } = await conformance(['--help']);
    expect(output).toContain('npm run conformance -- --aws <stage>');
    expect(code).toBe(0);
  });
});
