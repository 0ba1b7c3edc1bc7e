import { takeAlarms } from '../../lib/alerts/alarms.ts';
import type { AlertParts } from '../../lib/alerts/start-alerts.ts';
import { type BadEndParts, takeStatusChange } from '../../lib/start/bad-end.ts';

type EventParts = AlertParts & BadEndParts;

/** Gives what an event asks for, or undefined where it is none of theirs. What it throws makes AWS send the event again. */
type Taker = (event: unknown) => ((parts: EventParts) => Promise<void>) | undefined;

const TAKERS: readonly Taker[] = [takeStatusChange, takeAlarms];

/** Takes an event of AWS to whom it concerns; one that nobody knows is logged and passed over, since no repeat would help. */
export async function handleEvent(load: () => EventParts, log: EventParts['log'], event: unknown): Promise<void> {
  for (const take of TAKERS) {
    const work = take(event);
    if (work) return work(load());
  }
  log.warn('an event that nobody knows was passed over', { source: (event as { source?: unknown } | null)?.source });
}
