import { describe, expect, it } from '@jest/globals';
import { countWeek, type Happening, isQuiet, type WeeklyDigest } from '../../lib/core/digest.ts';
import { OUTCOMES } from '../../lib/core/end.ts';

/** A week from 1,000 to 2,000; each happens in its middle unless it says when. */
function weekOf(...happenings: (Happening & { at?: number })[]): WeeklyDigest {
  const week = countWeek(1_000, 2_000);
  for (const { at = 1_500, ...happening } of happenings) week.add(happening, at);
  return week.digest();
}

const NOTHING = { from: 1_000, until: 2_000, killed: 0, sent: 0, warned: 0, kept: 0, endedThemselves: 0, wouldKill: 0, refused: [], users: [], queues: [] };

describe('a week in numbers', () => {
  it('counts a job once for each of them', () => {
    const digest = weekOf(
      { what: 'killed', of: 'a', user: 'ana', queue: 'adhoc' }, { what: 'killed', of: 'a', user: 'ana', queue: 'adhoc' },
      { what: 'warned', of: 'a' }, { what: 'warned', of: 'a' }, { what: 'kept', of: 'a' }, { what: 'kept', of: 'a' },
      { what: 'refused', rule: 'protected', of: 'a' }, { what: 'refused', rule: 'protected', of: 'a' }, { what: 'refused', rule: 'perHour', of: 'a' },
      { what: 'would-kill', of: 'a' }, { what: 'would-kill', of: 'a' },
    );
    expect(digest).toEqual({
      ...NOTHING, killed: 1, warned: 1, kept: 1, wouldKill: 1,
      refused: [{ name: 'perHour', jobs: 1 }, { name: 'protected', jobs: 1 }], users: [{ name: 'ana', jobs: 1 }], queues: [{ name: 'adhoc', jobs: 1 }],
    });
  });

  it('begins with its first moment and ends before its last', () => {
    expect(weekOf(...[999, 1_000, 1_999, 2_000].map((at): Happening & { at: number } => ({ what: 'killed', of: `at ${at}`, at }))).killed).toBe(2);
  });

  it('what MRS left out is nobody\'s', () => {
    expect(weekOf({ what: 'killed', of: 'a' }, { what: 'refused', of: 'b' })).toEqual({ ...NOTHING, killed: 1, refused: [{ name: '', jobs: 1 }] });
  });

  it('names the five with most jobs, those of one number by their names', () => {
    const killed = ['e', 'b', 'a', 'c', 'd', 'f', 'g', 'g'].map((user, index): Happening => ({ what: 'killed', of: `job ${index}`, user, queue: '' }));
    const digest = weekOf(...killed);
    expect(digest.users).toEqual([{ name: 'g', jobs: 2 }, ...['a', 'b', 'c', 'd'].map((name) => ({ name, jobs: 1 }))]);
    expect(digest.queues).toEqual([]);
  });

  it('a job that is over ended by itself where it was warned, also in the week before, and not where it was killed', () => {
    const digest = weekOf(
      { what: 'finished-first', of: 'a' },
      { what: 'warned', of: 'b', at: 500 }, { what: 'already-over', of: 'b' },
      { what: 'already-over', of: 'c' },
      { what: 'killed', of: 'd' }, { what: 'warned', of: 'd' }, { what: 'already-over', of: 'd' }, { what: 'finished-first', of: 'd' },
    );
    expect(digest).toMatchObject({ endedThemselves: 2, killed: 1, warned: 1 });
  });

  it('a job that was told to die, and whose end somebody else saw, is not counted as unseen', () => {
    const digest = weekOf({ what: 'accepted', of: 'a' }, { what: 'killed', of: 'a' }, { what: 'still-running', of: 'b' }, { what: 'finished-first', of: 'b' }, { what: 'accepted', of: 'c' }, { what: 'still-running', of: 'c' });
    expect(digest).toMatchObject({ killed: 1, endedThemselves: 1, sent: 1 });
  });

  it('says nothing of a repeat: whoever it met says how that ended', () => {
    expect(isQuiet(weekOf({ what: 'refused', rule: 'repeat', of: 'a' }))).toBe(true);
  });

  it('is quiet where nothing of it happened, whatever else did', () => {
    const told = new Set(['killed', 'accepted', 'still-running', 'finished-first', 'would-kill', 'refused']);
    const quiet = OUTCOMES.filter((what) => isQuiet(weekOf({ what, of: 'a', rule: 'protected' })));
    expect(quiet).toEqual(OUTCOMES.filter((what) => !told.has(what)));
    expect(weekOf()).toEqual(NOTHING);
  });

  it('is not quiet where as much happened of one thing as of another', () => {
    const told = ['killed', 'sent', 'warned', 'kept', 'endedThemselves', 'wouldKill'] as const;
    for (const [place, one] of told.entries()) for (const other of told.slice(place + 1)) expect(isQuiet({ ...NOTHING, [one]: 1, [other]: 1 })).toBe(false);
    for (const one of told) expect(isQuiet({ ...NOTHING, [one]: 1, refused: [{ name: 'protected', jobs: 1 }] })).toBe(false);
  });
});
