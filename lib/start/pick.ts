import { type End, refusedEnd } from '../core/end.ts';
import { COOLDOWN_MS } from '../core/job-pick.ts';
import type { PickRequest } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { closeRequest, type Closer, noLedgerEnd } from '../kill/close.ts';
import { EXPIRES_AFTER_MS, expiredEnd, unlistedEnd } from '../kill/examine.ts';
import type { Moves } from '../kill/moves.ts';
import { NOTICE_LIVES_MS } from '../kill/notify.ts';
import { runUntil } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { endKnown, type Known, takeOver } from '../kill/remember.ts';
import { Choice, type JobSeen, type Picked, RUN_KEPT_MS, startChoice } from '../ledger/keys.ts';
import { type Key, type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Policy } from '../policy/policy.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { chooseNow, type Chooser } from './choose-now.ts';
import { type Parent, startChildren } from './children.ts';
import { choiceIn, claimAnew, keyOfOccurrence, keyOfPick, pickedText } from './pick-claim.ts';
import { endOfMet } from './restart.ts';

/** What a pick works with. */
export type Picker = Closer & Chooser & Parent & {
  policy: Policy;
  clusters: readonly Cluster[];
  ledger: Ledger;
  clock: Clock;
  moves: Moves;
  id: StartId;
};

const BEGIN_FOR_SEC = 30 * 60;
const CLAIM_FOR_SEC = 15 * 60;
const GIVE_BACK_FOR_SEC = 60;
const CLAIMED_FOR_MS = 5 * 60_000; // and no longer than the cooldown: a claim can only grow
const LOOK_AGAIN_SEC = 10;

/**
 * One execution that decides which jobs a rule means in a cluster, once for all alerts that lead to it, and starts a kill for each.
 * An end here is that none was chosen, that another's choice holds, or that a kill could not be started; else the children end.
 */
export async function runPick(parts: Picker, request: PickRequest): Promise<End | undefined> {
  const known = await parts.moves.step('begin', () => takeOver(parts, request), BEGIN_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in known) return closeRequest(parts, request, { id: parts.id, since: request.receivedAt, began: request.receivedAt, cards: [] }, known);
  const end = endKnown(known) ?? (await decideOnce(parts, request, known));
  return end && closeRequest(parts, request, { ...known, id: parts.id }, end);
}

async function decideOnce(parts: Picker, request: PickRequest, known: Known): Promise<End | undefined> {
  const { moves, id } = parts;
  const cluster = findCluster(parts.clusters, request.target.cluster);
  if (cluster === undefined) return unlistedEnd(request.target.cluster);
  const turn = await moves.repeat<Turn>('turn', { go: 'wait' }, () => takeTurn(parts, request), ({ go }) => (go === 'wait' ? LOOK_AGAIN_SEC : undefined));
  if (turn.go === 'end') return turn.end;
  const own = known.choices.find(({ start }) => start === id.start)?.jobs ?? againMeant(known, id);
  const choosing = own === undefined ? await moves.step('choose', () => chooseNow(parts, request, cluster, known.since)) : { jobs: own, leftOut: '' };
  const chosen = 'end' in choosing ? choosing.end : await claimChoice(parts, request, choosing.jobs);
  if (!('outcome' in chosen)) return startChildren(parts, request, { ...chosen, leftOut: 'end' in choosing ? '' : choosing.leftOut, cluster, began: known.began });
  if (chosen.rule !== 'repeat') await giveBack(parts, request);
  return chosen;
}

type Turn = { go: 'wait'; trouble?: string } | { go: 'mine' } | { go: 'end'; end: End };

/** Claims the decision. Another's choice holds; where nothing is chosen yet it is looked at again, until there is a choice or it is our turn. */
async function takeTurn(parts: Picker, request: PickRequest): Promise<Turn> {
  const { ledger, clock, id } = parts;
  const key = keyOfPick(parts, request);
  const isLate = clock.now() > request.receivedAt + EXPIRES_AFTER_MS;
  try {
    const now = clock.now();
    const claimed = await claimAnew(ledger, key, id, { until: now + Math.min(CLAIMED_FOR_MS, cooldownOf(request)) }, now);
    const holds = claimed.mine ? await findEarlier(parts, request, now) : await unlessNothing(parts, key, claimed, now);
    if (!holds && !isLate) return { go: claimed.mine ? 'mine' : 'wait' };
    if (claimed.mine) await ledger.release(key, id.name, id.start);
    return { go: 'end', end: holds ? repeatEnd(request, holds, clock.now()) : expiredEnd() };
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    return isLate || !error.retryable ? { go: 'end', end: noLedgerEnd(error) } : { go: 'wait' };
  }
}

/** What was picked for this very occurrence under another name, and holds. Throws LedgerFailed. */
async function findEarlier(parts: Picker, request: PickRequest, now: number): Promise<(Picked & { owner: string }) | undefined> {
  const key = keyOfOccurrence(parts, request);
  return key && unlessNothing(parts, key, (await parts.ledger.get([key], { now }))[0], now);
}

/** Another's choice that stands under a key. One that came to nothing and may be tried anew is given back, and holds no more. Throws LedgerFailed. */
async function unlessNothing(parts: Picker, key: Key, stands: Parameters<typeof choiceIn>[0], now: number): Promise<(Picked & { owner: string }) | undefined> {
  const { ledger, id, starter } = parts;
  const holds = choiceIn(stands);
  if (holds === undefined || holds.owner === id.name) return undefined;
  const came = await endOfMet({ ...parts, settings: starter.settings }, { name: holds.owner, start: holds.start }, now);
  if (came === undefined || now < came.againAt) return holds;
  await ledger.release(key, holds.owner, holds.start);
  return undefined;
}

/** Where a POST for something of an earlier choice was about to leave, and its run ended badly: that is meant again, and nothing else. */
function againMeant({ choices }: Known, { start }: StartId): JobSeen[] | undefined {
  const earlier = choices.filter((choice) => choice.start < start && choice.posted.length > 0).toSorted((a, b) => b.start - a.start)[0];
  return earlier?.jobs.filter(({ job_id }) => earlier.posted.includes(job_id));
}

/** The first choice of this start stands, and is the one that is carried out; then it holds for the cooldown. */
async function claimChoice(parts: Picker, request: PickRequest, jobs: readonly JobSeen[]): Promise<{ jobs: readonly JobSeen[] } | End> {
  const { moves, ledger, clock, id } = parts;
  const claim = async (): Promise<Choice> => {
    const now = clock.now();
    const wish = { owner: id.name, start: id.start, until: runUntil(now), value: { at: now, jobs: [...jobs], ...(request.action === 'notify' && { openUntil: now + NOTICE_LIVES_MS }) } satisfies Choice };
    return Choice.parse((await ledger.claim(startChoice(id.name, id.start), wish, { now })).value);
  };
  const choice = await moves.step('choice', claim, CLAIM_FOR_SEC).catch(noLedgerEnd);
  if ('outcome' in choice) return choice;
  const stretch = async (): Promise<{ end: End } | { jobs: readonly JobSeen[] }> => {
    const now = clock.now();
    const value: Picked = { at: choice.at, start: id.start, ids: choice.jobs.map(({ job_id }) => job_id), killId: request.killId };
    // A choice that is carried out later than its cooldown, after a ledger that was away, holds from now: nobody else picks beside it.
    const until = Math.max(choice.at, now - choice.at > cooldownOf(request) ? now : 0) + cooldownOf(request);
    const occurrence = keyOfOccurrence(parts, request);
    const first = occurrence && (await claimAnew(ledger, occurrence, id, { until: now + RUN_KEPT_MS, value }, now));
    const claimed = first?.mine === false ? first : await ledger.claim(keyOfPick(parts, request), { owner: id.name, start: id.start, until, value }, { now });
    if (claimed.mine) return { jobs: choice.jobs };
    if (occurrence && first?.mine) await ledger.release(occurrence, id.name, id.start); // what it says is not carried out
    const holds = choiceIn(claimed);
    return { end: holds ? repeatEnd(request, holds, now) : expiredEnd() };
  };
  const held = await moves.step('cooldown', stretch, CLAIM_FOR_SEC).catch(noLedgerEnd);
  return 'end' in held ? held.end : held;
}

function cooldownOf({ target: { pick } }: PickRequest): number {
  return pick.cooldownMs ?? COOLDOWN_MS;
}

function repeatEnd(request: PickRequest, { owner, start, ...picked }: Picked & { owner: string }, now: number): End {
  return { ...refusedEnd('repeat', pickedText(request, { ...picked }, now)), of: { name: owner, start } };
}

/** For the next: nothing was chosen. What cannot be given back now is free again 5 min after it was claimed. Never throws. */
export async function giveBack({ moves, ledger, id, ...parts }: Pick<Picker, 'moves' | 'ledger' | 'id' | 'policy' | 'clusters'>, request: PickRequest): Promise<void> {
  const release = () => ledger.release(keyOfPick(parts, request), id.name, id.start);
  await moves.step('give-back', release, GIVE_BACK_FOR_SEC).catch(() => undefined);
}
