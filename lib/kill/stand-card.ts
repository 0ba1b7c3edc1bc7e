import type { Show, View } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { startCard } from '../ledger/keys.ts';
import type { Ledger, PutEntry } from '../ledger/port.ts';
import { runUntil } from './history-entries.ts';
import type { StartId } from './start-id.ts';
import { ifRetryable, whilePassing } from './while-passing.ts';

const RECORD_FOR_MS = 10_000;

/** A message of a start on record: whoever ends it finds it there. `until` is epoch ms. */
export const cardEntry = ({ name, start }: StartId, card: MessageRef, until: number): PutEntry => ({ key: startCard(name, start, card.channel, card.ts), value: card, until });

/**
 * A card with buttons: posted without them unless one of this start `stood`, put on record with the entries `beside` it, and only
 * then given its buttons. So whoever closes finds every card that has some, and a post whose answer was lost leaves a line of text.
 * Undefined where nobody can be reached; throws as `show` and the ledger do.
 */
export async function standCard(
  { show, ledger, clock, id }: { show: Show; ledger: Ledger; clock: Clock; id: StartId },
  request: KillRequest,
  { bare, live, stood, beside = [] }: { bare: View; live: View; stood: MessageRef | undefined; beside?: readonly PutEntry[] },
): Promise<MessageRef | undefined> {
  const card = stood ?? (await show(request, bare));
  if (card === undefined) return undefined;
  const now = clock.now();
  // Tried here, not only with all of this: a card that is not on record would be posted once more.
  await whilePassing(clock, now + RECORD_FOR_MS, ifRetryable, () => ledger.put([cardEntry(id, card, runUntil(now)), ...beside]));
  await show(request, live, card);
  return card;
}
