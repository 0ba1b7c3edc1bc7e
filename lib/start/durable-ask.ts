import { CallbackTimeoutError, type DurableContext } from '@aws/durable-execution-sdk-js';
import type { Clock } from '../core/time.ts';
import type { Job } from '../core/job.ts';
import type { Question, Show } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import type { End } from '../core/end.ts';
import type { Moves } from '../kill/moves.ts';
import type { Answer, Ask } from '../kill/run.ts';
import { retryFor } from './durable-moves.ts';

type Asker = { show: Show; clock: Clock; moves: Moves; askTimeoutSec: number };

/** What functions/slack sends as the result of the callback, after it has checked who clicked; `by` is a Slack user id. */
export type Click = { decision: 'kill' | 'decline'; by: string };

const POST_FOR_SEC = 60;

/**
 * Shows a question and waits for a click, at most `askTimeoutSec`. The card is posted first and gets its buttons by an update: a
 * submitter that runs twice then shows nothing twice.
 */
export function durableAsk(context: DurableContext, parts: Asker): Ask {
  return async (request, job, question) => {
    const posted = await parts.moves.step('card', () => postCard(parts, request, job, question), POST_FOR_SEC).catch((error: unknown) => ({ lost: (error as Error).message }));
    if ('lost' in posted) {
      return { answer: 'end', end: { outcome: 'failed', reason: `the question could not be posted: ${posted.lost}; nothing was killed`, job } };
    }
    if ('fault' in posted) {
      return { answer: 'end', end: { outcome: 'refused', rule: 'ask', reason: `${question.reason}; ${posted.fault}`, job } };
    }
    const { card, at } = posted;
    const arn = context.executionContext.durableExecutionArn;
    try {
      const click = JSON.parse(
        await context.waitForCallback('ask', async (id) => void (await parts.show(request, { stage: 'ask', job, question, callback: { id, arn } }, card)), {
          timeout: { seconds: parts.askTimeoutSec },
          ...retryFor(POST_FOR_SEC),
        }),
      ) as Click;
      return await takeClick(parts, job, click, card, at);
    } catch (error) {
      return { answer: 'end', card, end: noAnswerEnd(parts, job, error) };
    }
  };
}

async function postCard({ show, clock }: Asker, request: KillRequest, job: Job, question: Question): Promise<{ card: MessageRef; at: number } | { fault: string }> {
  const card = await show(request, { stage: 'ask', job, question });
  return card ? { card, at: clock.now() } : { fault: 'nobody can be asked: set slack.channel in policy.yml and SLACK_BOT_TOKEN' };
}

async function takeClick(parts: Asker, job: Job, { decision, by: user }: Click, card: MessageRef, askedAt: number): Promise<Answer> {
  if (decision !== 'kill') return { answer: 'end', card, end: { outcome: 'declined', reason: `declined by ${user}`, answeredBy: user, job } };
  const answeredAt = await parts.moves.step('answered', async () => parts.clock.now());
  // Never more than the question may take: an answer that was taken up hours later must not kill hours later.
  return { answer: 'kill', card, user, tookMs: Math.min(answeredAt - askedAt, parts.askTimeoutSec * 1_000) };
}

function noAnswerEnd({ askTimeoutSec }: Asker, job: Job, error: unknown): End {
  if (error instanceof CallbackTimeoutError) return { outcome: 'expired', reason: `nobody answered within ${askTimeoutSec} s`, job };
  return { outcome: 'failed', reason: `the question got lost: ${(error as Error).message}; nothing was killed`, job };
}
