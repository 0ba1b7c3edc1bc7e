import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openSend } from '../../lib/http/send.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { checkClusters } from '../../tools/check-config/clusters.ts';
import { findingLine } from '../../tools/findings.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';
const NOON = Date.UTC(2026, 10, 22, 12);
const REGION = { region: 'eu-west-101', project: { id: PROJECT_ID } };
const ANALYTICS: Cluster = { name: 'analytics', id: ANALYTICS_ID, ...REGION };
const DEV: Cluster = { name: 'dev', id: DEV_ID, ...REGION };
const FORBIDDEN = { status: 403, body: { error_code: '12000052', error_msg: 'No permission.' }, times: Infinity };

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({ now: () => NOON });
});

afterEach(async () => {
  expect(simulator.kills()).toEqual([]);
  await simulator.close();
});

/** `ourTime` is epoch ms; MRS's is noon. */
async function check(clusters: Cluster[], env: Record<string, string> = {}, ourTime = NOON): Promise<string[]> {
  const settings = readSettings({
    HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'simulator-password', HW_DOMAIN_NAME: 'simulator',
    MRS_ENDPOINT: simulator.url, HW_AUTH_URL: simulator.url, ...env,
  });
  const clock = createSteppingClock(ourTime);
  const lines: string[] = [];
  for await (const finding of checkClusters(connectMrs({ settings, clusters, clock, openSend }), clusters)) lines.push(findingLine(finding));
  return lines;
}

const bad = (lines: string[]): string[] => lines.filter((line) => !line.startsWith('ok'));

describe('a cluster that cannot be used is BAD, with what to do', () => {
  it('one that the project has not got', async () => {
    expect(bad(await check([{ ...ANALYTICS, id: 'ffffffff-0000-4000-8000-000000000000' }]))).toEqual([
      expect.stringMatching(/^BAD {5}analytics: the project has no cluster ffffffff-.*; see id, project and region/),
      expect.stringMatching(/^BAD {5}analytics: job list: MRS answered 12000003: .*; the project has no such cluster/),
      expect.stringMatching(/^BAD {5}analytics: one job: MRS answered 12000003: /),
    ]);
  });

  it('one that is not running', async () => {
    await simulator.close();
    simulator = await startSimulator({ now: () => NOON, clusters: [{ id: ANALYTICS_ID, name: 'etl', projectId: PROJECT_ID, state: 'frozen' }] });
    expect(bad(await check([ANALYTICS]))).toEqual(['BAD     analytics: etl is frozen; its jobs can be read and killed only while it is running']);
  });

  it('one to which our user is not synchronised (0192)', async () => {
    const body = { error_code: '0192', error_msg: 'The user does not exist on MRS Manager.' };
    simulator.fault({ on: 'jobs', status: 400, body });
    simulator.fault({ on: 'job', status: 400, body });
    const lines = bad(await check([ANALYTICS]));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^BAD.*MRS answered 0192: .*synchronise IAM users on the cluster page/);
  });

  it('one whose jobs may not be listed, or not be read: each right is named', async () => {
    simulator.fault({ on: 'jobs', ...FORBIDDEN });
    simulator.fault({ on: 'job', ...FORBIDDEN });
    expect(bad(await check([ANALYTICS]))).toEqual([
      expect.stringMatching(/^BAD.*job list: .*; give the user the right mrs:job:list$/),
      expect.stringMatching(/^BAD.*one job: .*; give the user the right mrs:job:get$/),
    ]);
  });

  it('the right to list clusters is not needed for a kill: a warning only', async () => {
    simulator.fault({ on: 'clusters', ...FORBIDDEN });
    expect(bad(await check([ANALYTICS]))).toEqual([expect.stringMatching(/^warning analytics: cluster list: .*mrs:cluster:list$/)]);
  });

  it('one in a project that IAM does not know, and the others are still looked at', async () => {
    simulator.fault({ on: 'token', times: Infinity, when: ({ body }) => body.includes('nowhere'), status: 400, body: { error: { code: 400, message: 'No such project.' } } });
    const lines = await check([{ ...DEV, project: { name: 'nowhere' } }, ANALYTICS]);
    expect(bad(lines)).toEqual([expect.stringMatching(/^BAD {5}dev: IAM answered 400: No such project\. .*; see id, project and region/)]);
    expect(lines).toContain('ok      analytics: found as analytics, running');
  });

  it('one whose MRS cannot be reached', async () => {
    simulator.fault({ on: 'clusters', times: Infinity, hangUp: true });
    simulator.fault({ on: 'jobs', times: Infinity, hangUp: true });
    simulator.fault({ on: 'job', times: Infinity, hangUp: true });
    const lines = bad(await check([ANALYTICS]));
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line).toMatch(/^BAD.*MRS gave no answer: connection failed.*; see region, MRS_ENDPOINT/);
  });

  it('trouble that passes is waited for', async () => {
    simulator.fault({ on: 'jobs', status: 503, times: 2 });
    expect(bad(await check([ANALYTICS]))).toEqual([]);
  });
});

describe('refused credentials end the check, before user or key are locked', () => {
  it('a wrong password is tried once, however many clusters there are', async () => {
    const lines = await check([ANALYTICS, DEV], { HW_USER_PASSWORD: 'a wrong password' });
    expect(lines).toEqual([
      expect.stringMatching(/^BAD {5}analytics: IAM answered 401: .*; see user, password, domain/),
      'warning dev: not looked at: more refusals would lock the user or the key',
    ]);
    expect(simulator.requests).toHaveLength(1);
  });

  it('a wrong secret key is tried once', async () => {
    const lines = await check([ANALYTICS, DEV], { HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: 'a-wrong-secret-key' });
    expect(bad(lines)[0]).toMatch(/^BAD {5}analytics: MRS answered APIGW\.0301: .*; see the keys and our clock/);
    expect(bad(lines)).toHaveLength(2);
    expect(simulator.requests).toHaveLength(1);
  });

  it('a signature that is refused for our clock says so, with both times', async () => {
    const keys = { HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: 'simulator-secret-key' };
    const lines = await check([ANALYTICS], keys, NOON - 20 * 60_000);
    expect(bad(lines)).toEqual([expect.stringMatching(/^BAD.*our clock is 20 min 0 s behind: 2026-11-22T11:40:00Z here, 2026-11-22T12:00:00Z there/)]);
  });
});

describe('the clock', () => {
  it.each([
    ['on time', 0, "ok      analytics: our clock is 0 s ahead of MRS's"],
    ['a minute behind', -60_000, "ok      analytics: our clock is 60 s behind MRS's"],
    ['a little more', -61_000, "warning analytics: our clock is 61 s behind MRS's; set it right"],
    ['five minutes ahead', 300_000, "warning analytics: our clock is 300 s ahead of MRS's; set it right"],
    ['a little more', 301_000, "BAD     analytics: our clock is 301 s ahead of MRS's; set it right: signatures, tokens and ages of jobs depend on it"],
  ])('%s', async (_title, offMs, line) => {
    expect((await check([ANALYTICS], {}, NOON + offMs)).at(-1)).toBe(line);
  });
});

it('an error that is none of MRS or IAM is not swallowed', async () => {
  const broken = { authorize: () => Promise.reject(new TypeError('a bug')), renew: () => false };
  const settings = readSettings({ HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'u', HW_USER_PASSWORD: 'p', HW_DOMAIN_NAME: 'd' });
  const { mrsAs } = connectMrs({ settings, clusters: [ANALYTICS], clock: createSteppingClock(NOON), openSend });
  const findings = checkClusters({ credentials: broken, mrsAs }, [ANALYTICS]);
  await expect(findings.next()).rejects.toThrow(TypeError);
});
