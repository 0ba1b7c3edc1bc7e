import { type End, refusedEnd } from '../core/end.ts';
import { jobName, type Job } from '../core/job.ts';
import type { View } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import { type Card, startPartition, warnKey } from '../ledger/keys.ts';
import { noLedgerEnd } from './close.ts';
import type { Moves } from './moves.ts';
import type { Memory } from './remember.ts';
import { listAll, readKnown } from './remember.ts';
import type { Run } from './parts.ts';
import { claimsAs } from './start-id.ts';

type Holder = Memory & { moves: Moves };

const CLAIM_FOR_SEC = 15 * 60;
const RELEASE_FOR_SEC = 10 * 60;
const READ_FOR_SEC = 15 * 60;
/** What a kill may take besides its question and the time that it is followed: reads, records and POSTs that are tried again, its report. */
const BESIDES_MS = 65 * 60_000;
const SHOW_FOR_SEC = 5;

/**
 * Claims the one open warning of a rule and job until `untilAt` of now (epoch ms), all rounds and the kill as the first round; once
 * it is ours it only grows. The end where another one is open.
 */
export async function holdWarning({ ledger, clock, moves, id }: Holder, request: KillRequest, job: Job, step: string, untilAt: (now: number) => number): Promise<End | undefined> {
  const { rule } = request;
  if (rule === undefined) return undefined;
  const { name: owner, start } = claimsAs(id, request);
  const claim = async () => {
    const now = clock.now();
    return ledger.claim(warnKey(rule, job.job_id), { owner, start, until: untilAt(now) }, { now });
  };
  const claimed = await moves.step(step, claim, CLAIM_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in claimed) return { ...claimed, job };
  if (claimed.mine) return undefined;
  return { ...refusedEnd('repeat', `${request.policyRule ?? 'this rule'} is warning of ${jobName(job)} already`, job), of: { name: claimed.owner, start: 1 } };
}

/** For the next run of its schedule, or the next alert. What cannot be given back now is free when its time is over. Never throws. */
export async function releaseWarning({ ledger, moves, id }: Omit<Holder, 'clock'>, request: KillRequest, jobId: string | undefined): Promise<void> {
  const { rule } = request;
  if (rule === undefined || jobId === undefined) return;
  const { name, start } = claimsAs(id, request);
  await moves.step('release-warning', () => ledger.release(warnKey(rule, jobId), name, start), RELEASE_FOR_SEC).catch(() => undefined);
}

/** The messages of all rounds of a warning, the newest last; none where the ledger cannot be read. */
export async function readWarningCards({ ledger, clock, moves, id }: Holder, request: KillRequest, step: string): Promise<Card[]> {
  const { name, start } = claimsAs(id, request);
  const read = async (): Promise<Card[]> => readKnown(start, [], await listAll(ledger, startPartition(name), clock.now())).cards;
  const cards = await moves.step(step, read, READ_FOR_SEC).catch((): Card[] => []);
  return cards.toSorted((a, b) => (a.round ?? 0) - (b.round ?? 0) || Number(a.ts) - Number(b.ts));
}

/** The card of a warning that its kill goes on with: the channel's of the last round. */
export function lastCard(cards: readonly Card[]): Card | undefined {
  const round = Math.max(...cards.map((card) => card.round ?? 0));
  const last = cards.filter((card) => (card.round ?? 0) === round);
  return last.find(({ of }) => of === 'channel') ?? last[0];
}

/**
 * The first moves of a kill that a warning came to, once its job was looked at: the claim is held for as long as it may take, and the
 * cards lose their buttons. The end where another warning of the rule is open by now.
 */
export async function goOnFromWarning(parts: Run, request: KillRequest, job: Job, cards: readonly Card[]): Promise<End | undefined> {
  const { pace, show, moves } = parts;
  const lost = await holdWarning(parts, request, job, 'hold-warning', (now) => now + pace.holdsForMs + pace.followTimeoutSec * 1_000 + BESIDES_MS);
  if (lost || show === undefined) return lost;
  const by = request.warning?.killNow ? request.person : undefined;
  const view: View = { stage: 'handed-on', job, to: 'kill', by };
  // Shortly: the kill does not wait for Slack, and its end takes the buttons for certain.
  for (const [index, card] of newest(cards).entries()) await moves.step(`under-way-${index + 1}`, () => show(request, view, card), SHOW_FOR_SEC).catch(() => undefined);
  return undefined;
}

/** Of the last round: those of earlier ones have no buttons any more. */
function newest(cards: readonly Card[]): Card[] {
  const round = Math.max(...cards.map((card) => card.round ?? 0));
  return cards.filter((card) => (card.round ?? 0) === round);
}
