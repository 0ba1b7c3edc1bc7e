import { formatDuration } from '../../lib/core/time.ts';
import type { Log } from '../../lib/log/log.ts';
import { countClockOff } from '../../lib/log/metrics.ts';
import { createHomeClock, type HomeClock, type HomeClockOptions } from './home-clock.ts';

/** What a machine has: its time of day and how long it has run. */
export type MachineClocks = Pick<HomeClockOptions, 'wall' | 'monotonic'>;

export const machineClocks: MachineClocks = {
  wall: Date.now,
  // Since the machine started, whatever process asks: https://nodejs.org/api/process.html#processhrtimebigint
  monotonic: () => Number(process.hrtime.bigint()) / 1e6,
};

/** The home's clock over this machine's own clocks. What is wrong with them is said in the log and counted, each time once. */
export function createMachineClock(log: Log, { seen, remember }: Pick<HomeClockOptions, 'seen' | 'remember'>, clocks = machineClocks): HomeClock {
  return createHomeClock({
    ...clocks,
    random: Math.random,
    seen,
    ...(remember && { remember }),
    onState: (state, byMs) => sayState(log, state, byMs),
  });
}

/** One line, and one count where it is wrong. */
export function sayState(log: Log, state: ReturnType<HomeClock['state']>, byMs: number): void {
  switch (state) {
    case 'behind':
      log.warn('the clock of this machine is behind a time that was seen already: ours goes on without it; set it right', { clock: state, by: formatDuration(byMs) });
      return countClockOff(log, state);
    case 'jumped':
      log.warn('the clock of this machine was set forward: open questions and warnings may expire by that, nothing is killed for it, and nothing is tidied for a day', { clock: state, by: formatDuration(byMs) });
      return countClockOff(log, state);
    case undefined:
      return log.info('nothing is wrong any more with the clock of this machine');
  }
}
