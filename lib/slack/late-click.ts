import { isOver, type Job } from '../core/job.ts';
import type { Reporter, View } from '../core/report.ts';
import type { MessageRef, Requested } from '../core/request.ts';
import { alreadyOverText } from '../kill/examine.ts';
import { endOfEntry } from '../kill/history-entries.ts';
import type { StartId } from '../kill/start-id.ts';
import { requestKnown } from '../kill/remember.ts';
import { JobSeen, runJob } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { FIRST_WORDS } from './cards.ts';
import { reasonText } from './reason-text.ts';
import { foreignEnds, momentFrom, person } from './text.ts';
import { lookAtWarned } from './warned-job.ts';
import { readWarning, type Warning, type WarningState } from './warning-state.ts';

type Parts = { ledger: Ledger; clock: { now: () => number }; reporter: Reporter; mrs: Mrs; clusters: readonly Cluster[] };
type Late = Warning & { id: StartId; request: Requested; job: Job | 'gone' | undefined; card: MessageRef | undefined };

const LOOK_FOR_MS = 2_000;
const LONGEST_REASON = 300;

/**
 * A click on a warning that changed nothing: what its person is told holds now. The message that was clicked (`card`) says the same
 * then, and has no buttons; of a warning that has ended all of them do. Throws LedgerFailed.
 */
export async function tellLateClick(parts: Parts, log: Log, { start: id, card }: { start: StartId; card?: MessageRef | undefined }): Promise<string> {
  const { ledger, clock } = parts;
  const warning = await readWarning(parts, id);
  const { began, state } = warning;
  const [entry] = await ledger.get([runJob(id.name)], { now: clock.now() });
  const seen = JobSeen.safeParse(entry?.value).data ?? (state.is === 'ended' ? state.end.job : undefined);
  const job = await lookAtWarned(parts, { seen, began }, { rank: 'person', retryForMs: LOOK_FOR_MS });
  const late: Late = { ...warning, id, request: requestKnown(began, seen?.job_id), job, card };
  switch (state.is) {
    case 'ended':
      await showEnd(parts, log, late, state);
      return `${FIRST_WORDS[state.end.outcome]}: ${reasonText(state.end.reason, LONGEST_REASON)}`;
    case 'kept':
      return tellKept(parts, log, late, state);
    case 'handed-on':
      return tellHandedOn(parts, log, late, state);
    case 'open':
      return tellOpen(parts, log, late);
  }
}

async function tellKept(parts: Parts, log: Log, late: Late, { until, by, usedMs, warned }: Extract<WarningState, { is: 'kept' }>): Promise<string> {
  const now = parts.clock.now();
  if (until <= now) return 'The job was kept, and that time is over; this click changed nothing.';
  if (by !== undefined) await showOnClicked(parts, log, late, (job) => ({ stage: 'kept', job, until, by, isOwner: warned?.owner === by, usedMs, keepAtMostMs: warned?.keepAtMostMs }));
  return `Kept until ${momentFrom(until, new Date(now))}${by === undefined ? '' : ` by ${person(by)}`}; this click changed nothing.`;
}

async function tellHandedOn(parts: Parts, log: Log, late: Late, { to, by }: Extract<WarningState, { is: 'handed-on' }>): Promise<string> {
  await showOnClicked(parts, log, late, (job) => ({ stage: 'handed-on', job, to, by }));
  if (to === 'warning') return 'There is a newer warning below; this click changed nothing.';
  return `The kill is on its way${by === undefined ? '' : `: ${person(by)} clicked Kill now`}; this click changed nothing.`;
}

/** Nobody answered it yet, so the click was held back by what the job is. */
async function tellOpen(parts: Parts, log: Log, { request, began, cards, job }: Late): Promise<string> {
  if (job === 'gone') return 'MRS does not know this job any more; there is nothing to keep or to kill.';
  if (job === undefined || !isOver(job)) return 'This click changed nothing; please click again.';
  const reason = alreadyOverText(job);
  const now = parts.clock.now();
  await showOn(parts, log, request, { stage: 'end', end: { outcome: 'already-over', job, reason }, tookMs: now - (began?.at ?? now), isCopy: true }, cards);
  return `${FIRST_WORDS['already-over']}: ${foreignEnds(reason, LONGEST_REASON)}; there is nothing to keep or to kill.`;
}

/** An end may have come meanwhile: it is the last word. */
async function showOnClicked(parts: Parts, log: Log, late: Late, viewOf: (job: Job) => View): Promise<void> {
  const { request, job, card, id } = late;
  if (card === undefined || job === undefined || job === 'gone' || isOver(job)) return;
  await showOn(parts, log, request, viewOf(job), [card]);
  const { state, cards } = await readWarning(parts, id);
  if (state.is === 'ended') await showEnd(parts, log, { ...late, cards }, state);
}

/** On the messages of all rounds; one that is gone is not posted anew: whoever ended it has said so. */
async function showEnd(parts: Parts, log: Log, { request, job, cards }: Late, { end }: Extract<WarningState, { is: 'ended' }>): Promise<void> {
  const asked: Requested = { ...request, trigger: end.trigger, requestedBy: end.by, reason: end.why };
  const found = job === undefined || job === 'gone' ? {} : { job };
  await showOn(parts, log, asked, { stage: 'end', end: { ...endOfEntry(end), ...found }, tookMs: (end.ended ?? parts.clock.now()) - end.at, isCopy: true }, cards);
}

/** Trouble is logged: a card is all that suffers. */
async function showOn({ reporter }: Parts, log: Log, request: Requested, view: View, cards: readonly MessageRef[]): Promise<void> {
  for (const card of cards) {
    await reporter.show(request, view, card).catch((error: unknown) => log.warn('a card of a warning could not be updated', { card, stage: view.stage, error }));
  }
}
