import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { compose } from '../../lib/house/compose.ts';
import { http } from '../../functions/aws/http.ts';
import { outsideOfLambda } from '../../functions/aws/process.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createApi } from '../../lib/api/api.ts';
import { createLog } from '../../lib/log/log.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type HandlerServer, serveHandler } from '../support/serve-handler.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { runTool, type ToolEnd } from './run-tool.ts';
import { thinned } from '../support/full-size.ts';

const TOKEN = 'smoke-token-0123456789';
const POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: bc134369-294c-42b7-a707-b2036ba38524 }
`;

let folder: string;
let simulator: Simulator;
let deployed: HandlerServer;
const closing: (() => Promise<unknown>)[] = [];

/** The API and Slack's routes behind one address, as the gateway puts them, killing for real. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'smoke-'));
  simulator = await startSimulator();
  writeFileSync(join(folder, 'policy.yml'), POLICY);
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(parsePolicy(POLICY, { hasBotToken: true, file: 'policy.yml' })));
  const settings = {
    HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'simulator-password', HW_DOMAIN_NAME: 'simulator',
    MRS_ENDPOINT: simulator.url, HW_AUTH_URL: simulator.url, API_TOKENS: `smoke:${TOKEN}`, SLACK_SIGNING_SECRET: 'a signing secret',
    SLACK_BOT_TOKEN: 'xoxb-simulator-token', SLACK_API_URL: simulator.slack.apiUrl, KILL_FUNCTION: 'mrs-killswitch-test-kill:durable', WARN_FUNCTION: 'mrs-killswitch-test-warn:durable',
    LEDGER_TABLE: 'ledger',
  };
  const outside = { ...outsideOfLambda('api', pathToFileURL(join(folder, 'policy.json'))), env: settings, openLedger: () => createSqliteLedger(memoryStore()), log: createLog({ level: 'error', now: () => 0, write: () => {} }) };
  const house = compose(outside);
  const [api, slack] = [createApi(house.load), createSlackRoutes(house.loadStarting)];
  deployed = await serveHandler(http(outside, (request) => (request.path.startsWith('/slack/') ? slack(request) : api(request))));
});

afterEach(async () => {
  await deployed.close();
  await simulator.close();
  for (const close of closing.splice(0)) await close();
  rmSync(folder, { recursive: true, force: true });
});

const smoke = (args: string[], env: Record<string, string> = { API_TOKENS: `smoke:${TOKEN}` }): Promise<ToolEnd> => runTool('smoke', { args, env, cwd: folder });

/** Something else that answers everything the same way. */
async function serveAlways(status: number, body: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status, { location: deployed.url }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('npm run smoke', () => {
  it('a deployment that is right is ok on every line, and nothing was killed', async () => {
    const { code, lines } = await smoke([deployed.url]);
    expect(lines).toEqual([
      expect.stringMatching(/^ok {6}health: version \d+\.\d+\.\d+; on: api, slack$/),
      'ok      forged Slack signature: 401 KILL.0401',
      'ok      unknown route: 404 KILL.0404',
      'ok      dry-run kill of a job that does not exist: 404 KILL.0404',
      'All as it should be.',
    ]);
    expect(code).toBe(0);
    // The kill that it asks for is a dry run, whatever the policy says.
    const kills = deployed.served.filter(({ path }) => path.endsWith('/kill'));
    expect(kills.map(({ path, body }) => [path, JSON.parse(body).dry_run])).toEqual([
      [`/v2/${PROJECT_ID}/clusters/${ANALYTICS_ID}/job-executions/00000000-0000-4000-8000-000000000000/kill`, true],
    ]);
    expect(simulator.kills()).toEqual([]);
  });

  it.each([
    ['a token that the deployment does not know is BAD', [], { SMOKE_TOKEN: 'another-token-0123456789' }, /^BAD {5}dry-run kill.*401 KILL\.0401.*instead of 404/],
    ["a project that is not the cluster's is BAD", ['--project', 'f'.repeat(32)], { SMOKE_TOKEN: TOKEN }, /^BAD {5}dry-run kill.*403 KILL\.0403 \(clusters: /],
  ])('%s, no line shows the token, and nothing was killed', async (_title, args, env, line) => {
    const { code, lines, output } = await smoke([`${deployed.url}/`, ...args], env);
    expect(output).not.toContain(env.SMOKE_TOKEN);
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(code).toBe(1);
    expect(simulator.kills()).toEqual([]);
  });

  it('MRS that cannot be reached is BAD, and the others are still asked', async () => {
    simulator.fault({ on: 'token', times: Infinity, status: 401, body: { error: { code: 401, message: 'The username or password is wrong.' } } });
    const { code, lines } = await smoke([deployed.url]);
    expect(lines.map((line) => line.slice(0, 3))).toEqual(['ok ', 'ok ', 'ok ', 'BAD', '1 n']);
    expect(lines[3]).toContain('502 KILL.0502');
    expect(code).toBe(1);
  });

  it('where no REST client has a token the kill can be left out, but never by accident', async () => {
    const without = await smoke([deployed.url, '--no-kill'], {});
    expect(without).toMatchObject({ code: 0, lines: { length: 4 } });
    expect(await smoke([deployed.url], {})).toMatchObject({ code: 1, output: expect.stringContaining('SMOKE_TOKEN') });
    // The name of the parameter must not be sent as if it were the token.
    expect(await smoke([deployed.url], { API_TOKENS: 'ssm:/mrs-killswitch/prod/api-tokens' })).toMatchObject({ code: 1, output: expect.stringContaining('SMOKE_TOKEN') });
    expect(deployed.served.filter(({ path }) => path.endsWith('/kill'))).toEqual([]);
  });

  it.each(thinned<[string, number, string]>([
    ['another site that answers 404 to all', 404, '<html>no such page</html>'],
    ['one that answers 200 to all', 200, '{"status":"ok"}'],
    ['one that sends us elsewhere', 302, ''],
  ], 2))('%s is BAD, and is not followed', async (_title, status, body) => {
    const url = await serveAlways(status, body);
    const { code, lines } = await smoke([url]);
    expect(lines.filter((line) => line.startsWith('BAD')).length).toBeGreaterThanOrEqual(3);
    expect(code).toBe(1);
    expect(deployed.served).toEqual([]);
  });

  it.each([
    ['a kill that could not be recorded', 503, '{"error_code":"KILL.0503","error_msg":"no record to be had"}', /^BAD {5}dry-run kill.*503 KILL\.0503.*LEDGER_TABLE.*check-config/],
    ['a switch that cannot be read', 200, '{"status":"ok","paused":"unreadable"}', /^BAD {5}health: the off switch cannot be read.*LEDGER_TABLE/],
  ])('%s is BAD, and names the setting of the table', async (_title, status, body, line) => {
    const { code, lines } = await smoke([await serveAlways(status, body)]);
    expect(lines).toContainEqual(expect.stringMatching(line));
    expect(code).toBe(1);
  });

  it('nobody at the address is BAD on every line', async () => {
    const url = await serveAlways(200, '');
    await closing.pop()?.();
    const { code, lines } = await smoke([url]);
    expect(lines.slice(0, 4).every((line) => /^BAD.*no answer \(ECONNREFUSED\)/.test(line))).toBe(true);
    expect(code).toBe(1);
  });

  it.each(thinned<[string, string[]]>([
    ['no URL', []],
    ['two URLs', ['https://one.example', 'https://two.example']],
    ['a URL without encryption', ['http://killswitch.example.com']],
    ['an option that does not exist', ['http://127.0.0.1:9', '--kill']],
    ['a cluster that is not in the policy', ['http://127.0.0.1:9', '--cluster', 'prod']],
    ['a cluster whose project nobody knows', ['http://127.0.0.1:9', '--cluster', 'dev']],
  ], 5))('%s ends with a sentence and 1', async (_title, args) => {
    const { code, output } = await smoke(args);
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).toMatch(/\S+ \S+/);
    expect(output).not.toMatch(/^(?:ok|BAD)/m);
    expect(code).toBe(1);
  });

  it('--help explains, asks nobody and ends with 0', async () => {
    expect(await smoke(['--help'])).toMatchObject({ code: 0, output: expect.stringContaining('npm run smoke -- <url>') });
    expect(deployed.served).toEqual([]);
  });
});
