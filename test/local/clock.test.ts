import { describe, expect, it } from '@jest/globals';
import { realClock, virtualClock } from './clock.ts';

describe('the virtual clock', () => {
  it('runs timers in order of their time, each at its own time, and never those that were cancelled', () => {
    const clock = virtualClock(1_000);
    const seen: string[] = [];
    const note = (name: string) => (): void => void seen.push(`${name}@${clock.now()}`);
    clock.setTimer(3_000, note('c'));
    clock.setTimer(2_000, note('a'));
    clock.setTimer(2_000, note('b'));
    clock.setTimer(2_500, note('never'))();
    clock.setTimer(9_000, note('later'));
    clock.setTimer(2_200, () => void clock.setTimer(2_300, note('nested')));
    clock.advanceTo(4_000);
    expect(seen).toEqual(['a@2000', 'b@2000', 'nested@2300', 'c@3000']);
    expect(clock.now()).toBe(4_000);
  });

  it('never goes back', () => {
    const clock = virtualClock(1_000);
    clock.advanceTo(500);
    expect(clock.now()).toBe(1_000);
  });
});

describe('the real clock', () => {
  it('fires once it is time, not when cancelled, and not early for a time further off than a Node timer reaches', async () => {
    const clock = realClock();
    const seen: string[] = [];
    clock.setTimer(clock.now() + 5, () => void seen.push('due'));
    clock.setTimer(clock.now() + 5, () => void seen.push('cancelled'))();
    const cancelFar = clock.setTimer(clock.now() + 40 * 86_400_000, () => void seen.push('far'));
    await new Promise((resolve) => setTimeout(resolve, 30));
    cancelFar();
    expect(seen).toEqual(['due']);
  });
});
