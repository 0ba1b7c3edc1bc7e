import { describe, expect, it } from '@jest/globals';
import { startBegan, startChoice, startEnd, startEndOf, startPartition } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { createLog } from '../../lib/log/log.ts';
import { createRecent } from '../../lib/start/recent.ts';
import '../../lib/start/repeats.ts'; // a part of the door that is loaded only where it is needed
import type { Wish } from '../../lib/start/start-all.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { alert, at, both, known, nameOf, start, TIGHT } from './a-door.ts';
import { seen } from './a-played-pick.ts';
import { aPick, endAs, entryOf, type PlayedStart } from './a-start.ts';

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((key) => alert(key)) as [Wish, Wish, Wish, Wish];
const ofCleanup = (key: string) => alert(key, { trigger: 'cleanup' });
/** From then on the n-th call to the ledger (from 1) fails, of those that `fits`. */
const failingAt = (n: number, fault: 'fails' | LedgerFailed = 'fails', fits: (call: WatchedCall) => boolean = () => true) => ({ ledger }: PlayedStart): void => {
  let calls = 0;
  ledger.script = (call) => (fits(call) && ++calls === n ? fault : undefined);
};
const refused = new LedgerFailed('refused', 'no');
const outcomes = (answers: { outcome: string }[]) => answers.map(({ outcome }) => outcome);

describe('a delivery of too many, whose requests the ledger is asked about', () => {
  const tight = (wishes: Wish[], ...steps: ((played: PlayedStart) => unknown)[]) => start(wishes, { plan: { policy: TIGHT }, prepare: both(...steps) });

  it('waits for alerts that may have begun elsewhere, whatever else is in it, and for nothing else', async () => {
    expect((await tight([a, ofCleanup('b'), ofCleanup('c')])).clock.sleeps).toEqual([1_000, 1_000, 1_000]);
    expect((await tight([a, ofCleanup('b'), ofCleanup('c')], known([a], { outcome: 'failed' }), at(HOUR_MS))).clock.sleeps).toEqual([]);
    const all = await tight([a, b, c], known([a, b, c], { outcome: 'failed' }), at(HOUR_MS));
    expect([outcomes(all.answers), all.clock.sleeps]).toEqual([['refused', 'refused', 'refused'], []]);
  });

  it('has as repeats what began, of a cleanup, however it ended', async () => {
    const wishes = ['a', 'b', 'c', 'd'].map(ofCleanup);
    expect(outcomes((await tight(wishes, known(wishes.slice(0, 1), { outcome: 'failed' }), at(HOUR_MS))).answers)).toEqual(['duplicate', 'refused', 'refused', 'refused']);
  });

  it('asks again where the ledger is away for a moment, and says what was the matter where it stays away', async () => {
    expect(outcomes((await tight([a, b, c], failingAt(1))).answers)).toEqual(['refused', 'refused', 'refused']);
    expect((await tight([a, b, c], failingAt(1, refused))).lines).toMatchObject([{ level: 'error', error: expect.objectContaining({ message: 'no' }) }]);
  });

  it('has nothing to do with what this process started a moment ago', async () => {
    const recent = createRecent();
    const more = { recent };
    await start([a], { more });
    expect(outcomes((await start([a, b, c], { more, plan: { policy: TIGHT } })).answers)).toEqual(['duplicate', 'accepted', 'accepted']);
  });
});

describe('what exists already, of several', () => {
  const anew = (name: string) => (name.endsWith('-2') ? 'started' as const : 'exists' as const);
  const repeat = (wishes: Wish[], ...steps: ((played: PlayedStart) => unknown)[]) => start(wishes, { plan: { onStart: anew }, prepare: both(...steps) });
  const counted = (played: PlayedStart) => void (played.ledger.calls.length = 0);

  it('is told by two calls to the ledger where all of it stays as it is', async () => {
    const { answers, ledger } = await repeat([a, b, c], known([a, b, c], { outcome: 'killed' }), at(HOUR_MS), counted);
    expect([outcomes(answers), ledger.calls.map(({ on }) => on)]).toEqual([['duplicate', 'duplicate', 'duplicate'], ['get', 'get']]);
  });

  it('is told each by its own: only what may start anew is looked at closely', async () => {
    const { answers, ledger, played } = await repeat([a, b, c, d], known([a, c], { outcome: 'killed' }), known([b, d], { outcome: 'failed' }), at(HOUR_MS), counted);
    expect(outcomes(answers)).toEqual(['duplicate', 'accepted', 'duplicate', 'accepted']);
    expect(ledger.calls.flatMap(({ on, partitions }) => (on === 'list' ? partitions : [])).toSorted()).toEqual([b, d].map((one) => startPartition(nameOf(played, one))).toSorted());
  });

  it.each([['the first read', 1], ['the second', 2], ['the last', 3]])('starts anew although the ledger is away for a moment, at %s', async (_, n) => {
    expect(outcomes((await repeat([a], known([a], { outcome: 'failed' }), at(HOUR_MS), failingAt(n))).answers)).toEqual(['accepted']);
  });

  it.each([['the first read', 1], ['the second', 2], ['the last', 3]])('is a duplicate where the ledger does not answer %s, and the log says why', async (_, n) => {
    const { answers, lines } = await repeat([a], known([a], { outcome: 'failed' }), at(HOUR_MS), failingAt(n, refused));
    expect([outcomes(answers), lines]).toMatchObject([['duplicate'], [{ message: 'the ledger could not be asked about a repeat', error: expect.objectContaining({ message: 'no' }) }]]);
  });

  it('does not hide a fault of ours', async () => {
    await expect(repeat([a], ({ ledger }) => void (ledger.get = () => Promise.reject(new TypeError('a fault of ours'))))).rejects.toThrow('a fault of ours');
  });

  it('of a pick that an operator stopped, after what it chose came to nothing, picks anew', async () => {
    const pick: Wish = { deliveryKey: 'p', request: aPick() };
    const { answers } = await repeat([pick], async (played) => {
      const name = nameOf(played, pick);
      await played.ledger.put([
        entryOf(startBegan(name, 1), { at: NOON, since: NOON }), entryOf(startEnd(name, 1), endAs({ outcome: 'failed', code: 'STOPPED' })),
        entryOf(startChoice(name, 1), { at: NOON, jobs: [seen('job-1')] }), entryOf(startEndOf(name, 1, 'job-1'), endAs({ outcome: 'already-over' })),
      ]);
    }, at(HOUR_MS));
    expect(outcomes(answers)).toEqual(['accepted']);
  });
});

it('what became of a delivery is counted by what asked for it', async () => {
  const counts: object[] = [];
  const log = createLog({ level: 'info', now: () => NOON, write: (line) => {
    const { Started, trigger, outcome } = JSON.parse(line) as Record<string, unknown>;
    if (Started !== undefined) counts.push({ Started, trigger, outcome });
  } });
  await start([a, a, b, alert('s', { trigger: 'slack' })], { more: { log } });
  expect(counts).toHaveLength(3);
  expect(counts).toEqual(expect.arrayContaining([{ Started: 2, trigger: 'alerts', outcome: 'accepted' }, { Started: 1, trigger: 'alerts', outcome: 'duplicate' }, { Started: 1, trigger: 'slack', outcome: 'accepted' }]));
});
