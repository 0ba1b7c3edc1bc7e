import { describe, expect, it } from '@jest/globals';
import { type Trouble, type TroubleKind, UpstreamFailed } from '../../lib/core/errors.ts';
import { retryRead } from '../../lib/http/retry.ts';
import { createFakeClock } from './fake-clock.ts';

const NOON = '2026-11-22T12:00:00Z';

const trouble = (kind: TroubleKind, more: Partial<Trouble> = {}): UpstreamFailed =>
  new UpstreamFailed({ service: 'MRS', kind, message: 'simulated', ...more });

/** A read that fails in the given ways, one after the other, and then always succeeds. */
function scriptedRead(...failures: Error[]) {
  const read = async (): Promise<string> => {
    read.tries++;
    const failure = failures.shift();
    if (failure) throw failure;
    return 'the answer';
  };
  read.tries = 0;
  return read;
}

describe('a read', () => {
  it.each<TroubleKind>(['unreachable', 'timeout', 'unavailable', 'throttled', 'busy'])('is repeated where its trouble may pass: %s', async (kind) => {
    const read = scriptedRead(trouble(kind), trouble(kind));
    await expect(retryRead(createFakeClock(NOON), { retryForMs: 60_000 }, read)).resolves.toBe('the answer');
    expect(read.tries).toBe(3);
  });

  it.each<TroubleKind>(['kill-refused', 'unauthorized', 'forbidden', 'not-found', 'rejected'])('is not repeated where its trouble stays: %s', async (kind) => {
    const read = scriptedRead(trouble(kind));
    await expect(retryRead(createFakeClock(NOON), { retryForMs: 60_000 }, read)).rejects.toMatchObject({ trouble: { kind } });
    expect(read.tries).toBe(1);
  });

  it('is not charged for the time that it waited for a place', async () => {
    const clock = createFakeClock(NOON);
    const failing = scriptedRead(trouble('unavailable'));
    const read = (notCharged: (waitedMs: number) => void): Promise<string> => {
      clock.pass(60_000);
      notCharged(60_000);
      return failing();
    };
    await expect(retryRead(clock, { retryForMs: 10_000 }, read)).resolves.toBe('the answer');
    expect(failing.tries).toBe(2);
  });

  it('is not repeated after a bug of ours', async () => {
    const read = scriptedRead(new TypeError('a bug'));
    await expect(retryRead(createFakeClock(NOON), { retryForMs: 60_000 }, read)).rejects.toThrow(new TypeError('a bug'));
    expect(read.tries).toBe(1);
  });

  it.each([
    [0, [250, 500, 1_000, 2_000, 4_000, 4_000]],
    [0.5, [375, 750, 1_500, 3_000, 6_000, 6_000]],
  ])('waits twice as long each time up to a ceiling, spread by chance (%d)', async (random, sleeps) => {
    const clock = createFakeClock(NOON, random);
    const read = scriptedRead(...sleeps.map(() => trouble('unavailable')));
    await retryRead(clock, { retryForMs: 60_000 }, read);
    expect(clock.sleeps).toEqual(sleeps);
  });

  it('waits at least a second where it is throttled', async () => {
    const clock = createFakeClock(NOON);
    await retryRead(clock, { retryForMs: 60_000 }, scriptedRead(trouble('throttled', { status: 429 })));
    expect(clock.sleeps).toEqual([1_000]);
  });

  it.each([
    [429, 'throttled' as const],
    [503, 'unavailable' as const],
  ])('waits as long as Retry-After says after %i', async (status, kind) => {
    const clock = createFakeClock(NOON);
    await retryRead(clock, { retryForMs: 60_000 }, scriptedRead(trouble(kind, { status, retryAfterSec: 7 })));
    expect(clock.sleeps).toEqual([7_000]);
  });

  it('never hammers a server that says Retry-After: 0', async () => {
    const clock = createFakeClock(NOON);
    const read = scriptedRead(...Array.from({ length: 1_000 }, () => trouble('unavailable', { status: 503, retryAfterSec: 0 })));
    await expect(retryRead(clock, { retryForMs: 60_000 }, read)).rejects.toThrow('simulated');
    expect(read.tries).toBeLessThan(30);
    expect(Math.min(...clock.sleeps)).toBeGreaterThanOrEqual(250);
  });

  it('is given up at once where Retry-After does not fit into its budget', async () => {
    const clock = createFakeClock(NOON);
    const read = scriptedRead(trouble('throttled', { retryAfterSec: 60 }));
    await expect(retryRead(clock, { retryForMs: 60_000 }, read)).rejects.toMatchObject({ trouble: { retryAfterSec: 60 } });
    expect([read.tries, clock.sleeps]).toEqual([1, []]);
  });

  it('ends with the last trouble when the budget is used up, and begins no try after it', async () => {
    const clock = createFakeClock(NOON);
    const read = scriptedRead(...Array.from({ length: 1_000 }, (_, index) => trouble('unavailable', { message: `number ${index + 1}` })));
    await expect(retryRead(clock, { retryForMs: 8_000 }, read)).rejects.toThrow('number 6');
    expect(clock.now()).toBe(Date.parse('2026-11-22T12:00:07.750Z'));
  });

  it('counts what the tries themselves took against the budget', async () => {
    const clock = createFakeClock(NOON);
    let tries = 0;
    const slowRead = async (): Promise<never> => {
      tries++;
      clock.pass(5_000);
      throw trouble('timeout');
    };
    await expect(retryRead(clock, { retryForMs: 8_000 }, slowRead)).rejects.toThrow('simulated');
    expect(tries).toBe(2);
  });

  it('without a budget is tried once', async () => {
    const read = scriptedRead(trouble('unavailable'));
    await expect(retryRead(createFakeClock(NOON), { retryForMs: 0 }, read)).rejects.toThrow('simulated');
    expect(read.tries).toBe(1);
  });

  it('is not repeated once its signal has ended it', async () => {
    const read = scriptedRead(trouble('timeout'));
    const budget = { retryForMs: 60_000, signal: AbortSignal.abort() };
    await expect(retryRead(createFakeClock(NOON), budget, read)).rejects.toMatchObject({ trouble: { kind: 'timeout' } });
    expect(read.tries).toBe(1);
  });

  it('whose signal ends the wait gives its trouble as the answer, not the wait', async () => {
    const control = new AbortController();
    const clock = createFakeClock(NOON);
    const sleep = async (): Promise<never> => {
      control.abort();
      throw control.signal.reason;
    };
    const read = scriptedRead(trouble('unavailable'));
    await expect(retryRead({ ...clock, sleep }, { retryForMs: 60_000, signal: control.signal }, read)).rejects.toThrow('simulated');
    expect(read.tries).toBe(1);
  });
});
