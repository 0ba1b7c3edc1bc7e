import { expect, it } from '@jest/globals';
import { createMachineClock, sayState } from '../../../home/clock/machine-clock.ts';
import { createLog } from '../../../lib/log/log.ts';

const lines: Record<string, unknown>[] = [];
const log = createLog({ level: 'info', now: () => 0, write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) });

it('says what is wrong with the clock, and counts it', () => {
  sayState(log, 'behind', 600_000);
  sayState(log, 'jumped', 90_000);
  sayState(log, undefined, 0);
  expect(lines.map(({ level, by, ClockOff, clock }) => [level, by, ClockOff, clock])).toEqual([
    ['warn', '10 min', undefined, 'behind'], [undefined, undefined, 1, 'behind'],
    ['warn', '1 min 30 s', undefined, 'jumped'], [undefined, undefined, 1, 'jumped'],
    ['info', undefined, undefined, undefined],
  ]);
});

it('goes by the machine, and sleeps until it is told to stop', async () => {
  const clock = createMachineClock(log, {});
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
  const timeUp = new AbortController();
  const slept = clock.sleep(600_000, timeUp.signal);
  timeUp.abort();
  await expect(slept).rejects.toThrow(/abort/i);
  await clock.sleep(1);
  clock.stop();
});
