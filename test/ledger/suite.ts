import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Claimed, Entry, Key, Ledger, Wish } from '../../lib/ledger/port.ts';

/** A ledger to be tried; `now` is the moment at which its tests begin, epoch ms. */
export type Opened = { ledger: Ledger; now: number; close: () => Promise<void> };

const MIN = 60_000;
const KB = 1_024;

/** What holds for every store, with so `many` callers at once. Each test has a partition of its own, so that a store may be shared and used again. */
export function ledgerSuite(name: string, open: () => Promise<Opened>, many = 100): void {
  describe(`the ledger on ${name}`, () => {
    let opened: Opened;
    let ledger: Ledger;
    let now: number;
    let key: Key;
    let tests = 0;

    beforeAll(async () => {
      opened = await open();
      ({ ledger, now } = opened);
    });
    beforeEach(() => {
      key = { partition: `test/${now}/${process.pid}/${++tests}`, rest: 'x' };
    });
    afterAll(() => opened.close());

    const at = (rest: string): Key => ({ ...key, rest });
    const claim = (wish: Partial<Wish> = {}, when = now): Promise<Claimed> =>
      ledger.claim(key, { owner: 'a', start: 1, until: now + 5 * MIN, ...wish }, { now: when });
    const standing = async (when = now): Promise<Entry | undefined> => (await ledger.get([key], { now: when }))[0];

    describe('a claim', () => {
      it('of many at once is won by exactly one, and all are told by whom', async () => {
        const claims = await Promise.all(Array.from({ length: many }, (_, n) => claim({ owner: `owner-${n}`, value: { n } })));
        const winners = claims.flatMap((claimed, n) => (claimed.mine ? [n] : []));
        expect(winners).toHaveLength(1);
        const [winner] = winners;
        for (const claimed of claims) {
          expect(claimed).toEqual(claimed.mine
            ? { mine: true, start: 1, until: now + 5 * MIN, value: { n: winner } }
            : { mine: false, owner: `owner-${winner}`, until: now + 5 * MIN, value: { n: winner } });
        }
      });

      it('of what is over is won by exactly one of many too, the last owner among them', async () => {
        await claim({ owner: 'owner-7', value: 'old' });
        const claims = await Promise.all(
          Array.from({ length: many }, (_, n) => claim({ owner: `owner-${n}`, until: now + 20 * MIN, value: n }, now + 10 * MIN)),
        );
        expect(claims.filter(({ mine }) => mine)).toHaveLength(1);
        expect(new Set(claims.map(({ value }) => value)).size).toBe(1);
      });

      it('by many starts of one owner at once is theirs for each, with one value, the last until and the last start', async () => {
        const claims = await Promise.all(Array.from({ length: many }, (_, n) => claim({ start: n, until: now + n, value: n })));
        expect(claims.every(({ mine }) => mine)).toBe(true);
        expect(new Set(claims.map(({ value }) => value)).size).toBe(1);
        expect(await standing()).toMatchObject({ owner: 'a', start: many - 1, until: now + many - 1, value: claims[0]?.value });
      });

      it('gives back the value as it was given', async () => {
        const value = { text: 'ü "\\ \n', list: [1, -0.5, null, true], nested: { '': {} } };
        expect(await claim({ value })).toEqual({ mine: true, start: 1, until: now + 5 * MIN, value });
        expect((await claim()).value).toEqual(value);
      });

      it('again by its owner keeps the first value', async () => {
        await claim({ value: 'first' });
        expect(await claim({ value: 'second' })).toEqual({ mine: true, start: 1, until: now + 5 * MIN, value: 'first' });
      });

      it('again with a later until and a later start takes both', async () => {
        await claim({ value: 'v' });
        expect(await claim({ start: 3, until: now + 9 * MIN })).toEqual({ mine: true, start: 3, until: now + 9 * MIN, value: 'v' });
      });

      it('again with a later start and a shorter until takes the start alone, and the other way round', async () => {
        await claim({ start: 2 });
        expect(await claim({ start: 4, until: now + 1 })).toMatchObject({ start: 4, until: now + 5 * MIN });
        expect(await claim({ start: 1, until: now + 7 * MIN })).toMatchObject({ start: 4, until: now + 7 * MIN });
      });

      it('again with a shorter until still brings the value where there was none', async () => {
        await claim({ until: now + 5 * MIN });
        expect(await claim({ until: now + 1 * MIN, value: ['job-1'] })).toEqual({ mine: true, start: 1, until: now + 5 * MIN, value: ['job-1'] });
        expect(await standing()).toMatchObject({ until: now + 5 * MIN, value: ['job-1'] });
      });

      it('of null is a value, and stands', async () => {
        await claim({ value: null });
        expect(await claim({ value: 'late' })).toMatchObject({ value: null });
      });

      it('stands in its last millisecond and is over in the next one', async () => {
        await claim({ until: now + 1_000 });
        expect(await claim({ owner: 'b' }, now + 1_000)).toEqual({ mine: false, owner: 'a', until: now + 1_000, value: undefined });
        expect(await standing(now + 1_000)).toBeDefined();
        expect(await standing(now + 1_001)).toBeUndefined();
        expect(await claim({ owner: 'b', start: 2, value: 'b' }, now + 1_001)).toEqual({ mine: true, start: 2, until: now + 5 * MIN, value: 'b' });
      });

      it('of its own owner after it was over begins anew', async () => {
        await claim({ start: 5, until: now + 1_000, value: 'old' });
        expect(await claim({ start: 2, until: now + 2_000, value: 'new' }, now + 1_001)).toEqual({ mine: true, start: 2, until: now + 2_000, value: 'new' });
        expect(await standing(now + 1_001)).toMatchObject({ start: 2, until: now + 2_000, value: 'new' });
      });

      it('without a value of what was over with one has none', async () => {
        await claim({ until: now + 1_000, value: 'old' });
        expect(await claim({ owner: 'b' }, now + 1_001)).toMatchObject({ mine: true, value: undefined });
        expect(await standing(now + 1_001)).toEqual({ key, owner: 'b', start: 1, until: now + 5 * MIN, value: undefined });
      });

      it('that comes late takes nothing from another', async () => {
        await claim({ owner: 'b', value: 'b' });
        expect(await claim({ value: 'late' }, now - 10 * MIN)).toMatchObject({ mine: false, owner: 'b', value: 'b' });
        expect(await standing()).toMatchObject({ owner: 'b', value: 'b' });
      });

      it("of a key that was put is nobody's", async () => {
        await ledger.put([{ key, value: 'put', until: now + 5 * MIN }]);
        expect(await claim()).toEqual({ mine: false, owner: '', until: now + 5 * MIN, value: 'put' });
      });
    });

    describe('a release', () => {
      it('gives the claim to the next, value and all', async () => {
        await claim({ value: 'a' });
        await ledger.release(key, 'a', 1);
        expect(await standing()).toBeUndefined();
        expect(await claim({ owner: 'b' })).toEqual({ mine: true, start: 1, until: now + 5 * MIN, value: undefined });
      });

      it('by a later start gives it back', async () => {
        await claim({ start: 2 });
        await ledger.release(key, 'a', 3);
        expect(await standing()).toBeUndefined();
      });

      it('by an earlier start has no effect', async () => {
        await claim({ start: 1, value: 'v' });
        await claim({ start: 2 });
        await ledger.release(key, 'a', 1);
        expect(await standing()).toMatchObject({ owner: 'a', start: 2, value: 'v' });
      });

      it("of another's claim, of an entry, and of nothing has no effect and is no error", async () => {
        await ledger.release(key, 'a', 1);
        await claim({ owner: 'b' });
        await ledger.release(key, 'a', 9);
        expect(await standing()).toMatchObject({ owner: 'b' });
        await ledger.put([{ key: at('put'), value: 1, until: now }]);
        await ledger.release(at('put'), '', 9);
        expect((await ledger.get([at('put')], { now }))[0]?.value).toBe(1);
      });
    });

    describe('a place', () => {
      const take = (owner: string, when = now, most = 3) => ledger.take(key, owner, { most, windowMs: 60 * MIN }, { now: when });

      it('is given exactly as often as there are places to many at once', async () => {
        const most = Math.ceil(many / 3);
        const places = await Promise.all(Array.from({ length: many }, (_, n) => take(`owner-${n}`, now, most)));
        expect(places.filter(({ taken }) => taken)).toHaveLength(most);
        expect(places.filter(({ taken }) => !taken)).toEqual(Array.from({ length: many - most }, () => ({ taken: false, nextAt: now + 60 * MIN })));
      });

      it('is one for an owner who asks many times at once', async () => {
        await Promise.all(Array.from({ length: many }, () => take('a', now, 2)));
        expect(await take('b', now, 2)).toEqual({ taken: true });
        expect(await take('c', now, 2)).toMatchObject({ taken: false });
      });

      it('is free again when the window has passed, to the millisecond', async () => {
        for (const [n, owner] of ['a', 'b', 'c'].entries()) await take(owner, now + n * MIN);
        expect(await take('d', now + 5 * MIN)).toEqual({ taken: false, nextAt: now + 60 * MIN });
        expect(await take('d', now + 60 * MIN - 1)).toEqual({ taken: false, nextAt: now + 60 * MIN });
        expect(await take('d', now + 60 * MIN)).toEqual({ taken: true });
        expect(await take('e', now + 60 * MIN)).toEqual({ taken: false, nextAt: now + 61 * MIN });
      });

      it('taken again moves to now, where all are taken too', async () => {
        for (const [n, owner] of ['a', 'b', 'c'].entries()) await take(owner, now + n * MIN);
        expect(await take('a', now + 30 * MIN)).toEqual({ taken: true });
        expect(await take('d', now + 31 * MIN)).toEqual({ taken: false, nextAt: now + 61 * MIN });
      });

      it('taken again by a call that comes late does not move back', async () => {
        await take('a', now + 30 * MIN, 1);
        await take('a', now, 1);
        expect(await take('b', now + 60 * MIN, 1)).toEqual({ taken: false, nextAt: now + 90 * MIN });
      });

      it('is the next one only when enough have gone, where there are fewer places than before', async () => {
        for (const [n, owner] of ['a', 'b', 'c'].entries()) await take(owner, now + n * MIN);
        expect(await take('d', now + 5 * MIN, 1)).toEqual({ taken: false, nextAt: now + 62 * MIN });
      });
    });

    describe('put, get and list', () => {
      it('25 entries are written by one put, each for itself, and read in the order that was asked for', async () => {
        const entries = Array.from({ length: 25 }, (_, n) => ({ key: at(`${n}`), value: { n }, until: now + n }));
        await ledger.put(entries);
        const keys = [...entries.map((entry) => entry.key).toReversed(), at('missing'), at('3')];
        const got = await ledger.get(keys, { now: now + 1 });
        expect(got).toEqual([...entries.toReversed().map((entry) => (entry.until > now ? entry : undefined)), undefined, entries[3]]);
      });

      it('26 entries are too many, and no entry is none', async () => {
        await expect(ledger.put(Array.from({ length: 26 }, (_, n) => ({ key: at(`${n}`), value: 1, until: now })))).rejects.toThrow(RangeError);
        await ledger.put([]);
        expect(await ledger.get([], { now })).toEqual([]);
        expect(await ledger.get([at('0')], { now })).toEqual([undefined]);
      });

      it('an entry that is put again is the new one, of two in one put the last', async () => {
        await claim({ value: 'claimed' });
        await ledger.put([{ key, value: 1, until: now }, { key, value: 2, until: now + 1 }]);
        expect(await standing()).toEqual({ key, value: 2, until: now + 1 });
      });

      it('150 entries are read at once', async () => {
        const entries = Array.from({ length: 150 }, (_, n) => ({ key: at(`${n}`), value: n, until: now }));
        for (let n = 0; n < 150; n += 25) await ledger.put(entries.slice(n, n + 25));
        expect(await ledger.get(entries.map((entry) => entry.key), { now })).toEqual(entries);
      });

      describe('a list', () => {
        const fill = (rests: string[]): Promise<void> => ledger.put(rests.map((rest) => ({ key: at(rest), value: rest, until: now })));
        const list = async (options: { most?: number; since?: string; after?: string; newestFirst?: boolean; when?: number } = {}) => {
          const { when = now, most = 100, ...more } = options;
          const { entries, after } = await ledger.list(key.partition, { now: when, most, ...more });
          return { rests: entries.map((entry) => entry.key.rest), after };
        };

        it('is of one partition, in the order of rest, or newest first', async () => {
          await fill(['b', 'c', 'a']);
          await ledger.put([{ key: { partition: `${key.partition}/more`, rest: 'd' }, value: 1, until: now }]);
          expect(await list()).toEqual({ rests: ['a', 'b', 'c'], after: undefined });
          expect(await list({ newestFirst: true })).toEqual({ rests: ['c', 'b', 'a'], after: undefined });
          expect((await ledger.list(`${key.partition}/none`, { now, most: 1 })).entries).toEqual([]);
        });

        it('is read page by page, and says that more follow only where they do', async () => {
          await fill(['a', 'b', 'c', 'd']);
          expect(await list({ most: 2 })).toEqual({ rests: ['a', 'b'], after: 'b' });
          expect(await list({ most: 2, after: 'b' })).toEqual({ rests: ['c', 'd'], after: undefined });
          expect(await list({ most: 3, newestFirst: true })).toEqual({ rests: ['d', 'c', 'b'], after: 'b' });
          expect(await list({ most: 3, newestFirst: true, after: 'b' })).toEqual({ rests: ['a'], after: undefined });
          expect(await list({ most: 4 })).toEqual({ rests: ['a', 'b', 'c', 'd'], after: undefined });
        });

        it('goes on behind an entry that is gone', async () => {
          await fill(['a', 'c']);
          expect(await list({ after: 'b' })).toEqual({ rests: ['c'], after: undefined });
          expect(await list({ after: 'b', newestFirst: true })).toEqual({ rests: ['a'], after: undefined });
        });

        it('begins at since, in either order, page after page', async () => {
          await fill(['a', 'b', 'c', 'd']);
          expect(await list({ since: 'b' })).toEqual({ rests: ['b', 'c', 'd'], after: undefined });
          expect(await list({ since: 'b', newestFirst: true, most: 2 })).toEqual({ rests: ['d', 'c'], after: 'c' });
          expect(await list({ since: 'b', newestFirst: true, most: 2, after: 'c' })).toEqual({ rests: ['b'], after: undefined });
          expect(await list({ since: 'b', newestFirst: true, after: 'a' })).toEqual({ rests: [], after: undefined });
          expect(await list({ since: 'b', after: 'a' })).toEqual({ rests: ['b', 'c', 'd'], after: undefined });
          expect(await list({ since: 'b', after: 'b' })).toEqual({ rests: ['c', 'd'], after: undefined });
          expect(await list({ since: 'e' })).toEqual({ rests: [], after: undefined });
        });

        it('leaves out what is over, and still fills its pages', async () => {
          await ledger.put(['a', 'b', 'c', 'd', 'e'].map((rest, n) => ({ key: at(rest), value: n, until: now + (n % 2) })));
          expect(await list({ when: now + 1, most: 1 })).toEqual({ rests: ['b'], after: 'b' });
          expect(await list({ when: now + 1, most: 2 })).toEqual({ rests: ['b', 'd'], after: undefined });
          expect(await list({ when: now + 1, most: 1, newestFirst: true })).toEqual({ rests: ['d'], after: 'd' });
          expect(await list({ when: now + 1, most: 1, newestFirst: true, after: 'd' })).toEqual({ rests: ['b'], after: undefined });
        });

        it('goes on over pages of a megabyte', async () => {
          for (let n = 0; n < 8; n++) await ledger.put([{ key: at(`${n}`), value: 'x'.repeat(300 * KB), until: now }]);
          expect((await list()).rests).toEqual(['0', '1', '2', '3', '4', '5', '6', '7']);
          expect(await list({ most: 7, newestFirst: true })).toEqual({ rests: ['7', '6', '5', '4', '3', '2', '1'], after: '1' });
        });

        it('has at least one entry', async () => {
          await expect(list({ most: 0 })).rejects.toThrow(RangeError);
        });
      });
    });

    describe('hostile keys and values', () => {
      it.each([
        ['quotes and operators', `'"; DROP TABLE ledger; -- :pk #pk %_*|/\\`],
        ['line breaks and controls', '\u0001\t\r\n\u007f\u0085\u2028'],
        ['all of Unicode', 'é e\u0301 ß İ 数据 \u{10ffff}\u{1f600}\ufeff\uffff'],
        ['names of prototypes', '__proto__'],
        ['a space', ' '],
        ['as many bytes as a key may have', `${'ü'.repeat(511)}xx`],
      ])('keeps %s as they are, as partition, rest, owner and value', async (_, text) => {
        const hostile = { partition: `${key.partition}/${text}`, rest: text };
        const value = { [text]: text, lone: '\ud800' };
        expect(await ledger.claim(hostile, { owner: text, start: 1, until: now, value }, { now })).toMatchObject({ mine: true, value });
        const [got] = await ledger.get([hostile], { now });
        expect(got).toEqual({ key: hostile, owner: text, start: 1, until: now, value });
        expect((await ledger.list(hostile.partition, { now, most: 5, since: text, newestFirst: true })).entries).toEqual([got]);
        expect(await ledger.take({ ...hostile, rest: `${text.slice(0, 300)}|places` }, text, { most: 1, windowMs: 1 }, { now })).toEqual({ taken: true });
        await ledger.release(hostile, text, 1);
        expect(await ledger.get([hostile], { now })).toEqual([undefined]);
      });

      it('are in the order of their UTF-8 bytes', async () => {
        const inOrder = ['A', 'a', 'a ', 'a!', 'aa', 'z', 'é', '\ufffd', '\u{10000}'];
        await ledger.put(inOrder.toReversed().map((rest) => ({ key: at(rest), value: 1, until: now })));
        const { entries } = await ledger.list(key.partition, { now, most: 20 });
        expect(entries.map((entry) => entry.key.rest)).toEqual(inOrder);
      });

      it.each([
        ['an empty partition', { partition: '', rest: 'x' }, /^the partition of a key of the ledger is empty$/],
        ['an empty rest', { partition: 'x', rest: '' }, /^the rest of a key of the ledger is empty$/],
        ['half a character', { partition: 'x', rest: '\ud83d' }, /holds half a character/],
        ['U+0000', { partition: 'a\0b', rest: 'x' }, /holds half a character or U\+0000$/],
        ['a partition of more than 2,048 bytes', { partition: 'x'.repeat(2_049), rest: 'x' }, /has more than 2048 bytes$/],
        ['a rest of more than 1,024 bytes', { partition: 'x', rest: 'ü'.repeat(513) }, /has more than 1024 bytes$/],
      ])('%s is refused by every call, for people to mend', async (_, bad, message) => {
        const refused = { code: 'ledger_failed', retryable: false, message: expect.stringMatching(message) as unknown };
        await expect(ledger.claim(bad, { owner: 'a', start: 1, until: now }, { now })).rejects.toMatchObject(refused);
        await expect(ledger.release(bad, 'a', 1)).rejects.toMatchObject(refused);
        await expect(ledger.take(bad, 'a', { most: 1, windowMs: 1 }, { now })).rejects.toMatchObject(refused);
        await expect(ledger.put([{ key: bad, value: 1, until: now }])).rejects.toMatchObject(refused);
        await expect(ledger.get([bad], { now })).rejects.toMatchObject(refused);
      });

      it.each<[string, unknown]>([['an empty text', ''], ['an empty object', {}], ['an empty list', []], ['zero', 0], ['false', false], ['nothing', undefined]])(
        '%s is a value', async (_, value) => {
          await ledger.put([{ key, value, until: now }]);
          expect(await standing()).toEqual({ key, value, until: now });
        });

      it('a value of 399 KB is kept, by a claim as by a put, and many of them at once', async () => {
        const value = 'ü'.repeat(399 * KB / 2 - 1);
        expect(await claim({ value })).toMatchObject({ mine: true, value });
        await ledger.put(Array.from({ length: many / 4 }, (_, n) => ({ key: at(`${n}`), value, until: now })));
        const got = await ledger.get(Array.from({ length: many / 4 }, (_, n) => at(`${n}`)), { now });
        expect(got.map((entry) => entry?.value === value)).toEqual(Array.from({ length: many / 4 }, () => true));
      });

      it('a value of more than 400 KB is refused in clear words, and nothing is written', async () => {
        const tooLarge = { code: 'ledger_failed', trouble: 'too-large', retryable: false, message: expect.stringMatching(/^an entry of the ledger has 4\d{5} bytes, and 409600 at most$/) as unknown };
        const value = 'x'.repeat(400 * KB);
        await expect(claim({ value })).rejects.toMatchObject(tooLarge);
        await expect(ledger.put([{ key: at('small'), value: 1, until: now }, { key, value, until: now }])).rejects.toMatchObject(tooLarge);
        expect(await ledger.get([key, at('small')], { now })).toEqual([undefined, undefined]);
      });

      it.each([0.5, NaN, Infinity, 2 ** 60])('%d is no moment', async (until) => {
        await expect(claim({ until })).rejects.toThrow(RangeError);
        await expect(ledger.put([{ key, value: 1, until }])).rejects.toThrow(RangeError);
      });
    });
  });
}
