import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aWeekBefore, isoWeek, readWeeklyTime } from '../../lib/core/week.ts';

const at = (iso: string): number => Date.parse(iso);

describe('the week of a moment', () => {
  it.each([
    ['2026-11-22T12:00:00Z', 'UTC', '2026-W47'],
    ['2026-11-23T00:00:00Z', 'UTC', '2026-W48'],
    // Sunday evening in one place is Monday in another.
    ['2026-11-22T23:30:00Z', 'Europe/Berlin', '2026-W48'],
    ['2026-11-22T23:30:00Z', 'America/New_York', '2026-W47'],
    ['2026-11-22T15:59:59Z', 'Asia/Shanghai', '2026-W47'],
    ['2026-11-22T16:00:00Z', 'Asia/Shanghai', '2026-W48'],
    // A year begins in the week that has its first Thursday.
    ['2026-12-31T12:00:00Z', 'UTC', '2026-W53'],
    ['2027-01-01T12:00:00Z', 'UTC', '2026-W53'],
    ['2027-01-03T23:59:59Z', 'UTC', '2026-W53'],
    ['2027-01-03T23:59:59Z', 'Europe/Berlin', '2027-W01'],
    ['2024-12-30T12:00:00Z', 'UTC', '2025-W01'],
    ['2021-01-03T12:00:00Z', 'UTC', '2020-W53'],
  ])('%s in %s is of %s', (iso, zone, week) => {
    expect(isoWeek(at(iso), zone)).toBe(week);
  });

  it('is another one a week later, whenever that is', () => {
    const moment = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Shanghai', 'Pacific/Apia');
    fc.assert(
      fc.property(moment, zone, (ms, where) => {
        const before = isoWeek(aWeekBefore(ms, where), where);
        expect(before < isoWeek(ms, where)).toBe(true);
      }),
    );
  });
});

describe('a week before', () => {
  it.each([
    ['no clock was changed', '2026-11-23T08:00:00Z', 'Europe/Berlin', '2026-11-16T08:00:00.000Z'],
    ['clocks were set forward', '2027-03-29T07:00:00Z', 'Europe/Berlin', '2027-03-22T08:00:00.000Z'],
    ['clocks were set back', '2026-10-26T08:00:00Z', 'Europe/Berlin', '2026-10-19T07:00:00.000Z'],
    ['nobody there changes clocks', '2026-10-26T01:00:00Z', 'Asia/Shanghai', '2026-10-19T01:00:00.000Z'],
  ])('the clocks showed the same, where %s', (_, iso, zone, before) => {
    expect(new Date(aWeekBefore(at(iso), zone)).toISOString()).toBe(before);
  });
});

it('a weekly time is read as policy.yml has it', () => {
  expect(readWeeklyTime('mon 09:05 America/Argentina/Buenos_Aires')).toEqual({ day: 'mon', hour: 9, minute: 5, zone: 'America/Argentina/Buenos_Aires' });
});
