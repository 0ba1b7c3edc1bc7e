import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type EndEntry, type JobSeen, placesKey, startBegan, startChoice, startEnd, startEndOf, startHandedOn, startPartition, startPosted, switchKey } from '../../lib/ledger/keys.ts';
import type { Entry, Key, Ledger } from '../../lib/ledger/port.ts';
import { listAll } from '../../lib/kill/remember.ts';
import { endOfChoice, readStarts, type Start } from '../../lib/start/read-starts.ts';
import { type JudgeParts, judgeRepeat, judgeStarts } from '../../lib/start/restart.ts';
import { aPolicy, HOUR_MS, NOON } from '../core/a-job.ts';

const MINUTE_MS = 60_000;
/** As `patience` with a question of 15 min: 15 min until it expires, the question, 5 min. */
const PATIENCE_MS = 35 * MINUTE_MS;
const NAME = 'alerts-live-1';
const OTHER = 'alerts-live-2';

const jobOf = (job_id: string): JobSeen => ({ cluster: 'c-1', job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' });
const endAs = (fields: Partial<EndEntry>): EndEntry => ({ at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, ended: NOON + MINUTE_MS, policyHash: 'now', outcome: 'killed', reason: '', ...fields });

/** A pick that chose these jobs at noon; by job how its kill ended, for which a POST was about to leave, and its own End. */
function chose(ids: string[], ends: Record<string, Partial<EndEntry>>, { posted = [], before = [], own, openUntil }: { posted?: string[]; before?: string[]; own?: Partial<EndEntry>; openUntil?: number } = {}): Start {
  return {
    began: NOON, isWarning: false, isHandedOn: true, choice: { at: NOON, jobs: ids.map(jobOf), ...(openUntil !== undefined && { openUntil }) }, posted: new Set(posted), postedBefore: new Set(before),
    ends: new Map(Object.entries(ends).map(([id, end]) => [id, endAs(end)])), ...(own && { end: endAs(own) }),
  };
}
const cameTo = (start: Start, afterMs = 10 * MINUTE_MS) => endOfChoice(start, NOON + afterMs, PATIENCE_MS);

describe('what a choice came to', () => {
  it.each<[what: string, start: Start]>([
    ['a job was killed', chose(['a', 'b'], { a: { outcome: 'killed' }, b: { outcome: 'failed' } })],
    ['one ended first', chose(['a'], { a: { outcome: 'finished-first' } })],
    ['one is still running after MRS took the kill', chose(['a'], { a: { outcome: 'still-running' } })],
    ['all POSTs of one went unanswered', chose(['a'], { a: { outcome: 'failed', code: 'unanswered', mayTakeEffect: true } })],
    ['one was held back after a POST that may take effect', chose(['a'], { a: { outcome: 'refused', rule: 'paused', mayTakeEffect: true } })],
    ['one was killed, while another is open', chose(['a', 'b'], { a: { outcome: 'killed' } })],
    ['one is gone after a POST of an earlier start: it may have died by it', chose(['a'], { a: { outcome: 'already-over' } }, { before: ['a'] })],
    ['MRS does not know it any more after a POST of an earlier start', chose(['a', 'b'], { a: { outcome: 'not-found' }, b: { outcome: 'failed' } }, { before: ['a'] })],
  ])('sent: %s', (_, start) => expect(cameTo(start)).toEqual({ come: 'sent' }));

  it.each<[what: string, start: Start, afterMs: number]>([
    ['no kill has ended', chose(['a'], {}), 10 * MINUTE_MS],
    ['one of two has ended', chose(['a', 'b'], { a: { outcome: 'declined' } }), 10 * MINUTE_MS],
    ['up to the last ms of the patience', chose(['a'], {}), PATIENCE_MS - 1],
    ['up to the moment that stands with the choice of a pick that only tells people', chose(['a'], {}, { openUntil: NOON + 9 * HOUR_MS }), 9 * HOUR_MS - 1],
    ['for good, where a POST was about to leave and nobody knows what became of it', chose(['a'], {}, { posted: ['a'] }), 1_000 * HOUR_MS],
  ])('open: %s', (_, start, afterMs) => expect(cameTo(start, afterMs)).toEqual({ come: 'open' }));

  it.each<[what: string, start: Start, afterMs: number, end: object, isUnsure: boolean]>([
    ['a no goes before all else', chose(['a', 'b', 'c'], { a: { outcome: 'failed' }, b: { outcome: 'declined' }, c: { outcome: 'already-over' } }), 0, { outcome: 'declined' }, false],
    ['a failure goes before a refusal', chose(['a', 'b'], { a: { outcome: 'refused', rule: 'paused' }, b: { outcome: 'failed', code: 'FAILED' } }), 0, { outcome: 'failed' }, false],
    ['expired', chose(['a'], { a: { outcome: 'expired' } }), 0, { outcome: 'expired' }, false],
    ['paused', chose(['a'], { a: { outcome: 'refused', rule: 'paused' } }), 0, { outcome: 'refused', rule: 'paused' }, false],
    ['the latest of its ends counts', chose(['a', 'b'], { a: { outcome: 'declined' }, b: { outcome: 'already-over', ended: NOON + 9 * MINUTE_MS } }), 0, { outcome: 'declined', ended: NOON + 9 * MINUTE_MS }, false],
    ['what never began has failed, at the end of the patience', chose(['a'], {}), PATIENCE_MS, { outcome: 'failed', ended: NOON, reason: 'it was chosen, and its kill never began' }, false],
    ['the pick\'s own End stands for what never began', chose(['a'], {}, { own: { outcome: 'failed', code: 'not_started' } }), PATIENCE_MS, { outcome: 'failed', code: 'not_started' }, false],
    ['unsure where a POST was about to leave for what failed', chose(['a'], { a: { outcome: 'failed', code: 'FAILED' } }, { posted: ['a'] }), 0, { outcome: 'failed' }, true],
    ['not where that POST was another job\'s', chose(['a', 'b'], { a: { outcome: 'failed', code: 'FAILED' }, b: { outcome: 'already-over' } }, { posted: ['b'] }), 0, { outcome: 'failed' }, false],
  ])('ended: %s', (_, start, afterMs, end, isUnsure) => expect(cameTo(start, afterMs)).toMatchObject({ come: 'end', end, isUnsure }));
});

describe('what stands of the starts of a request', () => {
  const entry = ({ rest, partition }: Key, value: unknown): Entry => ({ key: { partition, rest }, value, until: NOON + HOUR_MS });

  it('is told apart by its number', () => {
    const starts = readStarts([
      entry(startBegan(NAME, 1), { at: NOON, since: NOON, trigger: 'alerts' }),
      entry(startEnd(NAME, 1), endAs({ outcome: 'failed' })),
      entry(startBegan(NAME, 12), { at: NOON + HOUR_MS, since: NOON, trigger: 'alerts' }),
      entry(startChoice(NAME, 12), { at: NOON, jobs: [jobOf('a')] }),
      entry(startPosted(NAME, 12, 'a'), { at: NOON }),
      entry(startHandedOn(NAME, 12, 'a'), { at: NOON, to: 'x' }),
      entry(startEndOf(NAME, 12, 'a'), endAs({})),
    ]);
    expect([...starts.keys()]).toEqual([1, 12]);
    expect(starts.get(1)).toMatchObject({ began: NOON, isHandedOn: false, end: { outcome: 'failed' } });
    expect(starts.get(12)).toMatchObject({ began: NOON + HOUR_MS, isHandedOn: true, choice: { at: NOON }, posted: new Set(['a']), ends: new Map([['a', expect.objectContaining({ outcome: 'killed' })]]) });
  });

  it('is left alone where its End cannot be read', () => {
    const entries = [entry(startBegan(NAME, 1), { at: NOON, since: NOON }), entry(startEnd(NAME, 1), { outcome: 'of a later version' })];
    expect(judgeStarts(entries, 'now', NOON + 1_000 * HOUR_MS, PATIENCE_MS)).toEqual({ do: 'nothing' });
  });

  it('is nothing yet where it began and is not on record', () => expect(judgeStarts([], 'now', NOON, PATIENCE_MS)).toEqual({ do: 'nothing' }));
});

describe('a repeat of an alert', () => {
  let ledger: Ledger;
  let parts: JudgeParts & { paused: boolean | 'unreadable' };
  beforeEach(() => {
    ledger = createSqliteLedger(memoryStore());
    parts = { ledger, policyHash: 'now', policy: aPolicy(), settings: { askTimeoutSec: 15 * 60 }, paused: false, readPaused: () => parts.paused };
  });
  afterEach(async () => expect(await listAll(ledger, startPartition(NAME), NOON)).not.toEqual([])); // judging takes nothing away

  const put = (key: Key, value: unknown) => ledger.put([{ key, value, until: NOON + 1_000 * HOUR_MS }]);
  const judge = (afterMs: number) => judgeRepeat(parts, NAME, NOON + afterMs);
  const AGAIN = { do: 'start', start: 2 };
  const NOTHING = { do: 'nothing' };

  /** The only start of a name: it began at noon, and ended a minute later. */
  async function ended(end: Partial<EndEntry>, name = NAME): Promise<void> {
    await put(startBegan(name, 1), { at: NOON, since: NOON, trigger: 'alerts' });
    await put(startEnd(name, 1), endAs(end));
  }

  /** A pick chose one job at noon, whose kill ended so a minute later; left out: it is open. */
  async function picked(end?: Partial<EndEntry>, { name = NAME, isPosted = false } = {}): Promise<void> {
    await put(startBegan(name, 1), { at: NOON, since: NOON, trigger: 'alerts' });
    await put(startChoice(name, 1), { at: NOON, jobs: [jobOf('a')] });
    await put(startHandedOn(name, 1, 'a'), { at: NOON, to: 'child' });
    if (isPosted) await put(startPosted(name, 1, 'a'), { at: NOON });
    if (end) await put(startEndOf(name, 1, 'a'), endAs(end));
  }

  it.each([['paused by the setting', true], ['unreadable', 'unreadable']] as const)('whose kill was paused waits for as long as the switch is %s', async (_, paused) => {
    await ended({ outcome: 'refused', rule: 'paused' });
    parts.paused = paused;
    expect(await judge(2 * HOUR_MS)).toEqual(NOTHING);
    parts.paused = false;
    expect([await judge(6 * MINUTE_MS - 1), await judge(6 * MINUTE_MS)]).toEqual([NOTHING, AGAIN]);
  });

  it('whose kill was paused waits for the ledger\'s switch too, to the ms', async () => {
    await ended({ outcome: 'refused', rule: 'paused' });
    await ledger.claim(switchKey, { owner: 'switch', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect([await judge(HOUR_MS), await judge(HOUR_MS + 1)]).toEqual([NOTHING, AGAIN]);
  });

  it('whose kill found no place in the hour waits until one is free', async () => {
    parts.policy = aPolicy({ limits: { perDelivery: 1, perHour: 1, percentOfRunning: 50 } });
    await ended({ outcome: 'refused', rule: 'perHour' });
    await ledger.take(placesKey, 'who', { most: 1, windowMs: HOUR_MS }, { now: NOON + MINUTE_MS });
    expect([await judge(HOUR_MS), await judge(HOUR_MS + MINUTE_MS)]).toEqual([NOTHING, AGAIN]);
  });

  it.each<[what: string, end: Partial<EndEntry>, before: number, from: number]>([
    ['whose job was gone: another one may be meant', { outcome: 'already-over' }, 6 * MINUTE_MS - 1, 6 * MINUTE_MS],
    ['whose job another request of the rule asked about', { outcome: 'refused', rule: 'repeat' }, 6 * MINUTE_MS - 1, 6 * MINUTE_MS],
    ['whose job was kept', { outcome: 'refused', rule: 'kept' }, 6 * MINUTE_MS - 1, 6 * MINUTE_MS],
    ['whose kill failed', { outcome: 'failed', code: 'FAILED' }, 15 * MINUTE_MS - 1, 15 * MINUTE_MS],
    ['whose question nobody answered', { outcome: 'expired' }, 15 * MINUTE_MS - 1, 15 * MINUTE_MS],
  ])('of a pick %s picks anew, and not before', async (_, end, before, from) => {
    await picked(end);
    expect([await judge(before), await judge(from)]).toEqual([NOTHING, AGAIN]);
  });

  it.each<[what: string, end: Partial<EndEntry> | undefined, isPosted: boolean]>([
    ['killed', { outcome: 'killed' }, false],
    ['was declined', { outcome: 'declined' }, false],
    ['was refused as protected', { outcome: 'refused', rule: 'protected' }, false],
    ['was stopped by an operator', { outcome: 'failed', code: 'STOPPED' }, false],
    ['left no end after its POST', undefined, true],
  ])('of a pick that %s picks nobody else, however late', async (_, end, isPosted) => {
    await picked(end, { isPosted });
    expect([await judge(HOUR_MS), await judge(300 * HOUR_MS)]).toEqual([NOTHING, NOTHING]);
  });

  it('of a pick whose kill never began picks anew when that would have expired', async () => {
    await picked();
    expect([await judge(PATIENCE_MS - 1), await judge(PATIENCE_MS)]).toEqual([NOTHING, AGAIN]);
  });

  describe('that met the choice of another', () => {
    const met = (): Promise<void> => ended({ outcome: 'refused', rule: 'repeat', of: { name: OTHER, start: 1 } });

    it.each<[what: string, end: Partial<EndEntry> | undefined, isPosted: boolean]>([
      ['is open', undefined, false],
      ['killed', { outcome: 'killed' }, false],
      ['was declined', { outcome: 'declined' }, false],
      ['only would be killed, by another policy', { outcome: 'would-kill', policyHash: 'of yesterday' }, false],
      ['failed after its POST may have left', { outcome: 'failed', code: 'FAILED' }, true],
    ])('picks for nobody where that %s', async (_, end, isPosted) => {
      await met();
      await picked(end, { name: OTHER, isPosted });
      expect([await judge(30 * MINUTE_MS), ...(end ? [await judge(300 * HOUR_MS)] : [])].every((one) => one.do === 'nothing')).toBe(true);
    });

    it.each<[what: string, end: Partial<EndEntry>, from: number]>([
      ['five minutes after nothing was tried there', { outcome: 'refused', rule: 'paused', ended: NOON + 3 * MINUTE_MS }, 8 * MINUTE_MS],
      ['five minutes after its job was another one\'s matter', { outcome: 'refused', rule: 'repeat', ended: NOON + 3 * MINUTE_MS }, 8 * MINUTE_MS],
      ['15 min after it began, where that was tried and failed', { outcome: 'failed', code: 'FAILED', ended: NOON + 3 * MINUTE_MS }, 15 * MINUTE_MS],
      ['when that has failed, where it took longer', { outcome: 'failed', code: 'FAILED', ended: NOON + 20 * MINUTE_MS }, 20 * MINUTE_MS],
    ])('picks for itself %s', async (_, end, from) => {
      await met();
      await picked(end, { name: OTHER });
      expect([await judge(from - 1), await judge(from)]).toEqual([NOTHING, AGAIN]);
    });

    it('picks for nobody where nothing stands of that', async () => {
      await met();
      expect(await judge(300 * HOUR_MS)).toEqual(NOTHING);
    });
  });
});
