import { beforeEach, describe, expect, it } from '@jest/globals';
import { openTimers, type Timers } from '../../../home/engine/timers.ts';
import type { Store } from '../../../home/store/store.ts';
import { type VirtualClock, virtualClock } from '../../local/clock.ts';
import { memoryStore } from '../../support/memory-store.ts';

let clock: VirtualClock;
let store: Store;
let timers: Timers;
let fired: string[];
let unreadable: string[];
let troubles: unknown[];
/** When the clock is to ring. */
let alarms: number[];
/** What a timer of this purpose does when it fires. */
let does: Record<string, () => void>;

beforeEach(() => {
  [fired, unreadable, troubles, alarms, does] = [[], [], [], [], {}];
  clock = virtualClock(0);
  store = memoryStore();
  timers = open();
});

function open(): Timers {
  const counted = {
    now: clock.now,
    setTimer(atMs: number, run: () => void) {
      alarms.push(atMs);
      const gone = (): void => void (alarms = alarms.filter((one) => one !== atMs));
      const cancel = clock.setTimer(atMs, () => {
        gone();
        run();
      });
      return () => {
        gone();
        cancel();
      };
    },
  };
  return openTimers(store, counted, ({ execution, purpose }) => {
    does[purpose]?.();
    fired.push(`${execution} ${purpose} at ${clock.now()}`);
  }, (execution) => void unreadable.push(execution), (error) => void troubles.push(error));
}

async function advanceTo(ms: number): Promise<void> {
  clock.advanceTo(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

describe('the timers', () => {
  it('fire at their time, the nearest first, each once, with one alarm for all', async () => {
    timers.set('b', 'later', 'deadline', 20);
    timers.set('c', 'much later', 'deadline', 30);
    expect(alarms).toEqual([20]);
    timers.set('a', 'soon', 'progress', 10);
    timers.set('a', 'soon too', 'progress', 10);
    expect([alarms, timers.nextAtMs()]).toEqual([[10], 10]);
    await advanceTo(9);
    expect(fired).toEqual([]);
    await advanceTo(25);
    expect([fired, alarms]).toEqual([['a soon at 10', 'a soon too at 10', 'b later at 20'], [30]]);
    await advanceTo(30);
    expect([fired.at(-1), alarms, timers.nextAtMs(), troubles]).toStrictEqual(['c much later at 30', [], undefined, []]);
  });

  it('are set anew under the same purpose, with another kind and time', async () => {
    timers.set('a', 'p', 'progress', 10);
    timers.set('a', 'p', 'deadline', 20);
    expect([timers.hasProgress(), timers.nextAtMs()]).toEqual([false, 20]);
    await advanceTo(15);
    expect(fired).toEqual([]);
    await advanceTo(20);
    expect(fired).toEqual(['a p at 20']);
  });

  it('are cancelled one by one, all of an execution, or all but one', async () => {
    for (const execution of ['a', 'b', 'c']) for (const purpose of ['p', 'q']) timers.set(execution, purpose, 'deadline', 10);
    timers.cancel('a', 'p');
    timers.cancelAll('b');
    timers.cancelAll('c', 'q');
    await advanceTo(10);
    expect(fired).toEqual(['a q at 10', 'c q at 10']);
  });

  it('do not fire where one that was due before cancelled them', async () => {
    does['p'] = () => timers.cancel('a', 'q');
    timers.set('a', 'p', 'deadline', 10);
    timers.set('a', 'q', 'deadline', 10);
    timers.set('a', 'r', 'deadline', 10);
    await advanceTo(10);
    expect(fired).toEqual(['a p at 10', 'a r at 10']);
  });

  it('say whether anything goes on by itself, and what is next of an execution', () => {
    timers.set('a', 'life', 'deadline', 5);
    timers.set('b', 'life', 'deadline', 5);
    expect([timers.hasProgress(), timers.nextOf('a', 'life'), timers.nextOf('a', 'other')]).toEqual([false, undefined, { purpose: 'life', atMs: 5 }]);
    timers.set('a', 'late', 'progress', 30);
    timers.set('a', 'wait', 'progress', 20);
    expect([timers.hasProgress(), timers.hasProgress('a'), timers.hasProgress('b'), timers.nextOf('a', 'life')]).toEqual([true, true, false, { purpose: 'wait', atMs: 20 }]);
  });

  it('fire though the record of one execution cannot be read: that one is told of', async () => {
    does['bad'] = () => void JSON.parse('no JSON');
    timers.set('a', 'bad', 'progress', 10);
    timers.set('b', 'good', 'progress', 10);
    await advanceTo(10);
    expect([fired, unreadable, troubles]).toEqual([['b good at 10'], ['a'], []]);
  });

  it('fire a second later, all that were due, where the store or the engine gave trouble', async () => {
    const trouble = new Error('not now');
    does['bad'] = () => {
      if (clock.now() < 1_010) throw trouble;
    };
    timers.set('a', 'good', 'progress', 10);
    timers.set('a', 'bad', 'progress', 10);
    await advanceTo(10);
    expect([troubles, unreadable, alarms]).toEqual([[trouble], [], [1_010]]);
    await advanceTo(1_010);
    expect([fired.slice(-2), alarms]).toEqual([['a good at 1010', 'a bad at 1010'], []]);
  });

  it('fire a second later where the commit failed', async () => {
    timers.set('a', 'p', 'progress', 10);
    await new Promise((resolve) => setImmediate(resolve));
    does['p'] = () => {
      if (clock.now() < 1_010) store.database.exec('ROLLBACK');
    };
    await advanceTo(10);
    expect([troubles.length, alarms]).toEqual([1, [1_010]]);
    await advanceTo(1_010);
    expect([fired.at(-1), troubles.length]).toEqual(['a p at 1010', 1]);
  });

  it('fire however many are due at once', async () => {
    store.database.exec('BEGIN');
    for (let number = 0; number < 1_001; number++) timers.set(`e${number}`, 'p', 'deadline', 10);
    store.database.exec('COMMIT');
    await advanceTo(10);
    await advanceTo(10);
    await advanceTo(10);
    expect([fired.length, new Set(fired).size]).toEqual([1_001, 1_001]);
  });

  it('that an earlier process left fire once they are armed', async () => {
    timers.set('a', 'p', 'deadline', 10);
    timers.close();
    expect(alarms).toEqual([]);
    await advanceTo(50);
    timers = open();
    expect(alarms).toEqual([]);
    timers.arm();
    await advanceTo(50);
    expect(fired).toEqual(['a p at 50']);
  });

  it('fire no more once they are closed, whatever is set, armed or rings', async () => {
    timers.set('a', 'p', 'deadline', 10);
    timers.close();
    timers.arm();
    timers.set('a', 'q', 'deadline', 5);
    await advanceTo(20);
    expect([fired, alarms]).toStrictEqual([[], []]);
  });

  it('ring in vain where the alarm could not be taken back', async () => {
    const rings: (() => void)[] = [];
    const deaf = openTimers(store, { now: () => 50, setTimer: (_, run) => (rings.push(run), () => undefined) }, () => void fired.push('fired'), () => undefined, () => undefined);
    deaf.set('a', 'p', 'deadline', 10);
    deaf.close();
    rings[0]?.();
    expect([fired, rings.length]).toEqual([[], 1]);
  });
});
