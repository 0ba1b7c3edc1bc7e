import type { End } from '../core/end.ts';
import { UpstreamFailed } from '../core/errors.ts';
import type { Reporter } from '../core/report.ts';
import type { Requested, Target } from '../core/request.ts';
import { look } from '../kill/look.ts';
import { notifiedEnd } from '../kill/notify.ts';
import { endOfEntry } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { type Known, listAll, readKnown, requestKnown } from '../kill/remember.ts';
import { startPartition } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';

type Parts = { ledger: Ledger; clock: { now: () => number }; reporter: Reporter; mrs: Mrs; clusters: readonly Cluster[] };

const LOOK_FOR_MS = 2_000;

/**
 * Says on its cards how a start ended, or that the kill of what it only told people was asked for, which takes their buttons away;
 * nothing while neither holds. Trouble is logged: a card is all that suffers.
 */
export async function closeCard(parts: Parts, log: Log, { name, start }: StartId): Promise<void> {
  const { ledger, clock, reporter } = parts;
  try {
    const now = clock.now();
    const known = readKnown(start, [], await listAll(ledger, startPartition(name), now));
    const { cards, job, opened } = known;
    if (cards.length === 0) return;
    const request = requestKnown(opened, job?.job_id);
    const end = await endSoFar(parts, request, known);
    if (end === undefined) return;
    const tookMs = known.end === undefined ? 0 : (known.end.ended ?? now) - known.end.at;
    for (const card of cards) await reporter.show(request, { stage: 'end', end, tookMs }, card);
  } catch (error) {
    log.warn('a card that asks nothing any more could not be closed', { name, start, error });
  }
}

/** What a card that only tells people says once it was clicked is what its run will say: the run may look again only in 10 min. */
async function endSoFar({ mrs, clusters }: Parts, { target }: Requested, { end, answer }: Pick<Known, 'end' | 'answer'>): Promise<End | undefined> {
  if (end !== undefined && (end.outcome !== 'notified' || 'pick' in target)) return endOfEntry(end);
  if (end === undefined && answer?.what !== 'kill') return undefined;
  const job = await jobOf(mrs, clusters, target as Target);
  if (end !== undefined) return { ...endOfEntry(end), ...(job && { job }) };
  return job && notifiedEnd({ job, ...(answer?.by !== undefined && { by: answer.by }) });
}

async function jobOf(mrs: Mrs, clusters: readonly Cluster[], target: Target) {
  try {
    const looked = await look(mrs, clusters, target, { rank: 'person', retryForMs: LOOK_FOR_MS });
    return looked.found === 'one' ? looked.job : undefined;
  } catch (error) {
    if (error instanceof UpstreamFailed) return undefined;
    throw error;
  }
}
