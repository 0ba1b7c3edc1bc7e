import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { KillRequest } from '../core/request.ts';
import { closeRequest, type Closer, showOrLog } from './close-request.ts';
import { examine, type Examiner, EXPIRES_AFTER_MS } from './examine.ts';
import { onceOnly } from './retry-strategy.ts';

/** A request that only tells people: shows the job with a button, or returns the end that the look brought. Nothing is killed. */
export async function runNotify(context: DurableContext, request: KillRequest, by: Examiner & Closer): Promise<End | undefined> {
  const expiresAt = request.receivedAt + EXPIRES_AFTER_MS;
  const seen = await context.step('look', () => examine(by, request, request.target, expiresAt), onceOnly);
  if (seen.go === 'end') {
    await closeRequest(context, request, by, seen.end);
    return seen.end;
  }
  await showOrLog(context, 'notify', request, by, () => ({ stage: 'notify', job: seen.job }));
  return undefined;
}
