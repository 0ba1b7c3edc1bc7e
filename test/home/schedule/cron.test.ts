import { describe, expect, it } from '@jest/globals';
import { isCron, nextTime } from '../../../home/schedule/cron.ts';
import { scheduledTasks } from '../../../home/schedule/scheduled-tasks.ts';

const at = (time: string): number => Date.parse(time);
const iso = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : new Date(ms).toISOString());

describe('a schedule', () => {
  it.each([
    ['0 * * * *', '2026-11-29T12:00:00Z', '2026-11-29T13:00:00.000Z'], // a time itself is not after itself
    ['0 * * * *', '2026-11-29T11:59:59.999Z', '2026-11-29T12:00:00.000Z'],
    ['*/15 6-8 * * MON-FRI', '2026-11-28T12:00:00Z', '2026-11-30T06:00:00.000Z'],
    ['0 0 29 2 *', '2026-11-29T12:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s after %s is due at %s', (schedule, after, due) => {
    expect(isCron(schedule)).toBe(true);
    expect(iso(nextTime(schedule, 'UTC', at(after)))).toBe(due);
  });

  it.each(['rate(1 hour)', 'cron(0 * * * ? *)', 'hourly', '@daily', '', '0 * * *', '0 0 * * * *', '2026-12-01T00:00:00', '0 25 * * *', '0 0 * * someday'])('%j is none', (schedule) => {
    expect(isCron(schedule)).toBe(false);
  });

  it('for a day that never comes is none', () => {
    expect([isCron('0 0 30 2 *'), isCron('0 0 29 2 *')]).toEqual([false, true]);
  });
});

describe('what is scheduled', () => {
  it('is nothing where nothing is asked for', () => {
    expect(scheduledTasks({ cleanup: undefined, digest: undefined })).toEqual([]);
  });

  it("is the digest by the clocks of its zone, also where they are changed", () => {
    const [digest] = scheduledTasks({ cleanup: undefined, digest: 'sun 02:30 Europe/Berlin' });
    const after = (time: string): string | undefined => iso(digest?.nextTime(at(time)));
    expect(after('2026-11-28T12:00:00Z')).toBe('2026-11-29T01:30:00.000Z');
    expect(after('2027-03-27T12:00:00Z')).toBe('2027-03-28T01:00:00.000Z'); // there is no 02:30 on that day
    expect(after('2026-10-24T12:00:00Z')).toBe('2026-10-25T00:30:00.000Z'); // 02:30 comes twice, the digest once
    expect(after('2026-10-25T00:30:00Z')).toBe('2026-11-01T01:30:00.000Z');
  });

  it('hands over what EventBridge Scheduler would', () => {
    const [cleanup, digest] = scheduledTasks({ cleanup: '0 * * * *', digest: 'mon 09:00 UTC' });
    expect(cleanup?.event(at('2026-11-29T12:00:00Z'))).toEqual({ kind: 'scheduled-cleanup', scheduledTime: '2026-11-29T12:00:00.000Z' });
    expect(digest?.event(at('2026-11-30T09:00:00Z'))).toEqual({ kind: 'scheduled-digest', scheduledTime: '2026-11-30T09:00:00.000Z' });
  });
});
