import { isPick, type PickRequest } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { tryThrice } from '../kill/moves.ts';
import { type Key, type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';
import type { Planned } from './limits.ts';
import { choiceIn, keyOfOccurrence, keyOfPick, pickedText } from './pick-claim.ts';

type Reader = { policy: Policy; clusters: readonly Cluster[]; ledger: Ledger; clock: Clock; log: Log };

/** Whose pick it is, and what it chose, where that is known. */
type Holding = { killId: string; reason?: string };

type Choice = NonNullable<ReturnType<typeof choiceIn>>;

/** How long the ledger is asked whose choice holds: the caller waits for its answer. */
const ASK_FOR_MS = 2_000;

/**
 * What a rule picks in a cluster is one decision: of the alerts of one delivery that lead to it the first is accepted, and the
 * others, started too, are duplicates of it; so is an alert that comes while another's choice holds. `planned` and `started` stand
 * in one order.
 */
export async function onePickEach<Start extends { outcome: string }>(parts: Reader, planned: readonly Planned[], started: readonly Start[]): Promise<(Start | ({ outcome: 'duplicate' } & Holding))[]> {
  const picks = started.flatMap(({ outcome }, index): StartedPick[] => {
    const { request, name = '' } = planned[index] ?? {};
    return outcome === 'accepted' && request !== undefined && isPick(request) ? [{ index, request, name, keys: [keyOfPick(parts, request), keyOfOccurrence(parts, request) ?? []].flat() }] : [];
  });
  const now = parts.clock.now();
  const choices = await readChoices(parts, picks, now);
  const results: (Start | ({ outcome: 'duplicate' } & Holding))[] = [...started];
  const firsts = new Map<string, Holding>();
  for (const { index, request, name, keys } of picks) {
    const [own = ''] = keys.map(textOf);
    const chosen = keys.map((key) => choices.get(textOf(key))).find((one) => one !== undefined && one.owner !== name);
    const holding = chosen ? { killId: chosen.killId, reason: pickedText(request, chosen, now) } : firsts.get(own);
    if (holding) results[index] = { outcome: 'duplicate', ...holding };
    else firsts.set(own, { killId: request.killId });
  }
  return results;
}

/** A pick that was started, by its place among the starts; its keys are that of its decision and that of its occurrence. */
type StartedPick = { index: number; request: PickRequest; name: string; keys: Key[] };

const textOf = ({ partition, rest }: Key): string => `${partition} ${rest}`;

/** The choices that hold now, or that were made for these very occurrences, in one read; where it fails, each pick itself finds out. */
async function readChoices({ ledger, clock, log }: Reader, picks: readonly StartedPick[], now: number): Promise<Map<string, Choice>> {
  const keys = [...new Map(picks.flatMap((pick) => pick.keys).map((key) => [textOf(key), key])).values()];
  if (keys.length === 0) return new Map();
  try {
    const entries = await tryThrice(clock, now + ASK_FOR_MS, () => ledger.get(keys, { now, deadline: now + ASK_FOR_MS }));
    const choices = new Map<string, Choice>();
    for (const [index, key] of keys.entries()) {
      const choice = choiceIn(entries[index]);
      if (choice) choices.set(textOf(key), choice);
    }
    return choices;
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.warn('the ledger could not be asked whose pick holds', { kill_ids: picks.map(({ request }) => request.killId), error });
    return new Map();
  }
}
