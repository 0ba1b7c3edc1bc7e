import { CallbackError, type DurableContext } from '@aws/durable-execution-sdk-js';
import { readBrake } from '../kill/brake.ts';
import { runWarning } from '../warn/round.ts';
import { durableMoves } from './durable-moves.ts';
import type { KillPayload, KillResult } from './engine.ts';
import { nextStarter } from './next-starter.ts';
import { BRAKE_FOR_MS, type KillParts, lookFor, resultOf } from './run-payload.ts';

/** The body of functions/warn, which runs again from the top at every resume: one round of a warning. */
export async function runWarningPayload(parts: KillParts, payload: KillPayload, context: DurableContext): Promise<KillResult | undefined> {
  if (payload.kind !== 'warn') return undefined;
  const { request, name, start } = payload;
  const log = parts.log.with({ kill_id: request.killId });
  const end = await runWarning(
    {
      ...parts,
      log,
      id: { name, start },
      moves: durableMoves(context),
      show: parts.reporter.show,
      look: lookFor(parts, request),
      readBrake: (braked, jobId) => readBrake(parts, braked, jobId, BRAKE_FOR_MS),
      awaitClick: (seconds, onOpen) => awaitClick(context, seconds, onOpen),
      wake: async (callback) => void (await parts.engine.answer(callback, 'answered')),
      next: nextStarter({ ...parts.starter, log }),
    },
    request,
  );
  return resultOf(request.killId, end, 'warned');
}

/** A callback only wakes: whatever becomes of it, the ledger has the answer. */
async function awaitClick(context: DurableContext, seconds: number, onOpen: (callback: string) => Promise<void>): Promise<void> {
  const [woken, callback] = await context.createCallback('click', { timeout: { seconds } });
  await onOpen(callback);
  try {
    await woken;
  } catch (error) {
    if (!(error instanceof CallbackError)) throw error; // its time is up
  }
}
