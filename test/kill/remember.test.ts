import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { endKnown, listAll, listOfJob, openEntries, readKnown, recall, requestKnown, takeOver, wasHeldBack } from '../../lib/kill/remember.ts';
import {
  type Began, type EndEntry, type JobSeen, livesKey, runJob, runPost, runPostAnswer, runRecord, startAnswer, startBegan, startCard, startChoice, startEnd, startEndOf, startHandedOn, startHeld, startPosted, startTold,
} from '../../lib/ledger/keys.ts';
import { type Entry, LedgerFailed, type PutEntry } from '../../lib/ledger/port.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID } from './a-run.ts';

const DAY_MS = 86_400_000;
const { name: NAME } = ID;
const SEEN: JobSeen = { cluster: 'c-1', job_id: 'j-1', job_name: 'etl', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
const END: EndEntry = { at: NOON, trigger: 'alerts', by: 'x', why: '', since: NOON, began: NOON, outcome: 'killed', reason: 'r' };
const began = (start: number, more: Partial<Began> = {}): PutEntry => entryOf(startBegan(NAME, start), { at: NOON + start, since: NOON, ...more } satisfies Began);
const held = { at: NOON, until: NOON + 1 };
const read = (start: number, ofRequest: PutEntry[], ofStarts: PutEntry[]) => readKnown(start, ofRequest as Entry[], ofStarts as Entry[]);

describe('what stands of a request', () => {
  it('is read by number, and by what it is', () => {
    const known = read(2, [
      entryOf(runPost(NAME, 10), { at: NOON }), entryOf(runPost(NAME, 2), { at: NOON + 2 }), entryOf(runPost(NAME, 3), 'torn'),
      entryOf(runPostAnswer(NAME, 2), { at: NOON, what: 'refused' }), entryOf(runPostAnswer(NAME, 3), 'torn'),
      entryOf(runJob(NAME), SEEN), entryOf(runRecord(NAME), { ...SEEN, job_id: 'j-9' }),
    ], []);
    expect(known).toStrictEqual({ posts: [{ number: 2, at: NOON + 2, answer: 'refused' }, { number: 3, answer: 'unanswered' }, { number: 10, at: NOON }], cards: [], choices: [], job: SEEN });
  });

  it('is read of this start alone, but for since when it is known', () => {
    const all = (start: number): PutEntry[] => [
      began(start, { since: NOON - start }), entryOf(startCard(NAME, start, 'C1', '1.1'), { channel: `C${start}`, ts: '1.1' }), entryOf(startCard(NAME, start, 'C1', '1.2'), 'torn'),
      entryOf(startHeld(NAME, start, 'asked'), { ...held, by: 'asked' }), entryOf(startHeld(NAME, start, 'warned'), { ...held, by: 'warned' }), entryOf(startHeld(NAME, start, 'kept'), { ...held, by: 'kept' }),
      entryOf(startHandedOn(NAME, start, 'x'), { at: NOON, to: `x-${start}` }), entryOf(startPosted(NAME, start, 'x'), { at: NOON, to: 'posted', jobs: [] }), entryOf(startAnswer(NAME, start), { at: NOON, what: 'yes', by: `U${start}` }),
      entryOf(startEnd(NAME, start), { ...END, reason: `r-${start}` }), entryOf(startTold(NAME, start), { at: start, end: END }),
    ];
    expect(read(2, [], [...all(1), ...all(2), ...all(3)])).toStrictEqual({
      posts: [], choices: [], since: NOON - 3, began: NOON + 2, opened: { at: NOON + 2, since: NOON - 2 }, cards: [{ channel: 'C2', ts: '1.1' }],
      asked: { ...held, by: 'asked' }, warned: { ...held, by: 'warned' }, kept: { ...held, by: 'kept' }, handedOn: { at: NOON, to: 'x-2' }, answer: { at: NOON, what: 'yes', by: 'U2' }, end: { ...END, reason: 'r-2' }, told: { at: 2, end: END },
    });
  });

  it('is known since the earliest moment that any start knows, an End included', () => {
    expect(read(9, [], [began(1), entryOf(startEnd(NAME, 1), { ...END, since: NOON - 5 }), began(2, { since: NOON + 5 })]).since).toBe(NOON - 5);
    expect(read(9, [], [entryOf(startAnswer(NAME, 1), { since: NOON - 9 })]).since).toBeUndefined();
  });

  it('knows the job by the first End that names one, and rather by the look', () => {
    const ends = [entryOf(startEnd(NAME, 1), { ...END, job: SEEN }), entryOf(startEnd(NAME, 2), { ...END, job: { ...SEEN, job_id: 'j-2' } })];
    expect(read(3, [], ends).job).toStrictEqual(SEEN);
    expect(read(3, [entryOf(runJob(NAME), { ...SEEN, job_id: 'j-3' })], ends).job).toMatchObject({ job_id: 'j-3' });
  });

  it('that cannot be read is as if it were not there, but for an answer and an End', () => {
    const torn = (key: PutEntry['key']) => read(1, [entryOf(runJob(NAME), 'torn')], [entryOf(key, 'torn')]);
    const nothing = { posts: [], cards: [], choices: [] };
    for (const key of [startBegan(NAME, 1), startHeld(NAME, 1, 'asked'), startHandedOn(NAME, 1, 'x'), startTold(NAME, 1), startChoice(NAME, 1)]) expect(torn(key)).toStrictEqual(nothing);
    for (const [key, what] of [[startAnswer(NAME, 1), 'answer'], [startEnd(NAME, 1), 'End']] as const) {
      expect(() => torn(key)).toThrow(new LedgerFailed('refused', `an ${what} in the ledger cannot be read: something else, or another version, wrote it`));
    }
  });

  it('of a pick names what each start chose, and for which of it a POST was about to leave and was not held back', () => {
    const { choices } = read(3, [], [
      entryOf(startChoice(NAME, 1), { at: NOON, jobs: [SEEN] }), entryOf(startPosted(NAME, 1, 'a'), { at: NOON }), entryOf(startPosted(NAME, 1, 'b'), { at: NOON }), entryOf(startPosted(NAME, 1, 'c'), { at: NOON }), entryOf(startPosted(NAME, 1, 'd'), { at: NOON }),
      entryOf(startEndOf(NAME, 1, 'b'), { ...END, outcome: 'refused' }), entryOf(startEndOf(NAME, 1, 'c'), { ...END, outcome: 'refused', mayTakeEffect: true }), entryOf(startEndOf(NAME, 1, 'd'), END),
      entryOf(startChoice(NAME, 2), { at: NOON + 1, jobs: [] }), entryOf(startPosted(NAME, 2, 'e'), { at: NOON }),
    ]);
    expect(choices).toStrictEqual([{ at: NOON, jobs: [SEEN], start: 1, posted: ['a', 'c', 'd'] }, { at: NOON + 1, jobs: [], start: 2, posted: ['e'] }]);
    expect([wasHeldBack(undefined), wasHeldBack({ outcome: 'failed' })]).toStrictEqual([false, false]);
  });

  it('ends as its End says, else as people were told', () => {
    const told = { at: NOON, end: { ...END, outcome: 'failed', code: 'FAILED' } } as const;
    expect([endKnown({}), endKnown({ told }), endKnown({ told, end: END })]).toStrictEqual([undefined, { outcome: 'failed', code: 'FAILED', reason: 'r' }, { outcome: 'killed', reason: 'r' }]);
  });
});

describe('the first entry of a start', () => {
  const slack: Partial<KillRequest> = {
    trigger: 'slack', requestedBy: 'U1', reason: 'why', policyRule: 'stale', channel: 'C1', thread: { channel: 'C1', ts: '1.1' }, person: 'U1', rule: { name: 'stale', askAgainMs: 1 }, dryRun: true, action: 'ask',
    pickedBy: { name: 'p', start: 2 }, warns: true, warning: { first: { name: 'f', start: 1 }, round: 2, usedMs: 3 },
  };

  it.each<[what: string, fields: Partial<KillRequest>]>([
    ['no more than there is', {}],
    ['all that whoever closes it in its place has to know', slack],
  ])('holds %s, and is a request again', (_, fields) => {
    const request = aRequest({ receivedAt: NOON - 1, ...fields });
    const [open] = openEntries(ID, request, { began: NOON, since: NOON - 1 });
    expect(open).toStrictEqual({ key: startBegan(NAME, 1), until: NOON + 14 * DAY_MS, value: expect.objectContaining({ at: NOON, since: NOON - 1, killId: 'kill-1' }) });
    expect(requestKnown(JSON.parse(JSON.stringify(open?.value)) as Began, undefined)).toStrictEqual(request);
  });

  it('stands as long as its run may live, and 14 days, with how long that is', () => {
    const entries = openEntries(ID, aRequest(), { began: NOON, since: NOON, livesMs: DAY_MS });
    expect(entries.slice(0, 2)).toStrictEqual([expect.objectContaining({ until: NOON + 15 * DAY_MS, value: expect.objectContaining({ livesMs: DAY_MS }) }), { key: livesKey(DAY_MS), value: { livesMs: DAY_MS }, until: NOON + 15 * DAY_MS }]);
    expect(entries.every(({ until }) => until === NOON + 15 * DAY_MS)).toBe(true);
    expect(openEntries(ID, aRequest(), { began: NOON, since: NOON }).some(({ key }) => key.partition === 'lives')).toBe(false);
  });

  it('says of what nobody knows that it was somebody\'s alert', () => {
    const nothing = { killId: '', trigger: 'alerts', requestedBy: '', reason: '', action: 'kill', dryRun: false, receivedAt: 0 };
    expect(requestKnown(undefined, undefined)).toStrictEqual({ ...nothing, target: { job: { by: 'name', name: '?' } } });
    expect(requestKnown(undefined, 'j-1')).toStrictEqual({ ...nothing, target: { job: { by: 'mrs-id', id: 'j-1' } } });
  });
});

describe('taking over', () => {
  it('puts a start on record that nobody knows, once', async () => {
    const { parts, ledger, clock, stored } = await aRun();
    const request = aRequest({ receivedAt: NOON - 5 });
    const known = { since: NOON - 5, posts: [], cards: [], choices: [] };
    expect(await takeOver(parts, request, DAY_MS)).toStrictEqual({ ...known, began: NOON });
    expect(ledger.calls.map(({ on, partitions: [first] }) => `${on} ${first}`)).toStrictEqual([`list start/${NAME}`, `put start/${NAME}`]);
    expect(await stored('lives')).toStrictEqual({ [DAY_MS]: { livesMs: DAY_MS } });
    clock.advanceTo(NOON + 7);
    expect(await takeOver(parts, { ...request, receivedAt: NOON })).toMatchObject({ ...known, began: NOON });
    expect(await recall(parts, clock.now())).toMatchObject({ since: NOON - 5, began: NOON });
    expect(ledger.calls.filter(({ on }) => on === 'put')).toHaveLength(1);
  });

  it('is known since the earlier of what stands and what came', async () => {
    const { parts } = await aRun({ stands: [began(2, { since: NOON - 9 })] });
    expect(await takeOver(parts, aRequest({ receivedAt: NOON - 5 }))).toMatchObject({ since: NOON - 9, began: NOON });
    expect((await recall({ ...parts, id: { name: NAME, start: 2 } }, NOON)).since).toBe(NOON - 9);
  });
});

describe('a list', () => {
  it('is all of a partition, however many pages that are', async () => {
    const stands = Array.from({ length: 401 }, (_, index) => entryOf({ partition: 'p', rest: String(index).padStart(4, '0') }, index));
    const { ledger } = await aRun({ stands });
    expect((await listAll(ledger, 'p', NOON)).map(({ value }) => value)).toStrictEqual(stands.map(({ value }) => value));
    expect(ledger.calls).toHaveLength(3);
  });

  it('is all of a job, and nothing of the next', async () => {
    const of = (job: string, count: number) => Array.from({ length: count }, (_, index) => entryOf({ partition: 'p', rest: `${job} ${String(index).padStart(3, '0')}` }, job));
    const { ledger } = await aRun({ stands: [...of('a', 3), ...of('b', 30), ...of('b1', 3), ...of('c', 60)] });
    const count = async (job: string): Promise<[number, number]> => {
      ledger.calls.length = 0;
      const all = await listOfJob(ledger, 'p', job, { now: NOON });
      expect(all.every(({ value }) => value === job)).toBe(true);
      return [all.length, ledger.calls.length];
    };
    expect([await count('a'), await count('b'), await count('c'), await count('x')]).toStrictEqual([[3, 1], [30, 2], [60, 3], [0, 1]]);
  });
});
