import { runUntil } from '../kill/history-entries.ts';
import { Answer, startAnswer, startHeld } from '../ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../ledger/port.ts';
import type { Warner, Warning } from './warner.ts';
import { AFTER_MS } from './wait-past.ts';
import { heldOf } from './stand.ts';

const NOTE_FOR_SEC = 5 * 60;
const AGAIN_SEC = 10;
/** How long after its time the answer is read where the ledger is away: nothing is killed without it. */
const READ_FOR_MS = 15 * 60_000;

/** What is carried from read to read. */
type State = { answer?: Answer; fault?: string; isLost?: boolean; delaySec?: number };

/**
 * Waits for what people say of a warning that stands until then (epoch ms), or for its end: the first answer decides, whichever message
 * was clicked; when the time is up the run claims it itself, and says where part of that time never ran. `lost` where the ledger did not say in time. `besides` is put on record once it stands.
 */
export async function awaitAnswer(parts: Warner, warning: Warning, { at, until }: { at: number; until: number }, besides: () => PutEntry[]): Promise<Answer | { lost: string }> {
  const { moves, clock, awaitClick, ledger, id } = parts;
  const leftSec = await moves.step('left', async () => Math.ceil((until - clock.now()) / 1_000));
  if (leftSec > 0) {
    const note = async (callback: string): Promise<void> => {
      const now = clock.now();
      await ledger.put([{ key: startHeld(id.name, id.start, 'warned'), value: heldOf(warning, { at, until, isPlayed: false, callback }), until: runUntil(until) }, ...besides()]);
      // Somebody may have clicked before this callback was on record.
      const [answer] = await ledger.get([startAnswer(id.name, id.start)], { now });
      if (answer !== undefined) await parts.wake(callback);
    };
    // A run that cannot be woken finds the answer when the time is up.
    await awaitClick(leftSec, (callback) => moves.step('callback', () => note(callback), NOTE_FOR_SEC).catch(() => undefined));
  }
  const state = await moves.repeat<State>('answer', {}, () => readAnswer(parts, at, until), ({ answer, isLost, delaySec = AGAIN_SEC }) => (answer || isLost ? undefined : delaySec));
  return state.answer ?? { lost: state.fault ?? 'the ledger has no answer to it' };
}

async function readAnswer({ ledger, clock, id }: Warner, at: number, until: number): Promise<State> {
  const now = clock.now();
  const key = startAnswer(id.name, id.start);
  try {
    const wish = { owner: id.name, start: id.start, until: runUntil(now), value: { at: now, what: 'time', ...((clock.skippedMs?.(at, until) ?? 0) > 0 && { jumped: true }) } satisfies Answer };
    const value = now > until ? (await ledger.claim(key, wish, { now })).value : (await ledger.get([key], { now }))[0]?.value;
    const answer = Answer.safeParse(value).data;
    if (answer !== undefined) return { answer };
    // Woken without an answer: it is waited on.
    return now > until ? { fault: 'the answer cannot be read', isLost: true } : { delaySec: Math.max(1, Math.ceil((until + AFTER_MS - now) / 1_000)) };
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    return { fault: error.message, isLost: now > until + READ_FOR_MS };
  }
}
