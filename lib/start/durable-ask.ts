import { CallbackTimeoutError, type DurableContext } from '@aws/durable-execution-sdk-js';
import { isDryRun } from '../core/dry-run.ts';
import type { Job } from '../core/job.ts';
import type { Question, Show } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import { type Clock, formatDuration } from '../core/time.ts';
import { declinedEnd, type End } from '../core/end.ts';
import type { Moves } from '../kill/moves.ts';
import type { Answered, Ask } from '../kill/parts.ts';
import { readKeptBy } from '../kill/brake.ts';
import { jobEntries, runUntil } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { type Known, listAll, readKnown } from '../kill/remember.ts';
import { Answer, startAnswer, startHeld, startPartition } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import { standCard } from '../kill/stand-card.ts';
import type { Engine } from './engine.ts';

type Asker = { policy: Pick<Policy, 'dryRun' | 'slack'>; show: Show; clock: Clock; moves: Moves; ledger: Ledger; engine: Engine; clusters: readonly Cluster[]; id: StartId; askTimeoutSec: number };

const POST_FOR_SEC = 60;
const ANSWER_FOR_SEC = 15 * 60;
const NOBODY = 'nobody';

/** A question in one request: what it is about, and until when it stands (epoch ms). */
type Asked = { request: KillRequest; job: Job; question: Question; known: Known; at: number; until: number };

/**
 * Shows a question and waits for a click. The card is posted without buttons, and gets them once it stands in the ledger with the
 * callback that a click has to wake: a card that was posted and is not on record stays a line of text. The answer is an entry of
 * the ledger, claimed by the first click, or by this when the time is up; the callback only wakes. A question that stands already
 * is gone on with, to the end that it was given.
 */
export function durableAsk(context: DurableContext, parts: Asker): Ask {
  return async (request, job, question, known) => {
    const { at, until, leftSec } = await parts.moves.step('asked', async () => timesOf(parts, known));
    const asked: Asked = { request, job, question, known, at, until };
    let isTimeUp = leftSec <= 0;
    let fault: string | undefined;
    let shown: MessageRef | undefined = known.cards.at(-1);
    if (!isTimeUp) {
      try {
        const [woken, callback] = await context.createCallback('ask', { timeout: { seconds: leftSec } });
        // Its own step, and not the submitter of a wait: the card is known then, also where the ledger is not to be had later.
        const card = await parts.moves.step('card', () => showQuestion(parts, asked, callback), POST_FOR_SEC);
        if (card === NOBODY) return nobodyEnd(job, question);
        shown = card ?? shown;
        await woken;
      } catch (error) {
        isTimeUp = error instanceof CallbackTimeoutError;
        fault = isTimeUp ? undefined : (error as Error).message;
      }
    }
    const read = await parts.moves.step('answer', () => readAnswer(parts, isTimeUp), ANSWER_FOR_SEC).catch((error: unknown) => ({ lost: (error as Error).message }));
    return 'lost' in read ? endOf(shown, lostEnd(job, read.lost)) : answered(parts, asked, { ...read, card: shown ?? read.card }, fault);
  };
}

async function timesOf({ clock, askTimeoutSec }: Asker, { asked }: Known): Promise<{ at: number; until: number; leftSec: number }> {
  const now = clock.now();
  const { at, until } = asked ?? { at: now, until: now + askTimeoutSec * 1_000 };
  return { at, until, leftSec: Math.ceil((until - now) / 1_000) };
}

/** Posts the card unless one of this start stands, puts it on record with the callback, then gives it its buttons. */
async function showQuestion(parts: Asker, { request, job, question, known, at, until }: Asked, callback: string): Promise<MessageRef | typeof NOBODY | undefined> {
  const { policy, show, clock, ledger, engine, id } = parts;
  const now = clock.now();
  const standing = readKnown(id.start, [], await listAll(ledger, startPartition(id.name), now));
  // The newest: an older one may have come on record late, and has no buttons.
  const stood = standing.cards.at(-1);
  if (standing.answer !== undefined) {
    await wake(engine, callback);
    return stood;
  }
  const bare = {
    stage: 'ask', job, question, until, kept: await readKeptBy(parts, request, job.job_id), mayApprove: policy.slack.mayApprove.filter((user) => user !== request.person), dryRun: isDryRun(policy, request),
  } as const;
  const held = { key: startHeld(id.name, id.start, 'asked'), value: { at, until, callback, who: question.who, why: question.reason }, until: runUntil(now) };
  const card = await standCard({ show, ledger, clock, id }, request, { bare, live: { ...bare, buttons: id }, stood, beside: [held, ...jobEntries(parts, request, known, job, held.until)] });
  if (card === undefined) return NOBODY;
  // Somebody may have clicked on the card that stood, before this callback was on record.
  if (stood !== undefined && (await ledger.get([startAnswer(id.name, id.start)], { now: clock.now() }))[0] !== undefined) await wake(engine, callback);
  return card;
}

async function wake(engine: Engine, callback: string): Promise<void> {
  await engine.answer(callback, 'answered');
}

type Read = { readAt: number; answer?: Answer | undefined; card?: MessageRef | undefined };

/** The answer that stands; when the time is up, that it is, unless somebody was faster. */
async function readAnswer({ ledger, clock, id }: Asker, isTimeUp: boolean): Promise<Read> {
  const now = clock.now();
  const wish = { owner: id.name, start: id.start, until: runUntil(now), value: { at: now, what: 'time' } satisfies Answer };
  const claimed = isTimeUp ? Answer.safeParse((await ledger.claim(startAnswer(id.name, id.start), wish, { now })).value).data : undefined;
  const standing = readKnown(id.start, [], await listAll(ledger, startPartition(id.name), now));
  return { readAt: now, answer: claimed ?? standing.answer, card: standing.cards.at(-1) };
}

function answered({ askTimeoutSec }: Asker, { job, at, until }: Asked, { readAt, answer, card }: Read, fault: string | undefined): Answered {
  switch (answer?.what) {
    case 'yes':
      // Up to when the run learned of it, but never more than the question may take: an answer that was taken up hours later must
      // not kill hours later.
      return { answer: 'kill', card: card ?? { channel: '', ts: '' }, user: answer.by ?? '', tookMs: Math.min(readAt, until) - at };
    case 'no':
      return endOf(card, { ...declinedEnd(answer.by), job });
    case 'time':
      return endOf(card, { outcome: 'expired', reason: `nobody answered within ${formatDuration(askTimeoutSec * 1_000)}, so nothing was killed; ask again if you still want it`, job });
    case 'keep':
    case 'kill':
    case undefined:
      return endOf(card, card === undefined ? unpostedEnd(job, fault ?? 'the ledger has no card of it') : lostEnd(job, fault ?? 'the ledger has no answer to it'));
  }
}

function endOf(card: MessageRef | undefined, end: End): Answered {
  return { answer: 'end', ...(card && { card }), end };
}

function nobodyEnd(job: Job, { reason }: Question): Answered {
  return endOf(undefined, { outcome: 'refused', rule: 'ask', reason: `${reason}; nobody can be asked: set slack.channel in policy.yml and SLACK_BOT_TOKEN`, job });
}

function unpostedEnd(job: Job, why: string): End {
  return { outcome: 'failed', code: 'question_lost', reason: `the question could not be posted: ${why}; nothing was killed; ask again if you still want it`, job };
}

function lostEnd(job: Job, why: string): End {
  return { outcome: 'failed', code: 'question_lost', reason: `the question was lost: ${why}; nothing was killed; ask again if you still want it`, job };
}
