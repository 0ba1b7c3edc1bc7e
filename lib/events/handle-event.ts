import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import { takeAlarms } from './alarms.ts';
import { takeStatusChange } from './execution-ended.ts';

/** Gives what an event asks for, or undefined where it is none of theirs. What it throws makes AWS send the event again. */
type Taker = (event: unknown) => ((parts: Killswitch, log: Log) => Promise<void>) | undefined;

const TAKERS: readonly Taker[] = [takeStatusChange, takeAlarms];

/** Takes an event of AWS to whom it concerns; one that nobody knows is logged and passed over, since no repeat would help. */
export async function handleEvent(load: () => Killswitch, log: Log, event: unknown): Promise<void> {
  for (const take of TAKERS) {
    const work = take(event);
    if (work) return work(load(), log);
  }
  log.warn('an event that nobody knows was passed over', { source: (event as { source?: unknown } | null)?.source });
}
