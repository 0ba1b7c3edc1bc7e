import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createMachineClock } from '../../../home/clock/machine-clock.ts';
import { runInvocation } from '../../../home/engine/invocation.ts';
import { forManyRuns } from '../../../home/mrs/for-many.ts';
import { openHomeSend } from '../../../home/mrs/open-send.ts';
import { untilRevoked } from '../../../home/mrs/until-revoked.ts';
import { createLog } from '../../../lib/log/log.ts';
import { AGENCY, ANALYTICS, connect, type Keys, KEYS } from '../../mrs/connected.ts';
import { type Fault, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { until } from '../../support/until.ts';

const clock = createMachineClock(createLog({ level: 'error', now: () => 0, write: () => undefined }), {});
clock.stop();

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator();
  simulator.agency.bind();
});
afterEach(() => simulator.close());

const run = <T>(signal: AbortSignal, work: () => T): T => runInvocation({ name: 'kill-1', signal, waitAside: (wait) => wait }, work);

it.each<[string, Keys, Fault['on'], Partial<Fault>]>([
  ['a token', {}, 'token', { delayMs: 300 }],
  ['a token that IAM gives at the second try only', {}, 'token', { status: 503 }],
  ["the keys of the server's agency", AGENCY, 'agency', { delayMs: 300 }],
  ['the id of a project', KEYS, 'projects', { delayMs: 300 }],
])('%s that many runs wait for is asked for once, and comes though the run that asked first is revoked', async (_what, keys, on, fault) => {
  const { job_id: id } = simulator.addJob();
  const mrs = untilRevoked(connect({ mrs: simulator.url }, clock, { keys, openSend: openHomeSend, forMany: forManyRuns(clock) }).mrs);
  const atStart = simulator.requests.length;
  simulator.fault({ on, ...fault });
  const revoked = new AbortController();
  const first = run(revoked.signal, () => mrs.job(ANALYTICS, id, { retryForMs: 60_000 }));
  first.catch(() => undefined);
  await until(() => simulator.requests.length > atStart);
  const second = run(new AbortController().signal, () => mrs.job(ANALYTICS, id, { retryForMs: 0 }));
  setTimeout(() => revoked.abort(), 50);
  await expect(first).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
  expect((await second).job_id).toBe(id);
  expect(simulator.kills()).toEqual([]);
});
