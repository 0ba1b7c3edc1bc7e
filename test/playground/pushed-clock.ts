import { type MachineClocks, machineClocks } from '../../home/clock/machine-clock.ts';

/** This machine's clocks, and how far they were pushed forward together: the home sees time that went by, and no jump. */
export type PushedClock = MachineClocks & { push: (ms: number) => void; aheadMs: () => number };

/** Begins at the time of this machine. Throws RangeError where it would be set back. */
export function createPushedClock(clocks: MachineClocks = machineClocks): PushedClock {
  let aheadMs = 0;
  return {
    wall: () => clocks.wall() + aheadMs,
    monotonic: () => clocks.monotonic() + aheadMs,
    push(ms) {
      if (!(ms > 0)) throw new RangeError('the clock only goes forward');
      aheadMs += ms;
    },
    aheadMs: () => aheadMs,
  };
}
