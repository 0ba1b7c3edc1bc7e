import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Trouble, TroubleKind } from '../../lib/core/errors.ts';
import { type KillEnd, killJob, MOST_POSTS, type Posted, type Seen } from '../../lib/kill/post.ts';
import { aJob } from '../core/a-job.ts';
import { play } from './play.ts';

const ACCEPTED: Posted = { kind: 'accepted' };
const PAUSED: Posted = { kind: 'braked', brake: { rule: 'paused', reason: 'x' } };
const FULL: End = { outcome: 'refused', rule: 'perHour', reason: 'perHour: x' };
const ALIVE: Seen = { kind: 'job', job: aJob() };
const OVER: Seen = { kind: 'job', job: aJob({ job_state: 'KILLED', job_result: 'KILLED' }) };
const DYING: Seen = { kind: 'job', job: aJob({ job_result: 'KILLED' }) };
const GONE: Seen = { kind: 'not-found' };

function refused(kind: TroubleKind, more: Partial<Trouble> = {}): Posted & Seen & { kind: 'trouble' } {
  return { kind: 'trouble', trouble: { service: 'MRS', kind, message: 'scripted', ...more } };
}

const NO_ANSWER = refused('timeout');
const FAILED_0175 = refused('kill-refused', { status: 500, errorCode: '0175' });
const UNREADABLE = refused('unavailable', { status: 503 });

describe('an accepted kill', () => {
  it('is one POST, and nothing else', async () => {
    const { events, end } = await play({ posts: [ACCEPTED] });
    expect(end).toEqual({ end: 'accepted' });
    expect(events).toEqual([{ move: 'post', number: 1, posted: ACCEPTED }]);
  });
});

describe('a paused kill', () => {
  it('ends without a look', async () => {
    const { events, end } = await play({ posts: [PAUSED] });
    expect(end).toEqual({ end: 'braked', brake: { rule: 'paused', reason: 'x' }, effectUnknown: false });
    expect(events).toHaveLength(1);
  });

  it('is noticed before every POST, not before the first only', async () => {
    const { moves, end } = await play({ posts: [refused('busy'), PAUSED, ACCEPTED] });
    expect(end).toEqual({ end: 'braked', brake: { rule: 'paused', reason: 'x' }, effectUnknown: false });
    expect(moves).toEqual(['post', 'look', 'wait 2', 'look', 'post']);
  });
});

describe('a POST that does not leave', () => {
  it.each<[Posted, KillEnd]>([
    [{ kind: 'expired' }, { end: 'expired', effectUnknown: false }],
    [{ kind: 'refused', refusal: FULL }, { end: 'refused', refusal: FULL, effectUnknown: false }],
    [{ kind: 'unready', code: 'ledger', reason: 'x' }, { end: 'unready', code: 'ledger', reason: 'x', effectUnknown: false }],
  ])('ends without a look, and says whether an earlier one may still take effect: %o', async (posted, ended) => {
    expect(await play({ posts: [posted] })).toMatchObject({ end: ended, moves: ['post'] });
    expect((await play({ posts: [NO_ANSWER, posted] })).end).toEqual({ ...ended, effectUnknown: true });
  });

  it('since the job is over ends as that', async () => {
    expect(await play({ posts: [{ kind: 'over', job: aJob() }] })).toMatchObject({ end: { end: 'over', job: aJob() }, moves: ['post'] });
  });
});

describe('a POST that is not accepted', () => {
  it.each([
    ['no answer', NO_ANSWER],
    ['0175', FAILED_0175],
    ['0180', refused('busy')],
    ['403', refused('forbidden')],
  ])('is followed by a look, and never repeated for a job that is over: %s', async (_, posted) => {
    for (const seen of [OVER, DYING]) {
      const { moves, end } = await play({ posts: [posted, ACCEPTED], looks: [seen] });
      expect(end).toEqual({ end: 'over', job: seen.kind === 'job' && seen.job });
      expect(moves).toEqual(['post', 'look']);
    }
  });

  it('is not repeated for a job that ended during the wait', async () => {
    const { moves, end } = await play({ posts: [NO_ANSWER, ACCEPTED], looks: [ALIVE, OVER] });
    expect(end).toMatchObject({ end: 'over' });
    expect(moves).toEqual(['post', 'look', 'wait 10', 'look']);
  });

  it('is not repeated for a job that MRS does not know any more', async () => {
    expect(await play({ posts: [NO_ANSWER, ACCEPTED], looks: [GONE] })).toMatchObject({ end: { end: 'not-found' }, moves: ['post', 'look'] });
    expect((await play({ posts: [NO_ANSWER, ACCEPTED], looks: [ALIVE, GONE] })).end).toEqual({ end: 'not-found' });
  });

  it('is not repeated where the job cannot be read, and what MRS said of the kill is what is told', async () => {
    for (const looks of [[UNREADABLE], [ALIVE, UNREADABLE]]) {
      const { events, end } = await play({ posts: [refused('busy', { errorCode: '0180' }), ACCEPTED], looks });
      expect(end).toMatchObject({ end: 'trouble', trouble: { errorCode: '0180' }, effectUnknown: false });
      expect(events.filter(({ move }) => move === 'post')).toHaveLength(1);
    }
  });

  it('for now is repeated while the job is alive, each after twice as long, for as long as there is time', async () => {
    const { moves, end } = await play({ posts: Array.from({ length: 8 }, () => refused('busy')) });
    expect(moves.filter((move) => move.startsWith('wait'))).toEqual(['wait 2', 'wait 4', 'wait 8', 'wait 16', 'wait 32', 'wait 64', 'wait 128', 'wait 256']);
    expect(moves.filter((move) => move === 'post')).toHaveLength(8);
    expect(end).toMatchObject({ end: 'trouble', trouble: { kind: 'busy' }, effectUnknown: false });
  });

  it('for now is repeated no sooner where MRS says 0 s each time', async () => {
    const { moves } = await play({ posts: Array.from({ length: 8 }, () => refused('busy', { retryAfterSec: 0 })) });
    expect(moves.filter((move) => move.startsWith('wait')).slice(0, 3)).toEqual(['wait 2', 'wait 4', 'wait 8']);
  });

  it('for now does not count against the three that may have had their effect', async () => {
    const busy = refused('busy');
    const { events, end } = await play({ posts: [NO_ANSWER, busy, NO_ANSWER, busy, NO_ANSWER] });
    expect(events.filter(({ move }) => move === 'post')).toHaveLength(5);
    expect(end).toMatchObject({ end: 'unanswered' });
  });

  it('is repeated less often, or never, where the caller says so', async () => {
    for (const mostPosts of [1, 2]) {
      const { events } = await play({ posts: [NO_ANSWER, NO_ANSWER, NO_ANSWER], mostPosts });
      expect(events.filter(({ move }) => move === 'post')).toHaveLength(mostPosts);
    }
  });

  it('is one and no more where the caller says so, whatever MRS says of it', async () => {
    expect(await play({ posts: [refused('busy')], mostPosts: 1 })).toMatchObject({ end: { end: 'trouble', effectUnknown: false }, moves: ['post', 'look'] });
  });

  it('is looked at by numbers that count on', async () => {
    const { events } = await play({ posts: [NO_ANSWER, NO_ANSWER, ACCEPTED] });
    expect(events.flatMap((event) => (event.move === 'wait' ? [] : [`${event.move} ${event.number}`]))).toEqual(['post 1', 'look 1', 'look 2', 'post 2', 'look 3', 'look 4', 'post 3']);
  });

  it('is not repeated where there is no time to wait for it', async () => {
    const { moves, end } = await play({ posts: [refused('throttled'), ACCEPTED], waits: [false] });
    expect(moves).toEqual(['post', 'look', 'wait 2']);
    expect(end).toMatchObject({ end: 'trouble', trouble: { kind: 'throttled' }, effectUnknown: false });
  });

  it.each([
    ['a timeout', refused('timeout')],
    ['a broken connection', refused('unreachable')],
    ['502 of the gateway', refused('unavailable', { status: 502 })],
    ['504 of the gateway', refused('unavailable', { status: 504 })],
  ])('waits ten seconds after %s, which may have had its effect, and says so in the end', async (_, posted) => {
    const { moves, end } = await play({ posts: [posted, posted, posted] });
    // The last wait is for a last look: the job tells better than "unknown".
    expect(moves).toEqual(['post', 'look', 'wait 10', 'look', 'post', 'look', 'wait 10', 'look', 'post', 'look', 'wait 10', 'look']);
    expect(end).toMatchObject({ end: 'unanswered', trouble: { kind: posted.kind === 'trouble' && posted.trouble.kind } });
  });

  it('does not forget in a later refusal that an earlier POST went unanswered', async () => {
    const { end } = await play({ posts: [NO_ANSWER, refused('forbidden')] });
    expect(end).toMatchObject({ end: 'trouble', trouble: { kind: 'forbidden' }, effectUnknown: true });
  });

  it.each([
    ['IAM gave no answer', refused('timeout', { service: 'IAM' })],
    ['IAM could not be reached', refused('unreachable', { service: 'IAM' })],
    ['MRS refused it by a code of its own', refused('kill-refused', { status: 502, errorCode: '0175' })],
  ])('had no effect where %s: no ten seconds', async (_, posted) => {
    const { moves, end } = await play({ posts: [posted], mostPosts: 2, waits: [false] });
    expect(moves).toEqual(['post', 'look', 'wait 2']);
    expect(end).toMatchObject({ effectUnknown: false });
  });

  it.each([
    ['7 s after 429', refused('throttled', { status: 429, retryAfterSec: 7 }), 'wait 7'],
    ['7 s after 503', refused('unavailable', { status: 503, retryAfterSec: 7 }), 'wait 7'],
    ['60 s after 504', refused('unavailable', { status: 504, retryAfterSec: 60 }), 'wait 60'],
    ['no less than ten after 504 with Retry-After 1', refused('unavailable', { status: 504, retryAfterSec: 1 }), 'wait 10'],
    ['2 s without a Retry-After', refused('throttled', { status: 429 }), 'wait 2'],
    ['2 s after 0175', FAILED_0175, 'wait 2'],
  ])('waits as long as Retry-After says: %s', async (_, posted, wait) => {
    expect((await play({ posts: [posted, ACCEPTED] })).moves).toEqual(['post', 'look', wait, 'look', 'post']);
  });

  it.each<[TroubleKind]>([['forbidden'], ['not-found'], ['rejected']])('ends at once where MRS says it is not possible: %s', async (kind) => {
    const { moves, end } = await play({ posts: [refused(kind), ACCEPTED] });
    expect(moves).toEqual(['post', 'look']);
    expect(end).toMatchObject({ end: 'trouble', trouble: { kind } });
  });

  it('is tried exactly once more after 0175', async () => {
    const { moves, end } = await play({ posts: [FAILED_0175, FAILED_0175, ACCEPTED] });
    expect(moves).toEqual(['post', 'look', 'wait 2', 'look', 'post', 'look']);
    expect(end).toMatchObject({ end: 'trouble', trouble: { errorCode: '0175' }, effectUnknown: false });
  });

  it.each([
    ['is throttled', refused('throttled')],
    ['goes unanswered', NO_ANSWER],
    ['meets a busy cluster', refused('busy')],
  ])('is tried once more after 0175, and not twice where that one %s', async (_, second) => {
    const { events } = await play({ posts: [FAILED_0175, second, ACCEPTED] });
    expect(events.filter(({ move }) => move === 'post')).toHaveLength(2);
  });

  it('is tried once more with a new token after 401 of MRS, and never after 401 of IAM', async () => {
    const died = refused('unauthorized', { status: 401 });
    expect((await play({ posts: [died, died, ACCEPTED] })).moves.filter((move) => move === 'post')).toHaveLength(2);
    const locked = refused('unauthorized', { status: 401, service: 'IAM' });
    expect((await play({ posts: [locked, ACCEPTED] })).moves).toEqual(['post', 'look']);
  });

  it('that breaks for a reason of our own is not taken for trouble of MRS', async () => {
    const moves = {
      post: () => Promise.reject(new TypeError('a bug')),
      look: () => Promise.resolve(ALIVE),
      wait: () => Promise.resolve(true),
    };
    await expect(killJob(moves, { mostPosts: MOST_POSTS })).rejects.toThrow('a bug');
  });
});
