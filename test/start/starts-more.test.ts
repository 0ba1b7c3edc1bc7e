import { describe, expect, it } from '@jest/globals';
import { type EndEntry, type JobSeen, startBegan, startChoice, startEnd, startEndOf, startHandedOn, startPosted } from '../../lib/ledger/keys.ts';
import type { Entry } from '../../lib/ledger/port.ts';
import { againAt, kindOf } from '../../lib/start/kind-of-end.ts';
import { endOfChoice, endOfWarning, readStarts } from '../../lib/start/read-starts.ts';
import { deadAfterMs, endOfMet, isDead, isSettled, judgeRepeat, judgeStarts } from '../../lib/start/restart.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { aStart, entryOf, MINUTE_MS } from './a-start.ts';

const NAME = 'alerts-live-1';
const PATIENCE_MS = 35 * MINUTE_MS;
const jobOf = (job_id: string): JobSeen => ({ cluster: 'c-1', job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' });
const endAs = (fields: Partial<EndEntry>): EndEntry => ({ at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, ended: NOON + MINUTE_MS, policyHash: 'hash', outcome: 'killed', reason: '', ...fields });

const began = (start: number, more: object = {}) => entryOf(startBegan(NAME, start), { at: NOON + start, since: NOON, ...more });
const end = (start: number, fields: Partial<EndEntry>) => entryOf(startEnd(NAME, start), endAs(fields));
const endOf = (start: number, of: string, fields: Partial<EndEntry>) => entryOf(startEndOf(NAME, start, of), endAs(fields));
const posted = (start: number, of: string) => entryOf(startPosted(NAME, start, of), { at: NOON });
const chose = (start: number, ...ids: string[]) => entryOf(startChoice(NAME, start), { at: NOON, jobs: ids.map(jobOf) });
const handed = (start: number, to = 'x') => entryOf(startHandedOn(NAME, start, to), { at: NOON, to });

describe('what stands of the starts', () => {
  it('is read by its words, whatever else stands there', () => {
    const [[, start] = []] = readStarts([began(1, { livesMs: 5, warns: true }), end(1, {}), entryOf({ partition: `start/${NAME}`, rest: '000001/ended/' }, 'torn')]);
    expect(start).toEqual({ began: NOON + 1, livesMs: 5, isWarning: true, isHandedOn: false, end: endAs({}), posted: new Set(), postedBefore: new Set(), ends: new Map() });
    expect(readStarts([endOf(1, 'a', {})]).get(1)).toEqual({ isWarning: false, isHandedOn: false, posted: new Set(), postedBefore: new Set(), ends: new Map([['a', endAs({})]]) });
  });

  it('of a POST counts in the later starts, whatever their order; not of one that was held back', () => {
    const starts = readStarts([began(3), began(1), began(2), posted(1, 'a'), posted(1, 'held'), endOf(1, 'held', { outcome: 'refused' }), posted(2, 'b')]);
    expect([1, 2, 3].map((number) => [...(starts.get(number)?.postedBefore ?? [])])).toEqual([[], ['a'], ['a', 'b']]);
  });

  it('of a warning is its own End, or the latest of what it handed on to', () => {
    const of = (...entries: Entry[]) => {
      const start = readStarts(entries).get(1);
      return start && endOfWarning(start)?.reason;
    };
    const two = [endOf(1, 'a', { reason: 'first', ended: NOON + 1 }), endOf(1, 'b', { reason: 'last', ended: NOON + 9 }), endOf(1, 'c', { reason: 'middle', ended: undefined, began: NOON + 5 })];
    expect([of(handed(1), ...two), of(handed(1), ...two.toReversed()), of(handed(1), ...two, end(1, { reason: 'own' })), of(...two), of(handed(1))]).toEqual(['last', 'last', 'own', undefined, undefined]);
    expect(of(handed(1), endOf(1, 'a', { reason: 'began last', ended: undefined, began: NOON + 20 }), endOf(1, 'b', { reason: 'ended first', ended: NOON + 9 }))).toBe('began last');
  });
});

describe('of several ends of a choice', () => {
  const cameTo = (...ends: Partial<EndEntry>[]) => {
    const ids = ends.map((_, index) => `job-${index}`);
    const start = readStarts([began(1), chose(1, ...ids), ...ends.map((one, index) => endOf(1, `job-${index}`, one))]).get(1);
    return start && endOfChoice(start, NOON, PATIENCE_MS);
  };
  /** Each goes before those after it. */
  const RANKS: Partial<EndEntry>[] = [
    { outcome: 'declined' }, { outcome: 'failed', code: 'STOPPED' }, { outcome: 'failed', code: 'FAILED' }, { outcome: 'refused', rule: 'paused' }, { outcome: 'already-over' }, { outcome: 'refused', rule: 'protected' },
  ];
  const PAIRS = RANKS.flatMap((first, index) => RANKS.slice(index + 1).map((second): [object, object] => [first, second]));

  it.each(PAIRS)('%j goes before %j', (first, second) => {
    expect(cameTo(first, second)).toMatchObject({ come: 'end', end: first });
    expect(cameTo(second, first)).toMatchObject({ come: 'end', end: first });
  });

  it.each<[object, object]>([[{ outcome: 'expired' }, { outcome: 'refused', rule: 'paused' }], [{ outcome: 'refused', rule: 'perHour' }, { outcome: 'already-over' }]])('%j goes before %j too', (first, second) => {
    expect(cameTo(second, first)).toMatchObject({ end: first });
  });

  it('the latest says when it ended: by its beginning where it has no moment', () => {
    expect(cameTo({ outcome: 'declined' }, { outcome: 'already-over', ended: undefined, began: NOON + 7 * MINUTE_MS })).toMatchObject({ end: { outcome: 'declined', ended: NOON + 7 * MINUTE_MS } });
  });

  it('one is unsure where a failed one may take effect, by its own word', () => {
    expect([cameTo({ outcome: 'failed', mayTakeEffect: true }), cameTo({ outcome: 'failed' })]).toMatchObject([{ isUnsure: true }, { isUnsure: false }]);
  });

  it('of no job failed when it chose, and one that did not choose long ago', () => {
    expect(cameTo()).toMatchObject({ come: 'end', end: { outcome: 'failed', at: NOON, ended: NOON, trigger: 'alerts' }, isUnsure: false });
    const [[, start] = []] = readStarts([began(1)]);
    expect(start && endOfChoice(start, NOON, PATIENCE_MS)).toMatchObject({ come: 'end', end: { outcome: 'failed', ended: 0 } });
  });

  it('those that are known hold until the patience is over, and then what never began has failed', () => {
    const [[, start] = []] = readStarts([began(1), chose(1, 'a', 'b'), endOf(1, 'a', { outcome: 'already-over' })]);
    const at = (ms: number) => start && endOfChoice(start, NOON + ms, PATIENCE_MS);
    expect([at(PATIENCE_MS - 1), at(PATIENCE_MS)]).toMatchObject([{ come: 'open' }, { come: 'end', end: { outcome: 'failed', reason: 'it was chosen, and its kill never began' } }]);
  });
});

describe('the kind of an end', () => {
  it.each([
    ['refused', 'kept', 'hash', true, 'untried'], ['refused', 'kept', 'hash', false, 'final'],
    ['would-kill', undefined, 'of yesterday', true, 'untried'], ['would-kill', undefined, 'of yesterday', false, 'final'], ['would-kill', undefined, 'hash', true, 'final'],
    ['killed', undefined, 'of yesterday', true, 'final'], ['ambiguous', undefined, 'hash', false, 'untried'], ['refused', 'protected', undefined, false, 'final'],
  ] as const)('%s by %s under the policy %s, of a warning: %s, is %s', (outcome, rule, policyHash, isWarning, kind) => {
    expect(kindOf(endAs({ outcome, rule, policyHash }), 'hash', { isWarning })).toBe(kind);
  });

  it('says when it is tried anew', () => {
    const times = [undefined, 0, 1, 2, 3, 4, 99].map((tried) => againAt('failed', { ended: NOON, ...(tried !== undefined && { tried }) }) - NOON);
    expect(times).toEqual([15 * MINUTE_MS, 0, 15 * MINUTE_MS, HOUR_MS, 4 * HOUR_MS, 12 * HOUR_MS, 12 * HOUR_MS]);
    expect([againAt('final', { ended: NOON }), againAt('untried', { ended: NOON, began: 0 }), againAt('failed', { ended: NOON, began: NOON - HOUR_MS })]).toEqual([Infinity, NOON + 5 * MINUTE_MS, NOON]);
  });
});

describe('what another start came to that a request met', () => {
  const met = async (start: number, ...entries: ReturnType<typeof entryOf>[]) => endOfMet((await aStart({ stands: entries })).parts.starter, { name: NAME, start }, NOON + HOUR_MS);
  const warning = (fields: Partial<EndEntry>) => met(1, began(1, { warns: true }), end(1, fields));
  const untried = { kind: 'untried', ended: NOON + MINUTE_MS, againAt: NOON + 6 * MINUTE_MS };

  it.each<[string, Partial<EndEntry>, object | undefined]>([
    ['was declined', { outcome: 'declined' }, untried],
    ['only told of it', { outcome: 'would-kill' }, untried],
    ['was kept', { outcome: 'refused', rule: 'kept' }, untried],
    ['met another itself', { outcome: 'refused', rule: 'repeat' }, undefined],
    ['failed', { outcome: 'failed' }, { kind: 'failed', ended: NOON + MINUTE_MS, againAt: NOON + 1 + 15 * MINUTE_MS }],
    ...(['killed', 'finished-first', 'already-over', 'still-running'] as const).map((outcome): [string, Partial<EndEntry>, object] => [`ended ${outcome}`, { outcome }, { kind: 'final', ended: NOON + MINUTE_MS, againAt: Infinity }]),
  ])('of a warning that %s', async (_, fields, came) => expect(await warning(fields)).toEqual(came));

  it('of a question is its End, of its last start, by when that began', async () => {
    expect(await met(1, began(1), end(1, { outcome: 'declined' }))).toEqual({ kind: 'final', ended: NOON + MINUTE_MS, againAt: Infinity });
    expect(await met(1, began(1), end(1, { outcome: 'declined' }), began(2), end(2, { outcome: 'failed', ended: undefined, began: NOON + 2 }))).toEqual({ kind: 'failed', ended: NOON + 2, againAt: NOON + 2 + 15 * MINUTE_MS });
    expect(await met(2, began(2), end(2, { outcome: 'failed' }), began(1), end(1, { outcome: 'killed' }))).toMatchObject({ kind: 'failed' });
    expect([await met(1, began(1)), await met(1, began(1), end(1, {}), began(2)), await met(2, began(1), end(1, {})), await met(1)]).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('of a choice is what that came to', async () => {
    expect(await met(1, began(1), chose(1, 'a'), endOf(1, 'a', { outcome: 'killed' }))).toEqual({ kind: 'final', ended: 0, againAt: Infinity });
    expect(await met(1, began(1), chose(1, 'a'), posted(1, 'a'), endOf(1, 'a', { outcome: 'failed' }))).toEqual({ kind: 'final', ended: 0, againAt: Infinity });
    expect(await met(1, began(1), chose(1, 'a'), endOf(1, 'a', { outcome: 'already-over' }))).toEqual(untried);
    expect(await met(1, began(1), chose(1, 'a'), endOf(1, 'a', { outcome: 'failed' }))).toEqual({ kind: 'failed', ended: NOON + MINUTE_MS, againAt: NOON + 1 + 15 * MINUTE_MS });
    expect(await met(1, began(1), chose(1, 'a'), posted(1, 'a'))).toBeUndefined();
  });
});

describe('a start', () => {
  const judge = (now: number, ...entries: Entry[]) => judgeStarts(entries, 'hash', now, PATIENCE_MS);

  it('is dead by how long it may live, unless it ended, handed on, or nobody knows when it began', () => {
    const of = (...entries: Entry[]) => readStarts(entries).get(1);
    const dead = (now: number, ...entries: Entry[]) => isDead(of(...entries) as NonNullable<ReturnType<typeof of>>, now);
    const lives = began(1, { livesMs: HOUR_MS });
    expect([deadAfterMs({}), deadAfterMs({ livesMs: HOUR_MS })]).toEqual([10 * HOUR_MS + 10 * MINUTE_MS, HOUR_MS + 10 * MINUTE_MS]);
    const at = NOON + 1 + HOUR_MS + 10 * MINUTE_MS;
    expect([dead(at, lives), dead(at + 1, lives), dead(at + 1, lives, end(1, {})), dead(at + 1, lives, handed(1)), dead(at + 1, posted(1, 'a'))]).toEqual([false, true, false, false, false]);
  });

  it('of a pick that was a repeat ended as that, though it had chosen', () => {
    const of = { name: 'alerts-dry-2', start: 1 };
    const entries = [began(1), chose(1, 'a'), end(1, { outcome: 'refused', rule: 'repeat', of })];
    expect(judge(NOON + HOUR_MS, ...entries)).toMatchObject({ do: 'start-as-met', start: 1, began: NOON + 1, end: { of } });
    expect(judge(NOON + HOUR_MS, end(1, { outcome: 'refused', rule: 'repeat', of, began: NOON + 5 }))).toMatchObject({ do: 'start-as-met', began: NOON + 5 });
  });

  it('of a pick whose kill left is over, with its own End or without', () => {
    const left = [began(1), chose(1, 'a'), endOf(1, 'a', { outcome: 'killed' })];
    expect([judge(NOON + 9 * HOUR_MS, ...left), judge(NOON + 99 * HOUR_MS, ...left, end(1, { outcome: 'failed' }))]).toEqual([{ do: 'nothing' }, { do: 'nothing' }]);
  });

  it('without its beginning counts by its End', () => {
    expect([judge(NOON + 15 * MINUTE_MS - 1, end(1, { outcome: 'failed' })), judge(NOON + 15 * MINUTE_MS, end(1, { outcome: 'failed' }))]).toEqual([{ do: 'nothing' }, { do: 'start', start: 2 }]);
    expect([judge(NOON + 5 * MINUTE_MS - 1, end(1, { outcome: 'not-found', ended: undefined })), judge(NOON + 5 * MINUTE_MS, end(1, { outcome: 'not-found', ended: undefined }))]).toEqual([{ do: 'nothing' }, { do: 'start', start: 2 }]);
  });

  it('that failed is held by neither switch nor hour, whatever its rule', () => {
    expect(judge(NOON + 99 * HOUR_MS, began(1), end(1, { outcome: 'failed', rule: 'paused' }))).toEqual({ do: 'start', start: 2 });
  });

  it('of a warning is not settled by what another rule kept', () => {
    const kept = end(1, { outcome: 'refused', rule: 'kept' });
    expect([isSettled([began(1), kept], 'hash'), isSettled([began(1, { warns: true }), kept], 'hash'), isSettled([undefined, kept], 'hash')]).toEqual([true, false, true]);
  });
});

describe('a repeat', () => {
  const judge = (ms: number, ...entries: Entry[]) => judgeStarts(entries, 'hash', NOON + ms, PATIENCE_MS);

  it('of what failed after a start that is open counts that for nothing', () => {
    expect(judge(15 * MINUTE_MS + 2, began(1), began(2), end(2, { outcome: 'failed' }))).toEqual({ do: 'start', start: 3 });
  });

  it("of a pick that chose, and met another's choice, is judged by that", () => {
    expect(judge(HOUR_MS, began(1), chose(1, 'a'), end(1, { outcome: 'refused', rule: 'repeat', of: { name: 'other', start: 1 } }))).toMatchObject({ do: 'start-as-met', start: 1 });
  });

  it("of what met another's choice waits 5 min from its own End, where that came later", async () => {
    const other = (key: Entry['key']) => ({ ...key, partition: 'start/other' });
    const { ledger, parts: { starter } } = await aStart({ stands: [
      began(1), end(1, { outcome: 'refused', rule: 'repeat', of: { name: 'other', start: 1 }, ended: NOON + 10 * MINUTE_MS }),
      ...[began(1), chose(1, 'a'), endOf(1, 'a', { outcome: 'refused', rule: 'paused', ended: NOON + 3 * MINUTE_MS })].map((one) => ({ ...one, key: other(one.key) })),
    ] });
    const at = (ms: number) => judgeRepeat({ ...starter, ledger }, NAME, NOON + ms);
    expect([await at(15 * MINUTE_MS - 1), await at(15 * MINUTE_MS)]).toEqual([{ do: 'nothing' }, { do: 'start', start: 2 }]);
  });

  it('of a pick, one of whose jobs was declined and of one nobody heard, is the no', () => {
    const start = readStarts([began(1), chose(1, 'a', 'b'), endOf(1, 'a', { outcome: 'declined' })]).get(1);
    expect(start && endOfChoice(start, NOON + PATIENCE_MS, PATIENCE_MS)).toMatchObject({ come: 'end', end: { outcome: 'declined' } });
  });
});
