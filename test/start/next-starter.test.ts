import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { nameExecution } from '../../lib/start/names.ts';
import { nextStarter } from '../../lib/start/next-starter.ts';
import { aRequest } from '../core/a-job.ts';
import { aStart } from './a-start.ts';

describe('what a warning hands on to', () => {
  const next = (fields: Partial<KillRequest> = {}) => aRequest({ trigger: 'alerts', warning: { first: { name: 'alerts-live-1', start: 2 }, round: 3, usedMs: 0 }, ...fields });

  it('is started under the name that was told before, of its first round and its round', async () => {
    const { parts: { starter }, started } = await aStart();
    await nextStarter(starter).start(next());
    expect(started[0]?.name).toBe(nextStarter(starter).nameOf(next()));
    expect(started[0]?.name).toBe(nameExecution(starter.policy, starter.killFunction, next(), 'warned by alerts-live-1-2 round 3'));
    const none = aRequest({ trigger: 'alerts' });
    expect(nextStarter(starter).nameOf(none)).toBe(nameExecution(starter.policy, starter.killFunction, none, 'warned by -0 round 0'));
  });

  it('throws where it is not taken, to be tried again, or refused, for good', async () => {
    const failed = await aStart({ onStart: () => new EngineFailed('down') });
    await expect(nextStarter(failed.parts.starter).start(next())).rejects.toMatchObject({ message: 'the service that runs it did not take it', retryable: true, name: 'EngineFailed', code: 'engine_failed' });
    const refused = await aStart({ policy: { limits: { perDelivery: 0, perHour: 1, percentOfRunning: 50 } } });
    await expect(nextStarter(refused.parts.starter).start(next())).rejects.toMatchObject({ message: expect.stringMatching(/^this delivery would start 1 kills/), retryable: false });
    const there = await aStart({ onStart: () => 'exists' });
    await expect(nextStarter(there.parts.starter).start(next())).resolves.toBeUndefined();
  });
});
