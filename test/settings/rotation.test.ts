import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { compose } from '../../lib/house/compose.ts';
import { http } from '../../functions/aws/http.ts';
import { outsideOfLambda } from '../../functions/aws/process.ts';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { createApi } from '../../lib/api/api.ts';
import { createLog } from '../../lib/log/log.ts';

import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const JOB = '431b135e-c090-489f-b1db-0abe3822b855';
const PATH = `/v2/0a1b2c3d4e5f60718293a4b5c6d7e8f9/clusters/analytics/job-executions/${JOB}` as const;
const POLICY = 'dryRun: false\nclusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3, project: 0a1b2c3d4e5f60718293a4b5c6d7e8f9 } }';

let store: Server;
let simulator: Simulator;
let folder: string;
let parameters: Record<string, string>;
const asked: string[][] = [];
const lines: string[] = [];
const before = { ...process.env };

beforeAll(async () => {
  // What Systems Manager answers to GetParameters. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
  store = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { Names: names, WithDecryption: decrypted } = JSON.parse(body) as { Names: string[]; WithDecryption: boolean };
      asked.push(names);
      const found = names.filter((name) => decrypted && Object.hasOwn(parameters, name));
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ Parameters: found.map((name) => ({ Name: name, Value: parameters[name], Type: 'SecureString' })), InvalidParameters: [] }));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => store.once('listening', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${(store.address() as AddressInfo).port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
  simulator = await startSimulator();
  folder = mkdtempSync(join(tmpdir(), 'rotation-'));
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(parsePolicy(POLICY, { hasBotToken: false, file: 'policy.yml' })));
});

afterAll(async () => {
  process.env = before;
  await simulator.close();
  store.closeAllConnections();
  store.close();
  rmSync(folder, { recursive: true });
});

function startApi() {
  const env = {
    HW_REGION_NAME: 'eu-west-101',
    HW_USER_NAME: 'killswitch',
    HW_USER_PASSWORD: 'ssm:/test/password',
    HW_DOMAIN_NAME: 'simulator',
    MRS_ENDPOINT: simulator.url,
    HW_AUTH_URL: simulator.url,
    API_TOKENS: 'ssm:/test/api-tokens',
    PAUSED: 'ssm:/test/paused',
    LEDGER_TABLE: 'ledger',
  };
  const outside = { ...outsideOfLambda('api', pathToFileURL(join(folder, 'policy.json'))), env, log: createLog({ level: 'debug', now: Date.now, write: (line) => void lines.push(line) }) };
  const house = compose({ ...outside, openLedger: () => createSqliteLedger(memoryStore()) });
  return http(outside, createApi(house.load), house);
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('a deployment with references', () => {
  it('works with what the parameters say, and shows none of it', async () => {
    parameters = { '/test/password': 'simulator-password', '/test/api-tokens': 'ci:first-token-0123456789', '/test/paused': 'false' };
    simulator.addJob({ job_id: JOB });
    const call = startApi();
    expect((await call(httpEvent(`GET ${PATH}`, bearer('first-token-0123456789')), lambdaContext())).statusCode).toBe(200);
    expect((await call(httpEvent(`GET ${PATH}`, bearer('other-token-0123456789')), lambdaContext())).statusCode).toBe(401);
    expect(asked).toEqual([['/test/password', '/test/api-tokens']]);
    expect(lines.join('\n')).not.toMatch(/first-token|simulator-password/);
  });

  it('names the variables whose parameters are missing, without a value, and nothing was killed', async () => {
    parameters = { '/test/password': 'simulator-password', '/test/paused': 'false' };
    const reply = await startApi()(httpEvent('GET /health'), lambdaContext());
    expect(reply.statusCode).toBe(503);
    expect(reply.body).toContain('API_TOKENS: refers to a parameter that cannot be read');
    expect(reply.body).not.toContain('simulator-password');
    expect(simulator.killed()).toEqual([]);
  });

  it('has an off switch that is read for every request, and nothing was killed while it was on', async () => {
    parameters = { '/test/password': 'simulator-password', '/test/api-tokens': 'ci:first-token-0123456789', '/test/paused': 'true' };
    const call = startApi();
    const kill = () => call(httpEvent(`POST ${PATH}/kill`, bearer('first-token-0123456789')), lambdaContext());
    expect((await kill()).body).toContain('paused: the off switch is on');
    delete parameters['/test/paused'];
    expect((await kill()).statusCode).toBe(403);
    expect(simulator.killed()).toEqual([]);
    parameters['/test/paused'] = 'false';
    expect((await kill()).statusCode).toBe(202);
    expect(simulator.killed()).toEqual([JOB]);
  });

  it('takes the old and the new token while both stand in the parameter', async () => {
    parameters = { '/test/password': 'simulator-password', '/test/api-tokens': 'ci:first-token-0123456789,ci:second-token-012345678', '/test/paused': 'false' };
    const call = startApi();
    for (const token of ['first-token-0123456789', 'second-token-012345678']) {
      expect((await call(httpEvent(`GET ${PATH}`, bearer(token)), lambdaContext())).statusCode).toBe(200);
    }
  });
});
