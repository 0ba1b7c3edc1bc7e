import { isOver, type Job } from '../core/job.ts';
import type { Reporter, View } from '../core/report.ts';
import type { MessageRef, Requested } from '../core/request.ts';
import { endOfEntry } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { requestKnown } from '../kill/remember.ts';
import { JobSeen, runJob } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { FIRST_WORDS } from './cards.ts';
import { foreignEnds, momentFrom, person } from './text.ts';
import { lookAtWarned } from './warned-job.ts';
import { readWarning, type Warning } from './warning-state.ts';

type Parts = { ledger: Ledger; clock: { now: () => number }; reporter: Reporter; mrs: Mrs; clusters: readonly Cluster[] };

const LOOK_FOR_MS = 2_000;
const LONGEST_REASON = 300;

/**
 * A click on a warning that changed nothing: what its person is told holds now. Its cards say the same then, as far as nobody else
 * writes on them: what a warning handed on to does. `card` is the message that was clicked. Throws LedgerFailed.
 */
export async function tellLateClick(parts: Parts, log: Log, { start: id, card }: { start: StartId; card?: MessageRef | undefined }): Promise<string> {
  const { ledger, clock } = parts;
  const now = new Date(clock.now());
  const warning = await readWarning(parts, id);
  const { began, state, cards } = warning;
  const [entry] = await ledger.get([runJob(id.name)], { now: clock.now() });
  const seen = JobSeen.safeParse(entry?.value).data ?? (state.is === 'ended' ? state.end.job : undefined);
  const job = await lookAtWarned(parts, { seen, began }, { retryForMs: LOOK_FOR_MS });
  const request = requestKnown(began, seen?.job_id);
  const found = job === 'gone' ? undefined : job;
  switch (state.is) {
    case 'ended': {
      const { end } = state;
      const asked: Requested = { ...request, trigger: end.trigger, requestedBy: end.by, reason: end.why };
      const view: View = { stage: 'end', end: { ...endOfEntry(end), ...(found && { job: found }) }, tookMs: (end.ended ?? clock.now()) - end.at };
      await showOn(parts, log, asked, view, cards);
      return `${FIRST_WORDS[end.outcome]}: ${foreignEnds(end.reason, LONGEST_REASON)}`;
    }
    case 'kept': {
      const { until, by, usedMs, warned } = state;
      if (until <= now.getTime()) return 'It was kept, and that is over; this click changed nothing.';
      if (found !== undefined && !isOver(found) && by !== undefined && card !== undefined) {
        const keepAtMostMs = warned?.keepAtMostMs ?? warned?.keepMs;
        await showOn(parts, log, request, { stage: 'kept', job: found, until, by, isOwner: warned?.owner === by, usedMs, keepAtMostMs }, [card]);
      }
      return `Kept until ${momentFrom(until, now)}${by === undefined ? '' : ` by ${person(by)}`}; this click changed nothing.`;
    }
    case 'handed-on':
      return state.to === 'warning' ? 'There is a newer warning below; this click changed nothing.' : `The kill is on its way${state.by === undefined ? '' : `: ${person(state.by)} clicked Kill now`}; this click changed nothing.`;
    case 'open':
      return tellOpen(parts, log, { request, warning, job });
  }
}

/** Nobody answered it yet, so the click was held back by what the job is. */
async function tellOpen(parts: Parts, log: Log, { request, warning: { began, cards }, job }: { request: Requested; warning: Warning; job: Job | 'gone' | undefined }): Promise<string> {
  if (job === 'gone') return 'MRS does not know this job any more, so there is nothing to keep or to kill.';
  if (job === undefined || !isOver(job)) return 'This click changed nothing; please click again.';
  const reason = `it ended before: ${job.job_state}, result ${job.job_result}`;
  await showOn(parts, log, request, { stage: 'end', end: { outcome: 'already-over', job, reason }, tookMs: parts.clock.now() - (began?.at ?? parts.clock.now()) }, cards);
  return `${FIRST_WORDS['already-over']}: ${foreignEnds(reason, LONGEST_REASON)}; there is nothing to keep or to kill.`;
}

/** Trouble is logged: a card is all that suffers. */
async function showOn({ reporter }: Parts, log: Log, request: Requested, view: View, cards: readonly MessageRef[]): Promise<void> {
  for (const card of cards) {
    await reporter.show(request, view, card).catch((error: unknown) => log.warn('a card of a warning could not be updated', { card, stage: view.stage, error }));
  }
}
