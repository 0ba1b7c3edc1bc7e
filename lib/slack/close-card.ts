import type { Reporter } from '../core/report.ts';
import { endOfEntry, listAll, readKnown, requestKnown, type StartId } from '../kill/remember.ts';
import { startPartition } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';

type Parts = { ledger: Ledger; clock: { now: () => number }; reporter: Reporter };

/** Says on its cards how a start ended, which takes their buttons away; nothing while it has no End. Trouble is logged: a card is all that suffers. */
export async function closeCard({ ledger, clock, reporter }: Parts, log: Log, { name, start }: StartId): Promise<void> {
  try {
    const now = clock.now();
    const { end, cards, job, opened } = readKnown(start, [], await listAll(ledger, startPartition(name), now));
    if (end === undefined || cards.length === 0) return;
    const request = requestKnown(opened, job?.job_id);
    for (const card of cards) await reporter.show(request, { stage: 'end', end: endOfEntry(end), tookMs: (end.ended ?? now) - end.at }, card);
  } catch (error) {
    log.warn('a card that asks nothing any more could not be closed', { name, start, error });
  }
}
