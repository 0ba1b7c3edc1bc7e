import { isPick } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { createLimit } from '../http/limit.ts';
import { tryThrice } from '../kill/moves.ts';
import { startBegan, startEnd } from '../ledger/keys.ts';
import { type Key, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Policy } from '../policy/policy.ts';
import { type OverLimit, overDelivery, type Planned } from './limits.ts';
import { isRecent, isSettled, type JudgeParts, judgeRepeat, type Repeat } from './restart.ts';

// What the ledger is asked about repeats, where it has to be asked at all.

type Asker = JudgeParts & { policy: Policy; clock: Clock; log: Log };

const AT_ONCE = 10;
/** How long the ledger is asked: the caller waits for its answer. */
const ASK_FOR_MS = 5_000;
/** How long after its start an execution is waited for that another delivery may have started: most begin within a second. */
const BEGINS_WITHIN_MS = 3_000;
const ASK_AGAIN_MS = 1_000;

/** What keeps a delivery back, and which of its requests are repeats all the same. */
export type Held = (OverLimit & { repeats: ReadonlySet<string> }) | { outcome: 'failed'; reason: string };

/**
 * Only where there are more kills than a delivery may bring, the ledger is asked which of them are repeats. An alert that it does
 * not know may have been started by a delivery of a moment ago and not have begun: it is asked for again for a while, and counts as
 * new if it is unknown then.
 */
export async function findOverDelivery(parts: Asker, kills: readonly Planned[]): Promise<Held | undefined> {
  const { policy: { limits }, clock, log } = parts;
  const repeats = new Set<string>();
  let unknown = kills;
  try {
    for (const until = clock.now() + BEGINS_WITHIN_MS; ; await clock.sleep(ASK_AGAIN_MS)) {
      unknown = await findRepeats(parts, unknown, repeats);
      const over = overDelivery(limits, kills.filter(({ name }) => !repeats.has(name)));
      if (over === undefined) return undefined;
      if (clock.now() >= until || !unknown.some(({ request }) => request.trigger === 'alerts')) return { ...over, repeats };
    }
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('the limits could not be checked; nothing of this delivery was started', { error });
    return { outcome: 'failed', reason: 'the limits could not be checked' };
  }
}

/** Adds to `repeats` what began and does not start anew; gives what the ledger does not know yet. */
async function findRepeats(parts: Asker, asked: readonly Planned[], repeats: Set<string>): Promise<Planned[]> {
  const { ledger, clock } = parts;
  const ask = () => ledger.get(asked.map(({ name }) => startBegan(name, 1)), { now: clock.now() });
  const begun = await tryThrice(clock, clock.now() + ASK_FOR_MS, ask);
  const known = asked.filter((_, index) => begun[index] !== undefined);
  const judged = await judgeAll(parts, known.filter(({ request }) => request.trigger === 'alerts'));
  for (const { name } of known) if (judged.get(name)?.do !== 'start') repeats.add(name);
  return asked.filter((_, index) => begun[index] === undefined);
}

/**
 * What becomes of names that are taken, by name. Most are told by an entry or three, which are read for all at once, the others by all
 * that stands of them. Never trouble for a repeat: where the ledger does not say, the next one asks again.
 */
export async function judgeAll(parts: Asker, taken: readonly Planned[]): Promise<ReadonlyMap<string, Repeat>> {
  const { ledger, clock, policyHash } = parts;
  const now = clock.now();
  const read = (keys: readonly Key[]) => (keys.length === 0 ? [] : orUnknown(parts, () => tryThrice(clock, now + ASK_FOR_MS, () => ledger.get([...keys], { now }))));
  const began = await read(taken.map(({ name }) => startBegan(name, 1)));
  const beganOf = new Map(taken.map((one, index) => [one, began?.[index]] as const));
  const older = began ? taken.filter((one) => !isRecent(beganOf.get(one), now)) : [];
  const kills = older.filter(({ request }) => !isPick(request));
  const ends = await read(kills.flatMap(({ name }) => [startEnd(name, 1), startBegan(name, 2), startEnd(name, 2)]));
  const settled = new Set(kills.filter((one, index) => ends === undefined || isSettled([beganOf.get(one), ...ends.slice(3 * index, 3 * index + 3)], policyHash)));
  const open = older.filter((one) => !settled.has(one));
  const limit = createLimit(AT_ONCE);
  const judged = await Promise.all(open.map(({ name }) => limit(() => orUnknown(parts, () => tryThrice(clock, now + ASK_FOR_MS, () => judgeRepeat(parts, name, now))))));
  return new Map(open.map(({ name }, index) => [name, judged[index] ?? { do: 'nothing' }]));
}

async function orUnknown<Answer>({ log }: Asker, ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.warn('the ledger could not be asked about a repeat', { error });
    return undefined;
  }
}
