import { CallbackTimeoutError, type DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { Question, Show } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { onceOnly, retryFor } from './retry-strategy.ts';

type Asker = { show: Show; clock: Clock; askTimeoutSec: number };

/** What functions/slack sends as the result of the callback, after it has checked who clicked. */
export type Click = { decision: 'kill' | 'decline'; by: string };

/** `by` said yes, after `tookMs`; or the request ends here. `card` is the message to go on with. */
export type Answer = { answer: 'kill'; card: MessageRef; by: string; tookMs: number } | { answer: 'end'; card?: MessageRef; end: End };

const POST_FOR_SEC = 60;

/**
 * Shows the question and waits for a click, at most `askTimeoutSec`. The card is posted first and gets its buttons by an
 * update: a submitter that runs twice then shows nothing twice.
 */
export async function askFor(context: DurableContext, by: Asker, request: KillRequest, job: Job, question: Question): Promise<Answer> {
  const posted = await context.step('card', () => postCard(by, request, job, question), retryFor(POST_FOR_SEC)).catch((error: unknown) => ({
    lost: (error as Error).message,
  }));
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
      await context.waitForCallback(
        'ask',
        async (id) => void (await by.show(request, { stage: 'ask', job, question, callback: { id, arn } }, card)),
        { timeout: { seconds: by.askTimeoutSec }, ...retryFor(POST_FOR_SEC) },
      ),
    ) as Click;
    if (click.decision !== 'kill') {
      return { answer: 'end', card, end: { outcome: 'declined', reason: `declined by ${click.by}`, answeredBy: click.by, job } };
    }
    const answeredAt = await context.step('answered', async () => by.clock.now(), onceOnly);
    // Never more than the question may take: an answer that was taken up hours later must not kill hours later.
    return { answer: 'kill', card, by: click.by, tookMs: Math.min(answeredAt - at, by.askTimeoutSec * 1_000) };
  } catch (error) {
    const end: End =
      error instanceof CallbackTimeoutError
        ? { outcome: 'expired', reason: `nobody answered within ${by.askTimeoutSec} s`, job }
        : { outcome: 'failed', reason: `the question got lost: ${(error as Error).message}; nothing was killed`, job };
    return { answer: 'end', card, end };
  }
}

async function postCard({ show, clock }: Asker, request: KillRequest, job: Job, question: Question): Promise<{ card: MessageRef; at: number } | { fault: string }> {
  const card = await show(request, { stage: 'ask', job, question });
  return card ? { card, at: clock.now() } : { fault: 'nobody can be asked: set slack.channel in policy.yml and SLACK_BOT_TOKEN' };
}
