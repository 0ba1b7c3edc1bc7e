import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Trouble } from '../../lib/core/errors.ts';
import { isOver } from '../../lib/core/job.ts';
import { MOST_POSTS, type Posted, type Seen } from '../../lib/kill/post.ts';
import { aJob } from '../core/a-job.ts';
import { type Event, play } from './play.ts';
import { runs } from '../support/full-size.ts';

const ALIVE: Seen = { kind: 'job', job: aJob() };
const OVER: Seen = { kind: 'job', job: aJob({ job_state: 'KILLED', job_result: 'KILLED' }) };
const DYING: Seen = { kind: 'job', job: aJob({ job_result: 'KILLED' }) };
const GONE: Seen = { kind: 'not-found' };

describe('whatever MRS answers', () => {
  const trouble: fc.Arbitrary<Trouble> = fc.record(
    {
      service: fc.constantFrom('MRS', 'MRS', 'MRS', 'IAM'),
      kind: fc.constantFrom(
        'unreachable', 'timeout', 'unavailable', 'throttled', 'busy', 'kill-refused', 'unauthorized', 'forbidden', 'not-found', 'rejected',
      ),
      message: fc.constant('scripted'),
      status: fc.constantFrom(400, 401, 429, 500, 502, 503, 504),
      retryAfterSec: fc.integer({ min: 0, max: 120 }),
    },
    { requiredKeys: ['service', 'kind', 'message'] },
  );
  const troubled = fc.record({ kind: fc.constant('trouble'), trouble });
  const posted: fc.Arbitrary<Posted> = fc.oneof({ weight: 8, arbitrary: troubled }, fc.constantFrom({ kind: 'accepted' }, { kind: 'braked', brake: { rule: 'paused', reason: 'x' } }));
  const seen: fc.Arbitrary<Seen> = fc.oneof({ weight: 12, arbitrary: fc.constant(ALIVE) }, fc.constantFrom(OVER, DYING, GONE), troubled);
  const script = fc.record({
    posts: fc.array(posted, { minLength: 12, maxLength: 12 }),
    looks: fc.array(seen, { minLength: 8, maxLength: 8 }),
    waits: fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)), { minLength: 4, maxLength: 4 }),
    mostPosts: fc.integer({ min: 1, max: MOST_POSTS }),
  });

  /** Plays any script and hands over each POST with what lies between it and the next one. */
  function always(check: (post: Extract<Event, { move: 'post' }>, between: Event[], next: Event | undefined) => void): Promise<void> {
    return fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { events } = await play(given);
        const at = events.flatMap(({ move }, index) => (move === 'post' ? [index] : []));
        for (const [number, index] of at.entries()) {
          const post = events[index];
          if (post?.move !== 'post') continue;
          const until = at[number + 1];
          check(post, events.slice(index + 1, until), until === undefined ? undefined : events[until]);
        }
      }),
      { numRuns: runs(2_000) },
    );
  }
  const waitedSec = (events: Event[]): number => events.reduce((sum, event) => sum + (event.move === 'wait' ? event.seconds : 0), 0);
  const troubleAfter = ({ posted: answer }: Extract<Event, { move: 'post' }>): Trouble | undefined =>
    answer?.kind === 'trouble' ? answer.trouble : undefined;
  const isUnanswered = ({ service, kind, status }: Trouble): boolean =>
    service === 'MRS' && (kind === 'timeout' || kind === 'unreachable' || (kind === 'unavailable' && (status === 502 || status === 504)));

  it('there are never more POSTs than allowed that were accepted or unanswered, nor more than eight of any kind', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const posts = (await play(given)).events.filter((event) => event.move === 'post');
        const spent = posts.filter((post) => post.posted?.kind === 'accepted' || (post.posted?.kind === 'trouble' && isUnanswered(post.posted.trouble)));
        return posts.length >= 1 && spent.length <= given.mostPosts && posts.length <= 8 + given.mostPosts && (given.mostPosts > 1 || posts.length === 1);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('no POST follows one that was accepted or held back by the off switch', () =>
    always(({ posted: answer }, between, next) => {
      if (answer?.kind !== 'trouble') expect([between, next]).toEqual([[], undefined]);
    }));

  it('a repeated POST comes right after a look that saw the job alive, and after nothing else was seen', () =>
    always((_, between, next) => {
      if (next === undefined) return;
      expect(between.at(-1)?.move).toBe('look');
      for (const event of between) {
        if (event.move === 'look') expect(event.seen?.kind === 'job' && !isOver(event.seen.job)).toBe(true);
        if (event.move === 'wait') expect(event.granted).toBe(true);
      }
    }));

  it('no look and no POST comes after the job was seen over, was not found, or could not be read', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { events } = await play(given);
        const last = events.findIndex((event) => event.move === 'look' && (event.seen?.kind !== 'job' || isOver(event.seen.job)));
        return last < 0 || last === events.length - 1;
      }),
    );
  });

  it('ten seconds lie between an unanswered POST and the next one', () =>
    always((post, between, next) => {
      const answer = troubleAfter(post);
      if (next !== undefined && answer !== undefined && isUnanswered(answer)) expect(waitedSec(between)).toBeGreaterThanOrEqual(10);
    }));

  it('Retry-After is honoured', () =>
    always((post, between, next) => {
      if (next === undefined) return;
      expect(waitedSec(between)).toBeGreaterThanOrEqual(troubleAfter(post)?.retryAfterSec ?? 0);
    }));

  it('no POST follows an answer that means "not possible"', () =>
    always((post, _, next) => {
      const { kind } = troubleAfter(post) ?? {};
      if (kind === 'forbidden' || kind === 'not-found' || kind === 'rejected') expect(next).toBeUndefined();
    }));

  it('at most one POST comes after the first 0175', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const posts = (await play(given)).events.filter((event) => event.move === 'post');
        const first = posts.findIndex((post) => troubleAfter(post)?.kind === 'kill-refused');
        return first < 0 || posts.length - 1 - first <= 1;
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('the end is the one that was seen, and an unknown effect is told', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { events, end } = await play(given);
        const troubles = events.flatMap((event) => (event.move === 'post' ? (troubleAfter(event) ?? []) : []));
        const last = events.at(-1);
        switch (end.end) {
          case 'accepted':
          case 'braked':
            return last?.move === 'post' && last.posted?.kind === end.end;
          case 'over':
            return last?.move === 'look' && last.seen?.kind === 'job' && last.seen.job === end.job && isOver(end.job);
          case 'not-found':
            return last?.move === 'look' && last.seen?.kind === 'not-found';
          case 'unanswered':
            return end.trouble === troubles.at(-1) && isUnanswered(end.trouble);
          case 'expired':
          case 'unready':
            return false; // the script knows no such answer
          case 'trouble':
            return end.trouble === troubles.at(-1) && end.effectUnknown === troubles.some(isUnanswered);
        }
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('attempts and looks are counted from one, without a gap: they name the steps of a workflow', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const { events } = await play(given);
        for (const move of ['post', 'look'] as const) {
          const numbers = events.flatMap((event) => (event.move === move ? [event.number] : []));
          expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        }
      }),
    );
  });
});
