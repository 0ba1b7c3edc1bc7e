import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Reporter } from '../core/report.ts';
import type { KillRequest, Requested } from '../core/request.ts';
import { EXPIRES_AFTER_MS } from '../kill/examine.ts';
import { look } from '../kill/look.ts';
import { MOST_POSTS } from '../kill/post.ts';
import { type Pace, type Run, runRequest } from '../kill/run.ts';
import { durableAsk } from './durable-ask.ts';
import { durableMoves } from './durable-moves.ts';
import type { KillPayload, KillResult } from './engine.ts';
import { type Picker, runPick } from './pick.ts';

/** What an execution of functions/kill works with. */
export type KillParts = Omit<Picker, 'moves' | 'show'> & Omit<Run, 'moves' | 'pace' | 'ask' | 'look' | 'show'> & {
  reporter: Reporter;
  askTimeoutSec: number;
  followIntervalSec: number;
  followTimeoutSec: number;
};

const SAY_FOR_SEC = 10 * 60;
const LOOK_FOR_MS = 60_000;

/** The body of the durable function, which runs again from the top at every resume: one kill, one pick, or one thing to say. */
export async function runPayload(parts: KillParts, payload: KillPayload, context: DurableContext): Promise<KillResult | undefined> {
  const moves = durableMoves(context);
  const { reporter } = parts;
  if (payload.kind === 'notice') {
    await moves.step('say', () => reporter.say(payload.text), SAY_FOR_SEC);
    return undefined;
  }
  const { request } = payload;
  const handed = { ...parts, moves, show: reporter.show, log: parts.log.with({ kill_id: request.killId }) };
  if (payload.kind === 'pick') return resultOf(request, await runPick(handed, payload.request));
  return resultOf(request, await runKill(context, handed, payload.request));
}

function runKill(context: DurableContext, parts: KillParts & Pick<Run, 'moves'> & { show: Reporter['show'] }, request: KillRequest): Promise<End> {
  return runRequest(
    {
      ...parts,
      pace: paceOf(parts),
      ask: durableAsk(context, parts),
      look: (target) => look(parts.mrs, parts.clusters, target, { retryForMs: LOOK_FOR_MS }),
    },
    request,
  );
}

function paceOf({ followIntervalSec, followTimeoutSec }: KillParts): Pace {
  return {
    expiresAfterMs: EXPIRES_AFTER_MS,
    lookCountsForMs: 0,
    lookForMs: LOOK_FOR_MS,
    mostPosts: MOST_POSTS,
    settles: true,
    followIntervalSec,
    followTimeoutSec,
    ifStillAlive: 'still-running',
  };
}

/** A pick without an end has handed on to its children. */
function resultOf({ killId }: Requested, end: End | undefined): KillResult {
  return { kill_id: killId, outcome: end?.outcome ?? 'picked', ...(end?.answeredBy !== undefined && { answered_by: end.answeredBy }) };
}
