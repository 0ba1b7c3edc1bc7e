import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createLimit, type Rank } from '../../lib/http/limit.ts';
import { openSend } from '../../lib/http/send.ts';
import { createMrsCall, type IsWanted } from '../../lib/mrs/call.ts';
import { callerToken } from '../../lib/mrs/credentials.ts';
import { createMrs, type Mrs } from '../../lib/mrs/mrs.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { ANALYTICS } from './connected.ts';

describe('a call that waits for its place', () => {
  let clock: FakeClock;
  let simulator: Simulator;
  beforeEach(async () => {
    clock = createFakeClock('2026-11-22T12:00:00Z');
    simulator = await startSimulator({ now: () => clock.now(), parts: ['mrs'] });
  });
  afterEach(() => simulator.close());

  /** A client whose every call waits so long. */
  function mrsAfter(waitMs: number): Mrs {
    const endpoints = { mrs: simulator.url, iam: simulator.url };
    const limit = async <T>(task: () => Promise<T>): Promise<T> => {
      clock.pass(waitMs);
      return task();
    };
    return createMrs(createMrsCall({ credentials: callerToken(new Secret('any-token'), PROJECT_ID), endpointsOf: () => endpoints, send: openSend([simulator.url]), clock, language: 'en-us', limit }));
  }

  it('is not charged for it', async () => {
    const { job_id } = simulator.addJob();
    simulator.fault({ on: 'job', status: 503, times: 2 });
    await expect(mrsAfter(60_000).job(ANALYTICS, job_id, { retryForMs: 10_000 })).resolves.toMatchObject({ job_id });
  });

  it.each([
    ['is asked again whether it is wanted, and is not sent where it is not any more', 1_001, [true, false], { sent: false, asked: 2, kills: 0 }],
    ['is sent where it still is', 1_001, [true, true], { sent: true, asked: 2, kills: 1 }],
    ['is not asked again where it waited no longer than a second', 1_000, [true, false], { sent: true, asked: 1, kills: 1 }],
  ])('%s', async (_, waitMs, answers, expected) => {
    const { job_id } = simulator.addJob();
    let asked = 0;
    const isWanted: IsWanted = () => answers[asked++] ?? false;
    const sent = await mrsAfter(waitMs).kill(ANALYTICS, job_id, undefined, isWanted);
    expect({ sent, asked, kills: simulator.kills().length }).toEqual(expected);
  });

  it('gives up when its own time is up', async () => {
    const limit = createLimit(1);
    const busy = Promise.withResolvers<void>();
    void limit(() => busy.promise);
    const endpoints = { mrs: simulator.url, iam: simulator.url };
    const mrs = createMrs(createMrsCall({ credentials: callerToken(new Secret('any-token'), PROJECT_ID), endpointsOf: () => endpoints, send: openSend([simulator.url]), clock, language: 'en-us', limit }));
    const { job_id } = simulator.addJob();
    const timeUp = new AbortController();
    const read = mrs.job(ANALYTICS, job_id, { rank: 'person', retryForMs: 0, signal: timeUp.signal });
    const kill = mrs.kill(ANALYTICS, job_id, timeUp.signal);
    setImmediate(() => timeUp.abort());
    await expect(read).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'timeout' } });
    await expect(kill).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'timeout' } });
    busy.resolve();
    expect(simulator.kills()).toEqual([]);
  });
});

describe('ten places under 20 kills a second, and 50 ms for each request', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('let a person wait no longer than 300 ms, and no follow longer than its next look', async () => {
    const limit = createLimit(10);
    const took: Record<Rank, number[]> = { person: [], kill: [], follow: [] };
    const request = async (rank: Rank): Promise<void> => {
      const askedAt = Date.now();
      await limit(() => new Promise<void>((resolve) => void setTimeout(resolve, 50)), { rank });
      took[rank].push(Date.now() - askedAt);
    };
    const kill = async (): Promise<void> => {
      for (let look = 1; look <= 4; look++) await request('kill'); // look, look again, look once more, POST
      for (const delaySec of [2, 3, 4]) {
        await new Promise<void>((resolve) => void setTimeout(resolve, delaySec * 1_000));
        await request('follow');
      }
    };
    // The worst case: all of a second's kills at once.
    setInterval(() => Array.from({ length: 20 }, () => void kill()), 1_000);
    setInterval(() => void request('person'), 101);
    await jest.advanceTimersByTimeAsync(30_000);
    const worst = Object.fromEntries(Object.entries(took).map(([rank, ms]) => [rank, Math.max(...ms)])) as Record<Rank, number>;
    expect(took.person.length).toBeGreaterThan(250);
    expect(worst.person).toBeLessThanOrEqual(100); // one place becomes free within 50 ms
    expect(worst.kill).toBeLessThanOrEqual(300);
    expect(worst.follow).toBeLessThanOrEqual(2_000);
  });
});
