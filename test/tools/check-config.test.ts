import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { runTool, type ToolEnd } from './run-tool.ts';
import { itAtFullSize } from '../support/full-size.ts';

const SECRETS = { password: 'simulator-password', bot: 'xoxb-simulator-token', signing: 'a-signing-secret', api: 'an-api-token-0123456789', alert: 'an-alert-token-0123456789' };
const POLICY = `
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: bc134369-294c-42b7-a707-b2036ba38524 }
slack: { team: T0123ABCD, mayKill: [U012AB3CD], channel: C0123456789 }
alerts:
  - { match: { alertname: MrsJobStuck }, action: kill }
`;
const SCOPES = { 'x-oauth-scopes': 'commands,chat:write,channels:read' };

const NEVER_SEEN: unknown[] = [expect.stringMatching(/^skipped right to kill: /), expect.stringMatching(/^skipped roles of the functions: /), expect.stringMatching(/^skipped Messages tab of the Slack app: /)];

let folder: string;
let simulator: Simulator;
let env: Record<string, string>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'check-config-'));
  simulator = await startSimulator({ slack: { botToken: SECRETS.bot } });
  writeFileSync(join(folder, 'policy.yml'), POLICY);
  env = {
    HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: SECRETS.password, HW_DOMAIN_NAME: 'simulator',
    MRS_ENDPOINT: simulator.url, HW_AUTH_URL: simulator.url, API_TOKENS: `ci:${SECRETS.api}`, ALERT_TOKENS: `am:${SECRETS.alert}`, SLACK_SIGNING_SECRET: SECRETS.signing,
    SLACK_BOT_TOKEN: SECRETS.bot, SLACK_API_URL: simulator.slack.apiUrl,
  };
});

afterEach(async () => {
  // Whatever a test did: the check only ever reads.
  expect(simulator.kills()).toEqual([]);
  expect(simulator.slack.messages()).toEqual([]);
  await simulator.close();
  rmSync(folder, { recursive: true, force: true });
});

async function check(args: string[] = []): Promise<ToolEnd> {
  const end = await runTool('check-config', { args, env, cwd: folder });
  for (const secret of Object.values(SECRETS)) expect(end.output).not.toContain(secret);
  expect(end.output).not.toMatch(/^\s+at /m);
  return end;
}

describe('npm run check-config', () => {
  it('where all is right every line is ok, and the exit code is 0', async () => {
    simulator.addJob();
    simulator.fault({ on: 'slack', headers: SCOPES, times: 2 });
    const { code, lines } = await check();
    expect(lines).toEqual([
      expect.stringMatching(/^ok {6}settings: region eu-west-101, user killswitch of simulator; /),
      'ok      PAUSED: off',
      'ok      policy.yml: 2 clusters, 1 alert rule, 0 cleanup rules; dry run for every trigger',
      `ok      analytics: region eu-west-101, project ${PROJECT_ID}`,
      'ok      analytics: found as analytics, running',
      'ok      analytics: jobs can be listed (1 on the first page)',
      'ok      analytics: a job can be read',
      expect.stringMatching(/^ok {6}analytics: our clock is [01] s /),
      `ok      dev: region eu-west-101, project ${PROJECT_ID}`,
      'ok      dev: found as dev, running',
      'ok      dev: jobs can be listed (0 on the first page)',
      'ok      dev: a job can be read',
      expect.stringMatching(/^ok {6}dev: our clock is [01] s /),
      'ok      Slack: workspace simulator (T0123ABCD)',
      'ok      Slack: scopes commands, chat:write, channels:read',
      'ok      Slack channel C0123456789: c0123456789, the bot is in it',
      'warning LEDGER_TABLE: not looked at: give --stage, whose deployment makes the table, or set it',
      ...NEVER_SEEN,
      'Nothing is BAD.',
    ]);
    expect(code).toBe(0);
  });

  it('only reads: the one POST is that for a token', async () => {
    await check();
    const posts = simulator.requests.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);
    expect(new Set(posts)).toEqual(new Set(['POST /v3/auth/tokens']));
  });

  it('AK/SK works as well, and then no token is asked for', async () => {
    env = { ...env, HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: 'simulator-secret-key' };
    const { code, output } = await check();
    expect(output).toContain('ok      dev: found as dev, running');
    expect(code).toBe(0);
    expect(simulator.requests.some(({ method }) => method === 'POST')).toBe(false);
  });

  it('every setting that is wrong is a line by its name, the policy is checked all the same, and nobody is asked', async () => {
    env = { ...env, HW_REGION_NAME: '', API_TOKENS: 'ci:short', FOLLOW_INTERVAL_SEC: 'soon' };
    const { code, lines } = await check();
    expect(lines.filter((line) => line.startsWith('BAD')).map((line) => line.split(':')[0])).toEqual(['BAD     HW_REGION_NAME', 'BAD     API_TOKENS', 'BAD     FOLLOW_INTERVAL_SEC']);
    expect(lines).toContainEqual(expect.stringMatching(/^ok {6}policy\.yml: /));
    expect(code).toBe(1);
    expect(simulator.requests).toEqual([]);
  });

  itAtFullSize('every mistake in the policy is a line with its place, and nobody is asked', async () => {
    writeFileSync(join(folder, 'policy.yml'), 'clusters:\n  analytics: { id: 12e3 }\nprotecte: []\n');
    const { code, lines } = await check();
    const places = lines.filter((line) => line.startsWith('BAD')).map((line) => line.split(' ').filter(Boolean)[1]);
    expect(places).toEqual(['policy.yml:2:20:', 'policy.yml:3:1:']);
    expect(code).toBe(1);
    expect(simulator.requests).toEqual([]);
  });

  itAtFullSize('a policy that is not there is a line', async () => {
    env['POLICY_FILE'] = 'production.yml';
    expect(await check()).toMatchObject({ code: 1, output: expect.stringMatching(/^BAD {5}POLICY_FILE: production\.yml is not there: name the policy/m) });
  });

  it('a policy that needs Slack is BAD without a bot token', async () => {
    env['SLACK_BOT_TOKEN'] = '';
    writeFileSync(join(folder, 'policy.yml'), POLICY.replace('action: kill', 'action: notify'));
    expect(await check()).toMatchObject({ code: 1, output: expect.stringMatching(/^BAD {5}policy\.yml:\d+:\d+: alerts\.0\.action: /m) });
  });

  itAtFullSize('a region without known endpoints is a line of its cluster', async () => {
    delete env['MRS_ENDPOINT'];
    delete env['HW_AUTH_URL'];
    writeFileSync(join(folder, 'policy.yml'), POLICY.replace('region: eu-west-101', 'region: eu-nowhere-7'));
    const { code, lines } = await check();
    expect(lines).toContainEqual('BAD     analytics: no endpoints are known for region eu-nowhere-7; set MRS_ENDPOINT and HW_AUTH_URL');
    expect(code).toBe(1);
  });

  it('the off switch is a warning while it is on', async () => {
    env['PAUSED'] = 'true';
    expect(await check(['--offline'])).toMatchObject({ code: 0, output: expect.stringMatching(/^warning PAUSED: the off switch is on/m) });
  });

  it('--offline asks nobody', async () => {
    const { code, lines } = await check(['--offline']);
    expect(lines.slice(3)).toEqual(['skipped clusters, Slack, LEDGER_TABLE: not asked: --offline', ...NEVER_SEEN, 'Nothing is BAD.']);
    expect(code).toBe(0);
    expect(simulator.requests).toEqual([]);
  });

  it('--stage reads .env.<stage> before .env, and what is set already wins over both', async () => {
    for (const name of ['HW_USER_NAME', 'HW_DOMAIN_NAME']) delete env[name];
    writeFileSync(join(folder, '.env'), 'HW_USER_NAME=of-env\nHW_DOMAIN_NAME=of-env\nHW_REGION_NAME=of-env\n');
    writeFileSync(join(folder, '.env.prod'), 'HW_USER_NAME=of-prod\nHW_REGION_NAME=of-prod\n');
    expect(await check(['--offline', '--stage', 'prd'])).toMatchObject({ code: 1, lines: ['--stage prd: there is no .env.prd here, and there is .env.prod; did you mean --stage prod?'] });
    expect((await check(['--offline', '--stage', 'prod'])).lines[0]).toContain('region eu-west-101, user of-prod of of-env;');
    expect((await check(['--offline'])).lines[0]).toContain('region eu-west-101, user of-env of of-env;');
  });

  it('--help explains and ends with 0, an unknown option ends with 1, and nobody is asked', async () => {
    expect(await check(['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('npm run check-config') });
    expect(await check(['--kill'])).toMatchObject({ code: 1, output: expect.stringContaining('--help') });
    expect(simulator.requests).toEqual([]);
  });
});
