import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createMachineClock } from '../../../home/clock/machine-clock.ts';
import { runInvocation } from '../../../home/engine/invocation.ts';
import { untilRevoked } from '../../../home/mrs/until-revoked.ts';
import { createLimit } from '../../../lib/http/limit.ts';
import { openSend } from '../../../lib/http/send.ts';
import { createLog } from '../../../lib/log/log.ts';
import { createMrsCall } from '../../../lib/mrs/call.ts';
import { callerToken } from '../../../lib/mrs/credentials.ts';
import { createMrs, type Mrs } from '../../../lib/mrs/mrs.ts';
import { Secret } from '../../../lib/settings/secret.ts';
import { ANALYTICS } from '../../mrs/connected.ts';
import { PROJECT_ID } from '../../simulator/client.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { until } from '../../support/until.ts';

const clock = createMachineClock(createLog({ level: 'error', now: () => 0, write: () => undefined }), {});
clock.stop();

let simulator: Simulator;
beforeEach(async () => void (simulator = await startSimulator({ parts: ['mrs'] })));
afterEach(() => simulator.close());

function mrsOf(limit = createLimit(10)): Mrs {
  const endpoints = { mrs: simulator.url, iam: simulator.url };
  return untilRevoked(createMrs(createMrsCall({ credentials: callerToken(new Secret('any-token'), PROJECT_ID), endpointsOf: () => endpoints, send: openSend([simulator.url]), clock, language: 'en-us', limit })));
}

const run = <T>(signal: AbortSignal, work: () => T): T => runInvocation({ name: 'kill-1', signal, waitAside: (wait) => wait }, work);

it.each([
  ['waits for the next try', { status: 503, headers: { 'retry-after': '40' } }],
  ['waits for its answer', { hang: true as const }],
])('what %s ends at once where its invocation is revoked, and is not tried again', async (_what, fault) => {
  const { job_id } = simulator.addJob();
  simulator.fault({ on: 'job', times: Infinity, ...fault });
  const revoked = new AbortController();
  const read = run(revoked.signal, () => mrsOf().job(ANALYTICS, job_id, { retryForMs: 60_000 }));
  read.catch(() => undefined);
  await until(() => simulator.requests.length > 0);
  setTimeout(() => revoked.abort(), 50);
  await expect(read).rejects.toMatchObject({ trouble: { service: 'MRS' } });
  expect(simulator.requests).toHaveLength(1);
});

it('what waits for a place leaves the queue, and nothing is sent for it', async () => {
  const limit = createLimit(1);
  void limit(() => new Promise(() => undefined));
  const revoked = new AbortController();
  const { job_id } = simulator.addJob();
  const kill = run(revoked.signal, () => mrsOf(limit).kill(ANALYTICS, job_id));
  const list = run(revoked.signal, () => Array.fromAsync(mrsOf(limit).activeJobs(ANALYTICS, { retryForMs: 60_000 })));
  setImmediate(() => revoked.abort());
  await expect(kill).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'timeout' } });
  await expect(list).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'timeout' } });
  expect(simulator.requests).toEqual([]);
});
