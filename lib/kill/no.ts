import { isDryRun } from '../core/dry-run.ts';
import { type End, refusedEnd } from '../core/end.ts';
import { type Job, jobName } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import { type Clock, utcText } from '../core/time.ts';
import { No, noKey, noOfOccurrenceKey, RUN_KEPT_MS } from '../ledger/keys.ts';
import type { Key, Ledger } from '../ledger/port.ts';
import type { Policy } from '../policy/policy.ts';
import { noLedgerEnd } from './close.ts';
import type { Moves } from './moves.ts';
import { claimsAs, type StartId } from './start-id.ts';

/** What remembering a no needs. */
export type NoParts = { policy: Pick<Policy, 'dryRun'>; ledger: Ledger; clock: Clock; moves: Moves; id: StartId };

const HOUR_MS = 3_600_000;
const CLAIM_FOR_SEC = 15 * 60;
const SETTLE_FOR_SEC = 10 * 60;
/** People were told of the job on a card that stood, by a rule that only tells them. */
export const TOLD = 'told';

/** A rule that warns told of what it would do, in a dry run. */
const PLAYED = 'played';

/** Under which key a request remembers a no to this job, and for how long. */
type Memory = { key: Key; forMs: number; isOccurrence: boolean };

/** A rule that chose the job itself asks about it once; an alert that names its job once for each occurrence, whatever its sender says of that later. */
function memoryOf(policy: Pick<Policy, 'dryRun'>, request: KillRequest, jobId: string): Memory | undefined {
  const { trigger, action, rule, pickedBy, occurrence, warns } = request;
  if (rule === undefined) return undefined;
  const isDry = isDryRun(policy, request);
  if (trigger === 'cleanup' || pickedBy !== undefined || warns) return { key: noKey(rule, jobId, isDry), forMs: rule.askAgainMs, isOccurrence: false };
  if (occurrence === undefined || action === 'notify') return undefined;
  return { key: noOfOccurrenceKey(rule, jobId, occurrence, isDry), forMs: RUN_KEPT_MS, isOccurrence: true };
}

/**
 * Claims the job for a question or a card of this rule, before it is posted: for `forMs`, as long as that may take, and an hour.
 * The end where another request of the rule asks about it, or somebody said no; undefined where people may be asked.
 */
export async function holdJob(parts: NoParts, request: KillRequest, job: Job, forMs: number): Promise<End | undefined> {
  const { policy, ledger, clock, moves } = parts;
  const id = claimsAs(parts.id, request);
  const memory = memoryOf(policy, request, job.job_id);
  if (memory === undefined) return undefined;
  const claim = async () => {
    const now = clock.now();
    return ledger.claim(memory.key, { owner: id.name, start: id.start, until: now + forMs + HOUR_MS }, { now });
  };
  const claimed = await moves.step('hold', claim, CLAIM_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in claimed) return { ...claimed, job };
  if (claimed.mine) return undefined;
  const said = No.safeParse(claimed.value).data;
  const end = refusedEnd('repeat', `${request.policyRule ?? 'this rule'} ${said ? `leaves ${jobName(job)} alone: ${noText(said, claimed.until)}` : `is asking about ${jobName(job)} already`}`, job);
  // Of one occurrence it ends as the one that asks: where nobody answers that, its repeats ask.
  return memory.isOccurrence ? { ...end, of: { name: claimed.owner, start: 1 } } : end;
}

/**
 * Remembers for the rule what the end says of the job itself: it leaves the job alone then until its `askAgain` is over. What says
 * nothing of the job gives it back where it was held. Never throws.
 */
export async function settleNo(parts: NoParts, request: KillRequest, end: End, { isHeld, isSeen }: { isHeld: boolean; isSeen: boolean }): Promise<void> {
  const { policy, ledger, moves } = parts;
  const id = claimsAs(parts.id, request);
  const jobId = end.job?.job_id ?? (request.target.job.by === 'mrs-id' ? request.target.job.id : undefined);
  const memory = jobId === undefined ? undefined : memoryOf(policy, request, jobId);
  if (memory === undefined || (request.action === 'notify' && isSeen)) return; // who was told was told when the card came
  const what = memory.isOccurrence && end.outcome !== 'declined' ? undefined : saysNo(request, end, isSeen);
  const settle = (): Promise<void> => {
    if (what === undefined) return ledger.release(memory.key, id.name, id.start);
    return leaveAlone({ ...parts, id }, memory, { what, by: end.answeredBy });
  };
  if (what !== undefined || isHeld) await moves.step('settle', settle, SETTLE_FOR_SEC).catch(() => undefined);
}

/**
 * Remembers that people were told of a job, once the card of a rule that only tells them stands; once for each start, which began at
 * `began` (epoch ms): for a run that takes over from another it counts from when it was said. Throws LedgerFailed.
 */
export async function rememberTold(parts: NoParts, request: KillRequest, job: Job, began: number): Promise<void> {
  const memory = memoryOf(parts.policy, request, job.job_id);
  if (memory === undefined) return;
  const [stands] = await parts.ledger.get([memory.key], { now: parts.clock.now() });
  const said = stands?.owner === parts.id.name ? No.safeParse(stands.value).data : undefined;
  if (stands === undefined || said === undefined || said.at < began) return leaveAlone(parts, memory, { what: TOLD });
  if (stands.until > said.at + memory.forMs) await leaveAlone(parts, memory, { what: TOLD }, said.at);
}

/**
 * From `at` (epoch ms) until `askAgain` is over, to the ms: the claim from before the card may be for longer, and can only grow. Each try claims
 * under the moment as its start: a release that comes late, from a try that died, takes nothing from a later one.
 */
async function leaveAlone({ ledger, clock, id }: NoParts, { key, forMs }: Memory, { what, by }: { what: string; by?: string | undefined }, at = clock.now()): Promise<void> {
  const now = clock.now();
  const wish = { owner: id.name, start: now, until: at + forMs, value: { at, what, ...(by !== undefined && { by }) } satisfies No };
  const held = await ledger.claim(key, wish, { now });
  if (!held.mine || held.until <= wish.until) return;
  await ledger.release(key, id.name, held.start);
  await ledger.claim(key, { ...wish, start: held.start + 1 }, { now });
}

/** The word for it, where the rule has to leave the job alone; `isSeen`: a card stood with its buttons. */
function saysNo({ pickedBy, warns }: KillRequest, { outcome, rule, answeredBy }: End, isSeen: boolean): string | undefined {
  switch (outcome) {
    case 'would-kill':
      return warns && isSeen ? PLAYED : undefined;
    case 'declined':
      return 'declined';
    case 'expired':
      return isSeen && answeredBy === undefined ? 'nobody answered' : undefined;
    case 'still-running':
      return pickedBy && 'still running after a kill';
    case 'refused':
      return pickedBy && (rule === 'protected' || rule === 'SparkSql') ? rule : undefined;
    default:
      return undefined;
  }
}

/** `declined by U1, until 2026-11-28 14:30 UTC` */
export function noText({ what, by }: Pick<No, 'what' | 'by'>, until: number): string {
  return `${noWords(what)}${by === undefined ? '' : ` by ${by}`}, until ${utcText(until)}`;
}

/** What a no is for people, where its own word alone says too little. */
export function noWords(what: string): string {
  switch (what) {
    case TOLD:
      return 'people were told of it';
    case PLAYED:
      return 'a dry run told people that it would be killed';
    case 'protected':
      return 'it was protected';
    case 'SparkSql':
      return 'MRS cannot kill SparkSql';
    default:
      return what;
  }
}
