import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, nowThatRan, parseDurationMs, shortDuration, utcText, utcTimeText } from '../../lib/core/time.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['6h', 21_600_000],
    ['2d', 172_800_000],
    ['007m', 420_000],
    ['999999d', 86_399_913_600_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '6', 'h', '-6h', '+6h', '6H', '6 h', ' 6h', '6h ', '6h\n', '1h30m', '1.5h', '6 hours', '1e3s', '0s', '000d', '6y', '٦h', '1000000s', 'Infinityd'])(
    'is one whole number and one unit, and more than nothing: not %j',
    (text) => {
      expect(parseDurationMs(text)).toBeUndefined();
    },
  );

  it('is a positive whole number of milliseconds or undefined, whatever the text', () => {
    const text = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('0', '1', '9', 's', 'm', 'h', 'd', '-', '.', ' ') }));
    fc.assert(
      fc.property(text, (input) => {
        const ms = parseDurationMs(input);
        return ms === undefined || (Number.isSafeInteger(ms) && ms > 0);
      }),
    );
  });
});

describe('a duration for people', () => {
  it.each([
    [0, '0 s'],
    [499, '0 s'],
    [500, '1 s'],
    [45_000, '45 s'],
    [59_600, '1 min'],
    [60_000, '1 min'],
    [61_000, '1 min 1 s'],
    [720_000, '12 min'],
    [22_320_000, '6 h 12 min'],
    [21_601_000, '6 h'],
    [273_600_000, '3 d 4 h'],
    [86_460_000, '1 d'],
    [34_560_000_000, '400 d'],
  ])('of %i ms shows its two largest units: %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('never shows less than nothing, where two clocks differ', () => {
    expect(formatDuration(-5_000)).toBe('0 s');
  });
});

it.each([
  [7_200_000, '2h'],
  [5_400_000, '1h 30m'],
  [720_000, '12m'],
  [95_000, '1m 35s'],
  [864_000_000, '10d'],
])('a duration of %i ms is as short as policy.yml writes it: %s', (ms, text) => {
  expect(shortDuration(ms)).toBe(text);
});

it('what the clock jumped over within a day did not run', () => {
  const asked: number[][] = [];
  const skippedMs = (since: number, until: number): number => {
    asked.push([since, until]);
    return 5_000;
  };
  expect(nowThatRan({ now: () => 100_000_000, skippedMs })).toBe(99_995_000);
  expect(asked).toEqual([[13_600_000, 100_000_000]]);
  expect(nowThatRan({ now: () => 100_000_000 })).toBe(100_000_000);
});

it('a moment for people is to the minute, in UTC', () => {
  expect([utcText(1_795_876_259_999), utcTimeText(1_795_876_259_999)]).toEqual(['2026-11-28 14:30 UTC', '14:30 UTC']);
});
