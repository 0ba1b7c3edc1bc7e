import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { closeRequest, noLedgerEnd } from '../../lib/kill/close.ts';
import { jobSeen } from '../../lib/kill/history-entries.ts';
import { type EndEntry, startAnswer, startCard, startEnd, startEndOf, startHeld, toldKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID, type PlayedRun } from './a-run.ts';
import { alert, CARD, close, ending, entryAs, FAILED, failingUntil, JOB, KILLED, LATER } from './close-one.ts';
import { ANALYTICS } from './mrs-of-simulator.ts';

const DECLINED = { outcome: 'declined', answeredBy: 'U1', reason: 'the kill was declined; nothing was killed' };
const STORED = expect.objectContaining({ outcome: 'killed', reason: KILLED.reason, policyRule: 'stale' });

describe('a request that ends', () => {
  it('is claimed, on record, said and remembered as said, in this order', async () => {
    const { end, run } = await close(KILLED, { given: { cards: [CARD, LATER], seen: jobSeen([ANALYTICS], JOB) } });
    expect(end).toBe(KILLED);
    expect(run.trail).toEqual(['end', 'audit', 'report', 'report-2', 'history']);
    const view = { stage: 'end', end: KILLED, tookMs: 5_000, seen: { cluster: 'analytics', job_id: JOB.job_id, job_name: 'nightly-etl' } };
    expect(run.shown).toEqual([{ view, card: CARD }, { view: { ...view, isCopy: true }, card: LATER }]);
    expect(run.lines).toMatchObject([{ level: 'audit', message: 'kill request ended', run: ID.name, outcome: 'killed', policy_rule: 'stale', policy_hash: 'hash', end_reason: KILLED.reason }]);
    expect(await run.stored(`start/${ID.name}`)).toEqual({ '000001/end': STORED, '000001/told': { at: NOON, end: STORED } });
    expect(Object.keys(await run.stored('day/2026-03-01'))).toEqual(['2026-03-01T12:00:00.000Z-alerts-live-1-1']);
  });

  it('is said without what nobody knows', async () => {
    const { run } = await close(FAILED, { given: { leftovers: [entryOf({ partition: 'left', rest: 'x' }, 1)] } });
    expect(run.shown).toEqual([{ view: { stage: 'end', end: FAILED, tookMs: 5_000 }, card: undefined }]);
    expect(await run.stored('left')).toEqual({ x: 1 });
  });

  it('of a question that was lost is said on its card, which the run did not know', async () => {
    const stands = [entryOf(startCard(ID.name, 1, CARD.channel, CARD.ts), CARD)];
    const lost = { outcome: 'failed', code: 'question_lost', reason: 'the question was lost' } as const;
    const { said, run } = await close(lost, { stands });
    expect([said, run.trail.slice(0, 3)]).toEqual([[['failed', CARD]], ['end', 'cards-again', 'audit']]);
    expect((await close(FAILED, { stands })).run.trail).not.toContain('cards-again');
  });

  it('that was told is not told again, nor on record twice', async () => {
    const { run, said } = await close(KILLED, { given: { cards: [CARD], end: entryAs(), told: { at: NOON, end: entryAs() } } });
    expect([said, run.lines, run.trail]).toEqual([[], [], ['history']]);
  });

  it('that somebody gets as the answer is said nowhere, and its history is put beside the claim', async () => {
    const { run, end } = await close(FAILED, { isSilent: true, stands: [entryOf(startAnswer(ID.name, 1), { at: NOON, what: 'no', by: 'U1' })] });
    expect([end, run.trail, run.shown]).toEqual([FAILED, ['history', 'end', 'audit'], []]);
    expect(Object.keys(await run.stored(`start/${ID.name}`))).toEqual(['000001/answer', '000001/end']);
  });

  it('is kept for the one who asks where the audit line cannot be written, which is said', async () => {
    const run = await aRun();
    const { log } = run.parts;
    run.parts.log = { ...log, audit: () => { throw new Error('EPIPE'); } };
    await closeRequest(run.parts, alert, ending(), KILLED);
    expect(run.lines).toMatchObject([{ level: 'error', message: 'the audit line could not be written', error: { message: 'EPIPE' } }]);
    expect(run.shown).toHaveLength(1);
  });

  it.each([[true, ['Ended', 'RequestedToKilled', 'KilledAfterWarning']], [false, ['Ended', 'RequestedToKilled']]])('is counted, and where it was warned of (%s) as that too', async (isWarned, names) => {
    const run = await aRun();
    const counted: string[] = [];
    run.parts.log = { ...run.parts.log, metric: (metrics) => void counted.push(...Object.keys(metrics)) };
    await closeRequest(run.parts, isWarned ? { ...alert, warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } } : alert, ending(), KILLED);
    expect(counted).toEqual(names);
  });

  it('has in its line who answered, and what its caller adds', async () => {
    const run = await aRun();
    await closeRequest({ ...run.parts, alsoAudit: ({ outcome }) => ({ extra: outcome }) }, alert, ending(), { ...KILLED, answeredBy: 'U1', candidates: [JOB, JOB] });
    expect(run.lines).toMatchObject([{ answered_by: 'U1', candidates: 2, extra: 'killed' }]);
    expect((await close(KILLED)).run.lines[0]).not.toHaveProperty('answered_by');
  });
});

describe('the End that stands', () => {
  it('is the first one: another that comes later is said as it', async () => {
    const first = entryAs({ outcome: 'declined', answeredBy: 'U1', reason: 'no' });
    for (const given of [{}, { end: first }]) {
      const { end, said } = await close(KILLED, { given, stands: [entryOf(startEnd(ID.name, 1), first)] });
      expect([end, said]).toEqual([{ outcome: 'declined', answeredBy: 'U1', reason: 'no' }, [['declined', undefined]]]);
    }
  });

  it.each<[what: string, more: Partial<EndEntry>]>([['outcome', { outcome: 'failed' }], ['rule', { rule: 'ask' }], ['code', { code: 'x' }], ['reason', { reason: 'x' }]])('is ours, with all that we know, only where it says the same: another %s', async (_, more) => {
    const own: EndEntry = entryAs({ outcome: 'killed', reason: KILLED.reason });
    expect((await close(KILLED, { given: { end: own } })).end).toBe(KILLED);
    expect((await close(KILLED, { given: { end: { ...own, ...more } } })).end).toMatchObject({ outcome: 'killed', reason: KILLED.reason, ...more });
  });

  it('of what failed is a no, where one is on record; of what did not it is not', async () => {
    const no = entryOf(startAnswer(ID.name, 1), { at: NOON, what: 'no', by: 'U1' });
    expect((await close(FAILED, { stands: [no] })).end).toEqual(DECLINED);
    expect((await close(KILLED, { stands: [no] })).end).toBe(KILLED);
    expect((await close(FAILED, { stands: [{ ...no, value: { at: NOON, what: 'yes', by: 'U1' } }] })).end).toBe(FAILED);
  });

  describe('of what failed while somebody is asked', () => {
    const asked = entryOf(startHeld(ID.name, 1, 'asked'), { at: NOON, until: NOON + 900_000, who: 'approver' });
    const answerOf = async (run: PlayedRun): Promise<unknown> => (await run.ledger.get([startAnswer(ID.name, 1)], { now: NOON }))[0]?.value;

    it('takes no answer any more, so that none comes that would count for nothing', async () => {
      const { run, end } = await close(FAILED, { stands: [asked] });
      expect([end, await answerOf(run)]).toEqual([FAILED, { at: NOON, what: 'time' }]);
    });

    it.each<[string, End, PutEntry[], boolean, unknown]>([
      ['where nobody is', FAILED, [], false, undefined], ['where it did not fail', KILLED, [asked], false, undefined], ['where nobody could be', FAILED, [asked], true, undefined],
      ['where somebody has answered', FAILED, [asked, entryOf(startAnswer(ID.name, 1), { at: NOON, what: 'yes', by: 'U1' })], false, { at: NOON, what: 'yes', by: 'U1' }],
    ])('leaves the answer alone %s', async (_what, end, stands, isSilent, answer) => {
      const { run, end: stood } = await close(end, { stands, isSilent });
      expect([stood, await answerOf(run)]).toEqual([end, answer]);
    });

    it('is the no that comes just then', async () => {
      let isFirst = true;
      const comesBetween = (run: PlayedRun): PlayedRun['ledger']['script'] => ({ on }) => {
        if (on !== 'claim' || !isFirst) return undefined;
        isFirst = false;
        run.ledger.pause = () => {
          run.ledger.pause = () => undefined;
          return run.ledger.put([entryOf(startAnswer(ID.name, 1), { at: NOON, what: 'no', by: 'U1' })]);
        };
        return undefined;
      };
      expect((await close(FAILED, { stands: [asked], script: comesBetween })).end).toEqual(DECLINED);
    });
  });

  it('is left for the warning, and for the pick, that the request came from', async () => {
    const warned = await close(KILLED, { request: aRequest({ warning: { first: { name: 'first', start: 2 }, round: 1, usedMs: 0 } }) });
    expect(await warned.run.ledger.get([startEndOf('first', 2, ID.name)], { now: NOON })).toMatchObject([{ value: { outcome: 'killed' } }]);
    const picked = { ...alert, pickedBy: { name: 'pick', start: 3 } };
    const child = await close(KILLED, { request: picked });
    expect(await child.run.ledger.get([startEndOf('pick', 3, JOB.job_id)], { now: NOON })).toMatchObject([{ value: { outcome: 'killed' } }]);
    expect(Object.keys(await (await close(KILLED, { request: { ...picked, target: { job: { by: 'name', name: 'etl' } } } })).run.stored('start/pick'))).toEqual([]);
  });
});

describe('an End that nothing was tried for', () => {
  const PAUSED: End = { outcome: 'refused', rule: 'paused', reason: 'paused: x' };
  const key = toldKey('paused stale', '492324'); // the hours since 1970
  it('is said once an hour for each rule of the policy', async () => {
    const first = await close(PAUSED);
    expect([first.said, first.run.trail]).toEqual([[['refused', undefined]], ['end', 'audit', 'said', 'report', 'history']]);
    expect(await first.run.ledger.get([key], { now: NOON })).toMatchObject([{ owner: ID.name, until: NOON + HOUR_MS }]);
    for (const [stands, said] of [[key, 0], [toldKey('paused other', '492324'), 1], [toldKey('paused stale', '492323'), 1]] as const) {
      expect((await close(PAUSED, { stands: [entryOf(stands, null)] })).said).toHaveLength(said);
    }
    expect((await close(PAUSED, { stands: [entryOf(key, null)], given: { cards: [CARD] } })).said).toEqual([['refused', CARD]]);
  });

  it.each<[what: string, request: Partial<typeof alert>, end: End, isAsked: boolean]>([
    ['to a person in Slack each time', { trigger: 'slack' }, PAUSED, false],
    ['where a person is behind it each time', { person: 'U1' }, PAUSED, false],
    ['each time where something was tried', {}, FAILED, false],
    ['each time where a named job is over', {}, { outcome: 'already-over', reason: '' }, false],
    ['once an hour where a job that a pick chose is over', { pickedBy: { name: 'p', start: 1 } }, { outcome: 'already-over', reason: '' }, true],
    ['once an hour where there was no job', {}, { outcome: 'not-found', reason: '' }, true],
  ])('is said %s', async (_, request, end, isAsked) => {
    const { run, said } = await close(end, { request: { ...alert, ...request } });
    expect([said.length, run.trail.includes('said')]).toEqual([1, isAsked]);
  });

  it('is said rather twice than never, and never where it met another\'s', async () => {
    expect((await close(PAUSED, { script: failingUntil(Infinity, (_, partition) => partition.startsWith('told/')) as never })).said).toHaveLength(1);
    expect((await close({ outcome: 'refused', rule: 'repeat', reason: 'repeat: x' }, { request: { ...alert, trigger: 'slack' } })).said).toEqual([]);
  });
});

it('the end of a run without a ledger says why, whatever it was', () => {
  const said = (why: string) => ({ outcome: 'failed', code: 'ledger', reason: `the ledger could not be used: ${why}; nothing is killed without a record there; look at /health` });
  expect([noLedgerEnd(new LedgerFailed('refused', 'no table')), noLedgerEnd(new Error('a bug'))]).toEqual([said('no table'), said('a bug')]);
});
