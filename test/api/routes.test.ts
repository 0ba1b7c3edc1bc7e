import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { ANALYTICS_ID, JOBS_PATH } from '../simulator/client.ts';
import { homeOfStage } from '../stage/home-of-stage.ts';
import { type RestApi, START_MS, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const JOB_PATH = `${JOBS_PATH}/431b135e-c090-489f-b1db-0abe3822b855` as const;
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };

let api: RestApi;
beforeAll(async () => {
  api = await startRestApi();
});
afterAll(() => api.close());

describe('a route', () => {
  it.each(['/', '/v2', '/healthz', '/health/', '/HEALTH', '/v2/a/b', JOBS_PATH, '/simulator/jobs', '/__proto__', `${JOB_PATH}/kill/kill`] as const)(
    'that does not exist is a 404 in the error shape: %s',
    async (path) => {
      const reply = await api.call(`GET ${path}`, { headers: {} });
      expect([reply.status, reply.body]).toEqual([404, { error_code: 'KILL.0404', error_msg: 'no such route', request_id: 'request-1' }]);
    },
  );

  it.each([
    ['POST', '/health', 'GET'],
    ['GET', `${JOB_PATH}/kill`, 'POST'],
    ['PUT', `${JOB_PATH}/kill`, 'POST'],
    ['DELETE', JOB_PATH, 'GET'],
    ['POST', JOB_PATH, 'GET'],
    ...(homeOfStage() === 'own' ? [] : ([['constructor', '/health', 'GET'], ['__proto__', '/health', 'GET']] as const)), // no methods of HTTP: no server hands them on
  ] as const)('that does not take %s is a 405 with Allow: %s', async (method, path, allow) => {
    const reply = await api.call(`${method} ${path}`, { headers: {} });
    expect([reply.status, reply.headers['allow'], reply.body.error_code, reply.body.request_id]).toEqual([405, allow, 'KILL.0405', 'request-1']);
    expect(api.simulator.requests).toEqual([]);
    expect(api.simulator.killed()).toEqual([]);
  });

  it('carries its request id and forbids caching', async () => {
    const { headers } = await api.call('GET /health');
    expect(headers).toEqual({ 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': 'request-1' });
  });
});

describe('/health', () => {
  it.each([
    ['on', {}],
    ['on', { API_TOKENS: '' }],
    ['off', { API_TOKENS: '', API_PASS_THROUGH: 'false' }],
  ])('is a 200 with version and triggers, api %s', async (state, env) => {
    const healthy = await startRestApi({ env });
    try {
      const reply = await healthy.call('GET /health', { headers: {} });
      expect([reply.status, reply.body]).toEqual([200, { status: 'ok', version, triggers: expect.objectContaining({ api: state }), paused: false, dry_run: false }]);
      expect(healthy.simulator.requests).toEqual([]); // asks nobody outside
    } finally {
      await healthy.close();
    }
  });

  it('is a 503 that names LEDGER_TABLE where people have to mend it, and unreadable where it does not answer; asked once in 10 s', async () => {
    const clock = createSteppingClock(START_MS);
    const api = await startRestApi({ clock });
    try {
      const health = async (): Promise<unknown[]> => {
        const { status, body } = await api.call('GET /health', { headers: {} });
        return [status, body.settings ?? body.paused];
      };
      api.ledger.script = () => new LedgerFailed('refused', 'LEDGER_TABLE names no table in this AWS region');
      expect(await health()).toEqual([503, [{ name: 'LEDGER_TABLE', problem: 'LEDGER_TABLE names no table in this AWS region' }]]);
      api.ledger.script = () => 'fails';
      expect(await health()).toEqual([200, 'unreadable']);
      api.ledger.script = () => undefined;
      expect([await health(), await health()]).toEqual([[200, 'unreadable'], [200, 'unreadable']]);
      await clock.sleep(10_000);
      expect(await health()).toEqual([200, false]);
      api.env['PAUSED'] = 'true';
      expect(await health()).toEqual([200, false]);
      await clock.sleep(10_000);
      expect(await health()).toEqual([200, true]);
      expect(api.ledger.calls).toHaveLength(4);
    } finally {
      await api.close();
    }
  });

  it('is a 503 that names every bad setting and no value; other routes are a 500', async () => {
    const broken = await startRestApi({
      env: { HW_REGION_NAME: '', HW_USER_PASSWORD: '', API_TOKENS: 'ci:tooshort', MRS_ENDPOINT: 'http://mrs.example', LOG_LEVEL: 'loud-value' },
    });
    try {
      const reply = await broken.call('GET /health', { headers: {} });
      expect([reply.status, reply.body.status, reply.body.version, reply.body.error_code]).toEqual([503, 'error', version, 'KILL.0503']);
      const names = reply.body.settings.map(({ name }: { name: string }) => name).toSorted();
      expect(names).toEqual(['API_TOKENS', 'HW_REGION_NAME', 'HW_USER_PASSWORD', 'LOG_LEVEL', 'MRS_ENDPOINT']);

      const job = broken.simulator.addJob();
      const kill = await broken.kill(job.job_id);
      const show = await broken.call(`GET ${JOB_PATH}`, { headers: {} });
      expect([kill.status, kill.body.error_code, show.status]).toEqual([500, 'KILL.0500', 500]);
      expect((await broken.call('GET /nowhere')).status).toBe(404);
      const said = reply.text + kill.text + show.text + JSON.stringify(broken.lines);
      expect(said).not.toMatch(/tooshort|mrs\.example|loud-value|simulator-password/);
      expect(broken.simulator.requests).toEqual([]);
      expect(broken.simulator.killed()).toEqual([]);
    } finally {
      await broken.close();
    }
  });

  it.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is no policy', '{"dryRun":false}'],
  ])('names the policy where its file %s', async (_case, content) => {
    const folder = mkdtempSync(join(tmpdir(), 'routes-'));
    const file = join(folder, 'policy.json');
    if (content !== undefined) writeFileSync(file, content);
    const broken = await startRestApi({ env: { POLICY_FILE: file } });
    try {
      const health = await broken.call('GET /health');
      expect([health.status, health.body.settings]).toEqual([503, [{ name: 'POLICY_FILE', problem: expect.stringMatching(/^policy\.json /) }]]);
      expect(health.text).not.toContain(folder);
      expect((await broken.kill(broken.simulator.addJob().job_id)).status).toBe(500);
      expect(broken.simulator.killed()).toEqual([]);
      expect(broken.simulator.requests).toEqual([]);
    } finally {
      await broken.close();
      rmSync(folder, { recursive: true });
    }
  });

  it('names the endpoints, where a cluster is in a region that is not in the table', async () => {
    const policy = `clusters: { analytics: { id: ${ANALYTICS_ID}, region: moon-1 } }`;
    const broken = await startRestApi({ policy, env: { MRS_ENDPOINT: '' } });
    try {
      const { status, body } = await broken.call('GET /health');
      expect([status, body.settings]).toEqual([503, [{ name: 'MRS_ENDPOINT', problem: expect.stringContaining('moon-1 of cluster analytics') }]]);
      expect((await broken.kill('431b135e-c090-489f-b1db-0abe3822b855')).status).toBe(500);
      expect(broken.simulator.requests).toEqual([]);
    } finally {
      await broken.close();
    }
  });
});
