import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { http } from '../../../functions/aws/http.ts';
import { outsideOfLambda } from '../../../functions/aws/process.ts';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { createFileReader } from '../../../home/settings/read-files.ts';
import { createApi } from '../../../lib/api/api.ts';
import { compose } from '../../../lib/house/compose.ts';
import { createLog } from '../../../lib/log/log.ts';
import { PROJECT_ID } from '../../simulator/client.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { httpEvent, lambdaContext } from '../../support/http-event.ts';
import { memoryStore } from '../../support/memory-store.ts';
import { parsePolicy } from '../../support/parse-policy.ts';

const JOB = '431b135e-c090-489f-b1db-0abe3822b855';
const PATH = `/v2/${PROJECT_ID}/clusters/analytics/job-executions/${JOB}` as const;
const POLICY = `dryRun: false\nclusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3, project: ${PROJECT_ID} } }`;
const TOKEN = 'first-token-0123456789';

let simulator: Simulator;
let folder: string;
let now: number;
let lines: string[];

beforeEach(async () => {
  now = Date.parse('2026-11-22T12:00:00Z');
  lines = [];
  simulator = await startSimulator({ now: () => now });
  simulator.agency.bind();
  simulator.addJob({ job_id: JOB });
  folder = mkdtempSync(join(tmpdir(), 'house-'));
  put('policy.json', JSON.stringify(parsePolicy(POLICY, { hasBotToken: false, file: 'policy.yml' })));
  put('tokens', `ci:${TOKEN}\n`);
  put('paused', 'false\n');
});

afterEach(async () => {
  await simulator.close();
  rmSync(folder, { recursive: true });
});

/** As secrets are mounted: a rename over the old file. */
function put(name: string, text: string): void {
  writeFileSync(join(folder, `${name}.new`), text, { mode: 0o600 });
  renameSync(join(folder, `${name}.new`), join(folder, name));
}

/** The REST part of a home whose secrets are files, and who calls MRS by its server's agency. */
function startApi(more: Record<string, string> = {}) {
  const env = {
    HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs', MRS_ENDPOINT: simulator.url, HW_AUTH_URL: simulator.url,
    API_TOKENS: `file:${join(folder, 'tokens')}`, PAUSED: `file:${join(folder, 'paused')}`, LEDGER_TABLE: 'ledger', ...more,
  };
  const log = createLog({ level: 'debug', now: () => now, write: (line) => void lines.push(line) });
  const outside = {
    ...outsideOfLambda('api', pathToFileURL(join(folder, 'policy.json'))),
    home: 'own' as const, env, log, clock: { now: () => now, wall: () => now, sleep: async (ms: number) => void (now += ms), random: () => 0 },
    readParameters: createFileReader(log), metadataUrl: simulator.url, openLedger: () => createSqliteLedger(memoryStore()),
  };
  const house = compose(outside);
  const call = http(outside, createApi(house.load), house);
  return {
    get: async (token: string) => (await call(httpEvent(`GET ${PATH}`, { headers: { authorization: `Bearer ${token}` } }), lambdaContext())).statusCode,
    kill: () => call(httpEvent(`POST ${PATH}/kill`, { headers: { authorization: `Bearer ${TOKEN}` } }), lambdaContext()),
    health: () => call(httpEvent('GET /health'), lambdaContext()),
  };
}

describe('a home whose secrets are files', () => {
  it("kills with its server's keys, and shows neither them nor a secret", async () => {
    expect((await startApi().kill()).statusCode).toBe(202);
    expect(simulator.killed()).toEqual([JOB]);
    expect(lines.join('\n')).not.toMatch(/first-token|agency-secret|agency-token|HST[0-9A-F]{16}/);
  });

  it('has an off switch that is read for every request, and nothing was killed while it was on or away', async () => {
    const api = startApi();
    put('paused', 'true\n');
    expect((await api.kill()).body).toContain('paused: the off switch is on');
    rmSync(join(folder, 'paused'));
    expect((await api.kill()).statusCode).toBe(403);
    put('paused', '');
    expect((await api.kill()).statusCode).toBe(403);
    expect(simulator.killed()).toEqual([]);
    put('paused', 'false');
    expect((await api.kill()).statusCode).toBe(202);
  });

  it('takes a new token a minute after the last look, since a refused caller makes it look again', async () => {
    const api = startApi();
    expect(await api.get(TOKEN)).toBe(200);
    put('tokens', `ci:${TOKEN},ci:second-token-012345678\n`);
    expect(await api.get('second-token-012345678')).toBe(401);
    now += 60_000;
    expect(await api.get('second-token-012345678')).toBe(200);
  });

  it('names what cannot be read and what is for AWS, and nothing was killed', async () => {
    const api = startApi({ API_TOKENS: 'file:/nowhere/tokens', SLACK_BOT_TOKEN: 'ssm:/slack/bot', PAUSED: 'ssm:/paused' });
    const health = await api.health();
    expect(health.statusCode).toBe(503);
    expect(health.body).toContain('API_TOKENS: refers to a file that cannot be read');
    expect(health.body).toContain('SLACK_BOT_TOKEN: ssm: references need AWS; write file:/path');
    expect(health.body).toContain('PAUSED: ssm: references need AWS; write file:/path');
    expect((await api.kill()).statusCode).toBe(500);
    expect(simulator.killed()).toEqual([]);
  });

  it('says what to do where its server has no agency, and nothing was killed', async () => {
    simulator.agency.unbind();
    const reply = await startApi().kill();
    expect([reply.statusCode, reply.body]).toEqual([502, expect.stringContaining('this server has no agency')]);
    expect(simulator.killed()).toEqual([]);
  });
});
