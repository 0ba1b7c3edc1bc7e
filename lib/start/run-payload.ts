import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Reporter } from '../core/report.ts';
import type { KillRequest, Target } from '../core/request.ts';
import { EXPIRES_AFTER_MS } from '../kill/examine.ts';
import { type BrakeParts, readBrake } from '../kill/brake.ts';
import { readFirstPosts } from '../kill/first-post.ts';
import { look, type Looked, type News } from '../kill/look.ts';
import type { Moves } from '../kill/moves.ts';
import type { Pace, Run } from '../kill/parts.ts';
import { MOST_POSTS } from '../kill/post.ts';
import type { StartId } from '../kill/start-id.ts';
import { runRequest } from '../kill/run.ts';
import { ifRetryable, whilePassing } from '../kill/while-passing.ts';
import { closeBadEnd } from './bad-end.ts';
import { durableAsk } from './durable-ask.ts';
import { durableMoves } from './durable-moves.ts';
import type { Engine, KillPayload, KillResult } from './engine.ts';
import { type Picker, runPick } from './pick.ts';

/** What an execution of functions/kill works with. */
export type KillParts = BrakeParts & Omit<Picker, 'moves' | 'show' | 'id'> & Omit<Run, 'moves' | 'pace' | 'ask' | 'look' | 'readBrake' | 'show' | 'id'> & {
  reporter: Reporter;
  engine: Engine;
  askTimeoutSec: number;
  followIntervalSec: number;
  followTimeoutSec: number;
};

type Handed = KillParts & { moves: Moves; show: Reporter['show']; id: StartId };

const SAY_FOR_SEC = 10 * 60;
const LOOK_FOR_MS = 60_000;
/** What cannot be read for so long counts as on. */
export const BRAKE_FOR_MS = 60_000;

/** The body of the durable function, which runs again from the top at every resume: one kill, one pick, the end of another, or one thing to say. */
export async function runPayload(parts: KillParts, payload: KillPayload, context: DurableContext): Promise<KillResult | undefined> {
  const moves = durableMoves(context);
  const { reporter } = parts;
  if (payload.kind === 'notice') {
    await moves.step('say', () => reporter.say(payload.text, 'plain'), SAY_FOR_SEC);
    return undefined;
  }
  if (payload.kind === 'warn') return undefined; // functions/warn has those
  const killId = payload.request?.killId ?? '';
  const log = parts.log.with(killId === '' ? {} : { kill_id: killId });
  const handed: Handed = { ...parts, starter: { ...parts.starter, log }, moves, show: reporter.show, log, id: { name: payload.name, start: payload.start } };
  switch (payload.kind) {
    case 'pick':
      return resultOf(killId, await runPick(handed, payload.request), 'picked');
    case 'kill':
      return resultOf(killId, await runKill(context, handed, payload.request), 'picked');
    case 'end':
      return resultOf(killId, await closeBadEnd(handed, payload), 'warned');
  }
}

function runKill(context: DurableContext, parts: Handed, request: KillRequest): Promise<End> {
  return runRequest(
    {
      ...parts,
      pace: paceOf(parts),
      ask: durableAsk(context, parts),
      look: lookFor(parts, request),
      readBrake: (braked, jobId) => readBrake(parts, braked, jobId, BRAKE_FOR_MS),
    },
    request,
  );
}

/** The look of a run, in our own name and with the patience of one that can wait. */
export function lookFor(parts: Pick<KillParts, 'mrs' | 'clusters' | 'ledger' | 'clock'>, request: KillRequest): (target: Target) => Promise<Looked> {
  return (target) => look(parts.mrs, parts.clusters, target, { retryForMs: LOOK_FOR_MS }, newsOf(parts, request, target));
}

/** What was there when it began; only an alert passes over the re-run of what was killed since: a person means what they name. */
function newsOf({ ledger, clock }: Pick<KillParts, 'ledger' | 'clock'>, { trigger }: KillRequest, { submittedBefore: at }: Target): News | undefined {
  if (at === undefined) return undefined;
  const now = clock.now();
  if (trigger !== 'alerts') return { at, what: 'the kill was asked for; to kill the new run too, ask again', now, readPosts: async () => [] };
  return { at, what: 'the alert began', now, readPosts: (clusterId, name) => whilePassing(clock, now + LOOK_FOR_MS, ifRetryable, () => readFirstPosts(ledger, clusterId, name, now)) };
}

function paceOf({ askTimeoutSec, followIntervalSec, followTimeoutSec }: KillParts): Pace {
  return {
    takesOver: true,
    expiresAfterMs: EXPIRES_AFTER_MS,
    lookCountsForMs: 0,
    lookForMs: LOOK_FOR_MS,
    mostPosts: MOST_POSTS,
    settles: true,
    holdsForMs: askTimeoutSec * 1_000,
    followIntervalSec,
    followTimeoutSec,
    ifStillAlive: 'still-running',
  };
}

/** Without an end it handed on: a pick to its children, a warning to what comes after it. */
export function resultOf(killId: string, end: End | undefined, handedOn: 'picked' | 'warned'): KillResult {
  return { kill_id: killId, outcome: end?.outcome ?? handedOn, ...(end?.answeredBy !== undefined && { answered_by: end.answeredBy }) };
}
