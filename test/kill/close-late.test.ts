import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { type EndEntry, startCard, startEnd } from '../../lib/ledger/keys.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { entryOf, ID } from './a-run.ts';
import { CARD, close, entryAs, FAILED, failingUntil, KILLED, LATER } from './close-one.ts';

describe('an End that the ledger does not take', () => {
  const notTaken = (on: string, partition: string): boolean => on === 'claim' && partition === `start/${ID.name}`;
  it('for a while is said all the same, then claimed, and with its history on record', async () => {
    let claims = 0;
    const { end, run, said } = await close(KILLED, { script: () => ({ on, partitions: [first = ''] }) => (notTaken(on, first) && ++claims <= 3 ? 'fails' : undefined) });
    expect([end, said]).toEqual([KILLED, [['killed', undefined]]]);
    expect(run.trail).toEqual(['end', 'audit', 'report', 'told', 'end-late', 'cards-late', 'history']);
    expect(Object.keys(await run.stored(`start/${ID.name}`))).toEqual(['000001/end', '000001/told']);
    expect(Object.keys(await run.stored('day/2026-03-01'))).toHaveLength(1);
  });

  it('is said for ever where it never does', async () => {
    const { end, run, said } = await close(KILLED, { script: failingUntil(Infinity) as never });
    expect([end, said, run.lines.map(({ message }) => message)]).toEqual([KILLED, [['killed', undefined]], ['kill request ended']]);
    expect(run.trail).toEqual(['end', 'audit', 'report', 'told', 'end-late', 'history', 'end-last']);
    const silent = await close(KILLED, { isSilent: true, script: failingUntil(Infinity) as never });
    expect(silent.run.trail).not.toContain('end-last');
  });

  it('before its history is claimed after that: what has no End is never tried anew', async () => {
    let isKept = false;
    const { end, run, said } = await close(KILLED, { script: () => ({ on, partitions: [first = ''] }) => {
      isKept ||= on === 'put' && first.startsWith('day/');
      return notTaken(on, first) && !isKept ? 'fails' : undefined;
    } });
    expect([end, said, run.trail]).toEqual([KILLED, [['killed', undefined]], ['end', 'audit', 'report', 'told', 'end-late', 'history', 'end-last', 'cards-late']]);
    expect(Object.keys(await run.stored(`start/${ID.name}`))).toEqual(['000001/end', '000001/told']);
  });

  it.each<[what: string, said: End, first: Partial<EndEntry>, isOther: boolean]>([
    ['another outcome', KILLED, { outcome: 'finished-first' }, true],
    ['another code', FAILED, { outcome: 'failed', code: 'TIMED_OUT' }, true],
    ['other words alone', FAILED, { outcome: 'failed', code: 'FAILED' }, false],
  ])('since another one came first, says that where it has %s', async (_, end, first, isOther) => {
    let claims = 0;
    const played = await close(end, { stands: [entryOf(startEnd(ID.name, 1), entryAs(first))], script: () => ({ on, partitions: [key = ''] }) => (notTaken(on, key) && ++claims <= 3 ? 'fails' : undefined) });
    expect(played.said.map(([outcome]) => outcome)).toEqual(isOther ? [end.outcome, first.outcome] : [end.outcome]);
    expect(played.end).toEqual({ reason: 'it stood', ...first });
  });

  it('and whose messages cannot be read either is said all the same', async () => {
    const warned = aRequest({ trigger: 'cleanup', warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } });
    const { said } = await close(KILLED, { request: warned, script: failingUntil(Infinity, (on) => on === 'list') as never });
    expect(said).toEqual([['killed', undefined]]);
    let claims = 0;
    const late = await close(KILLED, { request: warned, given: { cards: [CARD] }, script: () => ({ on, partitions: [first = ''] }) => (on === 'list' || (notTaken(on, first) && ++claims <= 3) ? 'fails' : undefined) });
    expect([late.said, late.run.trail.slice(-3)]).toEqual([[['killed', CARD]], ['cards-late', 'warning-cards-late', 'history']]);
  });

  it('at first has its messages read once it is claimed, and where nobody is told none', async () => {
    const warned = aRequest({ trigger: 'cleanup', warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } });
    for (const isSilent of [false, true]) {
      let claims = 0;
      const late = await close(KILLED, { isSilent, request: warned, script: () => ({ on, partitions: [first = ''] }) => (notTaken(on, first) && ++claims <= 3 ? 'fails' : undefined) });
      expect(late.run.trail).toEqual(isSilent ? ['history', 'end', 'audit', 'end-late'] : ['end', 'audit', 'report', 'told', 'end-late', 'cards-late', 'warning-cards-late', 'history']);
    }
    expect((await close(KILLED, { isSilent: true, request: warned })).run.trail).toEqual(['history', 'end', 'audit']);
  });

  it('since another one came first is followed by that, on every card that the ledger knows', async () => {
    let claims = 0;
    const stands = [entryOf(startCard(ID.name, 1, LATER.channel, LATER.ts), LATER), entryOf(startCard(ID.name, 1, CARD.channel, CARD.ts), CARD), entryOf(startEnd(ID.name, 1), entryAs({ outcome: 'failed', code: 'TIMED_OUT' }))];
    const { end, said, run } = await close(KILLED, { stands, given: { cards: [CARD] }, script: () => ({ on, partitions: [first = ''] }) => (notTaken(on, first) && ++claims <= 3 ? 'fails' : undefined) });
    expect(end).toMatchObject({ outcome: 'failed', code: 'TIMED_OUT' });
    expect(said).toEqual([['killed', CARD], ['failed', CARD], ['failed', LATER]]);
    expect(run.shown.at(-1)?.view).toMatchObject({ tookMs: run.clock.now() - NOON + 5_000, isCopy: true });
    expect(run.trail.slice(-2)).toEqual(['report-50', 'history']);
  });
});
