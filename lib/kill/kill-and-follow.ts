import type { End } from '../core/end.ts';
import { troubleCode } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { Show } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import { nowThatRan } from '../core/time.ts';
import { readKeptBy } from './brake.ts';
import { type Post, type PostAnswer, runPost, runPostAnswer, runRecord, startPosted } from '../ledger/keys.ts';
import type { PutEntry } from '../ledger/port.ts';
import { cardEntry } from './stand-card.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { noLedgerEnd, recordOf } from './close.ts';
import { firstPostEntries } from './first-post.ts';
import { aliveEnd, endOfKill, unansweredEnd, withKeep } from './end-of-kill.ts';
import { followUntilOver, overEnd } from './follow.ts';
import { retakePlaceInHour, takePlaceInHour } from './place.ts';
import { killJob, type KillMoves, lookAgain, type Posted, isUnanswered } from './post.ts';
import { askingOf, jobEntries, jobSeen, runUntil } from './history-entries.ts';
import { executionName } from './start-id.ts';
import { type Known, lastPost, openEntries } from './remember.ts';
import type { Run } from './parts.ts';
import { sendKill } from './send-kill.ts';

/** An end, the card that it goes to, what the ledger has not taken yet, and whether the job was held for a question. */
export type Ended = { end: End; card?: MessageRef | undefined; leftovers?: readonly PutEntry[]; isHeld?: boolean };

/** The job that is to die, seen at `seenAt`, what is known of the request, and who said yes. */
type Subject = { cluster: Cluster; job: Job; seenAt: number; expiresAt: number; known: Known; answeredBy: string | undefined };

const SHOW_FOR_SEC = 60;
const RECORD_FOR_SEC = 15 * 60;

/** From here on the kill is meant: a place in the hour, the record, the POSTs, the follow. Goes on from the POSTs that are known. */
export async function killAndFollow(parts: Run, request: KillRequest, subject: Subject, card: MessageRef | undefined): Promise<Ended> {
  const { moves } = parts;
  const { cluster, job, known } = subject;
  const leftovers: PutEntry[] = [];
  if (!known.posts.some(({ answer }) => answer === 'accepted')) {
    const refused = await takePlaceInHour(parts, request, job);
    if (refused) return { end: refused, card };
    const ended = await killJob(killMoves(parts, request, subject, leftovers), { mostPosts: parts.pace.mostPosts, known: known.posts });
    if (ended.end === 'unanswered' && parts.pace.settles) {
      const seen = await followUntilOver({ ...parts, ...parts.pace }, cluster, job);
      return { end: overEnd(seen) ?? unansweredEnd(ended.trouble, cluster, seen), card, leftovers };
    }
    if (ended.end !== 'accepted') return { end: endOfKill(ended, cluster, job), card, leftovers };
  }
  // Not before: nothing may come between the decision and the kill, and a message can take its time.
  const { show } = parts;
  const showKilling = async (place: Show) => {
    const kept = await readKeptBy(parts, request, job.job_id);
    const shown = await place(request, { stage: 'killing', job, kept }, card);
    if (shown !== undefined && card === undefined) await rememberMessage(parts, shown);
    return { card: shown, kept };
  };
  const shown = show && (await moves.step('killing', () => showKilling(show), SHOW_FOR_SEC).catch(() => undefined));
  const seen = await followUntilOver({ ...parts, ...parts.pace }, cluster, job);
  return { end: withKeep(overEnd(seen) ?? aliveEnd(parts.pace, seen), shown?.kept), card: shown?.card ?? card, leftovers };
}

/** Whoever takes over says the end there: else it says for ever that the kill is on its way. Nothing waits for it. */
async function rememberMessage({ ledger, clock, id }: Run, message: MessageRef): Promise<void> {
  await ledger.put([cardEntry(id, message, runUntil(clock.now()))]).catch(() => undefined);
}

/** The moves of killJob, each as a move of the run. */
function killMoves(parts: Run, request: KillRequest, subject: Subject, leftovers: PutEntry[]): KillMoves {
  const { moves, pace, clock } = parts;
  const { cluster, job } = subject;
  let seenAt = subject.seenAt;
  let firstAt = subject.known.posts.find(({ at }) => at !== undefined)?.at;
  return {
    async post(post) {
      const recorded = await recordPost(parts, request, subject, { post, firstAt, leftovers });
      if (typeof recorded === 'object') return { kind: 'unready', code: recorded.code, reason: recorded.reason };
      firstAt = recorded;
      const posted = await moves.stepOnce(`kill-${post}`, async () => {
        const answer = await sendKill({ ...parts, ...pace, retakePlace: () => retakePlaceInHour(parts, request, job), readBrake: () => parts.readBrake(request, job.job_id) }, { ...subject, seenAt, placedAt: subject.seenAt });
        if (answer.kind === 'trouble') parts.log.warn('the kill was not accepted', { post, trouble: answer.trouble });
        return answer;
      });
      const answer: Posted = posted === 'interrupted' ? { kind: 'trouble', trouble: { service: 'MRS', kind: 'timeout', message: 'the function ended while the kill was being sent' } } : posted;
      await rememberAnswer(parts, post, answer, posted === 'interrupted', leftovers);
      return answer;
    },
    async look(look) {
      const looked = await moves.step(`look-after-kill-${look}`, async () => ({ at: clock.now(), seen: await lookAgain(parts.mrs, cluster, job, { retryForMs: pace.lookForMs, signal: pace.signal }) }));
      seenAt = looked.at;
      return looked.seen;
    },
    async wait(seconds, post) {
      if (post >= pace.mostPosts && !pace.settles) return false;
      return moves.wait(`before-kill-${post + 1}`, seconds);
    },
  };
}

/**
 * Its own move: a POST that does not stand on record does not leave, and the first one of a start takes that start's record along.
 * Returns when (epoch ms by the wall clock) the first POST of all was about to leave; `firstAt` where that is known.
 */
async function recordPost(parts: Run, request: KillRequest, { cluster, job, known, answeredBy }: Subject, { post, firstAt, leftovers }: { post: number; firstAt: number | undefined; leftovers: PutEntry[] }): Promise<ReturnType<typeof noLedgerEnd> | number> {
  const { moves, ledger, clock, clusters, id, policyHash, pace } = parts;
  const isFirst = post === lastPost(known.posts) + 1;
  const before = [...leftovers];
  const put = async (): Promise<number> => {
    const now = clock.now();
    // Compared with when MRS says that a re-run was submitted; early where the clock was set forward, so that this spares too much rather than too little.
    const at = Math.min(clock.wall(), nowThatRan(clock));
    const until = runUntil(now);
    const seen = jobSeen(clusters, job);
    await ledger.put([
      ...(pace.takesOver ? [] : openEntries(id, request, known)),
      ...(isFirst ? [
        ...jobEntries(parts, request, known, job, until),
        { key: runRecord(id.name, id.start), value: { ...askingOf(request), job: seen, policyHash }, until },
        ...postedBy(request, now),
      ] : []),
      { key: runPost(id.name, post), value: { at }, until },
      ...firstPostEntries(id, cluster, job, firstAt ?? at, now),
      ...before,
    ]);
    return firstAt ?? at;
  };
  const recorded = await moves.step(isFirst ? 'record' : `record-${post}`, put, RECORD_FOR_SEC).catch(noLedgerEnd);
  if (typeof recorded === 'object') return recorded;
  leftovers.splice(0, before.length);
  if (isFirst) await moves.step('audit-before', async () => parts.log.audit('killing', { ...recordOf(parts, request, answeredBy), run: executionName(id), job }));
  return recorded;
}

/** The pick that chose this job knows that a POST for it was about to leave. */
function postedBy({ pickedBy, target }: KillRequest, now: number): PutEntry[] {
  if (pickedBy === undefined || target.job.by !== 'mrs-id') return [];
  return [{ key: startPosted(pickedBy.name, pickedBy.start, target.job.id), value: { at: now } satisfies Post, until: runUntil(now) }];
}

/**
 * What became of a POST, for whoever takes over. Nothing waits for it: what cannot be written now goes with the next POST, or with
 * what is written when the request is closed. An answer that is not on record counts as none.
 */
async function rememberAnswer({ moves, ledger, clock, id, pace }: Run, post: number, posted: Posted, isInterrupted: boolean, leftovers: PutEntry[]): Promise<void> {
  if (isInterrupted || !pace.takesOver) return;
  const put = async (): Promise<PutEntry | undefined> => {
    const now = clock.now();
    const entry = { key: runPostAnswer(id.name, post), value: { at: now, ...answerOf(posted) }, until: runUntil(now) };
    return ledger.put([entry]).then(() => undefined, () => entry);
  };
  const left = await moves.step(`answer-${post}`, put);
  if (left) leftovers.push(left);
}

function answerOf(posted: Posted): Pick<PostAnswer, 'what' | 'code'> {
  switch (posted.kind) {
    case 'accepted':
      return { what: 'accepted' };
    case 'braked':
    case 'expired':
    case 'over':
    case 'refused':
    case 'unready':
      return { what: 'unsent' };
    case 'trouble':
      return { what: isUnanswered(posted.trouble) ? 'unanswered' : 'refused', code: troubleCode(posted.trouble) };
  }
}
