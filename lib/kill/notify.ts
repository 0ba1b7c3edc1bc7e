import { isDryRun } from '../core/dry-run.ts';
import type { End } from '../core/end.ts';
import { isOver, type Job } from '../core/job.ts';
import type { View } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import { Answer, startAnswer, startPartition } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { readKeptBy } from './brake.ts';
import { nextDelaySec } from './follow.ts';
import type { Ended } from './kill-and-follow.ts';
import { rememberTold } from './no.ts';
import type { Run } from './parts.ts';
import { lookAgain } from './post.ts';
import { listAll, readKnown } from './remember.ts';
import { logLost } from './show-view.ts';
import { standCard } from './stand-card.ts';

/** How long its card is tried. */
export const POST_FOR_MS = 30 * 60_000;
const REMEMBER_FOR_SEC = 10 * 60;
const LATER_DELAY_SEC = 10 * 60;
/** How long its button may stand. */
const FOLLOW_FOR_MS = 8 * 3_600_000;
/** How long it may take from its start to its End, with half an hour for all between. */
export const NOTICE_LIVES_MS = POST_FOR_MS + FOLLOW_FOR_MS + 30 * 60_000;

/**
 * A request that only tells people: its card has a button, whose click is a request of that person. The button stands until it is
 * clicked or the job is over: the job is looked at as a dying one is, then every 10 min, for 8 h at most. `began`: its start (epoch ms).
 */
export async function notify(parts: Run, request: KillRequest, { cluster, job, began }: { cluster: Cluster; job: Job; began: number }): Promise<Ended> {
  const view: View = { stage: 'notify', job, dryRun: isDryRun(parts.policy, { trigger: 'slack', dryRun: false }) };
  const card = await parts.moves.step('notify', () => showNotice(parts, request, view), POST_FOR_MS / 1_000).catch(async (error: unknown) => {
    await logLost(parts, 'notify', request, view, error);
    return undefined;
  });
  if (card === undefined) return { end: { outcome: 'failed', code: 'not_told', reason: 'no message about this job could be posted; nothing was killed; check slack.channel and SLACK_BOT_TOKEN (npm run check-config)', job } };
  await parts.moves.step('remember-told', () => rememberTold(parts, request, job, began), REMEMBER_FOR_SEC).catch(() => undefined);
  return { end: notifiedEnd(await followNotice(parts, cluster, job, began + POST_FOR_MS + FOLLOW_FOR_MS)), card };
}

async function showNotice(parts: Run, request: KillRequest, bare: Extract<View, { stage: 'notify' }>): Promise<MessageRef | undefined> {
  const { show, ledger, clock, id } = parts;
  if (show === undefined) return undefined;
  const { cards } = readKnown(id.start, [], await listAll(ledger, startPartition(id.name), clock.now()));
  // Whoever clicks is a person, whom no keep holds back.
  const told = { ...bare, kept: await readKeptBy(parts, { trigger: 'slack' }, bare.job.job_id) };
  return standCard({ show, ledger, clock, id }, request, { bare: told, live: { ...told, buttons: id }, stood: cards.at(-1) });
}

/** What is carried from look to look. `since` is epoch ms; `by`: who clicked. */
type State = { job: Job; isGone?: boolean; by?: string; since?: number; isLate?: boolean; delaySec?: number };

/** A look, or a read of the ledger, that fails is passed over: the next one may tell. `untilMs`: then it ends whoever has taken over. */
function followNotice({ moves, mrs, ledger, clock, id, pace }: Run, cluster: Cluster, job: Job, untilMs: number): Promise<State> {
  const { followIntervalSec, followTimeoutSec } = pace;
  return moves.repeat<State>(
    'follow-notice',
    { job },
    async (before) => {
      const now = clock.now();
      const since = before.since ?? now;
      const by = await readClick();
      const seen = by === undefined ? await lookAgain(mrs, cluster, job, { rank: 'follow', retryForMs: 0 }) : undefined;
      const isEarly = now - since < followTimeoutSec * 1_000;
      return {
        job: seen?.kind === 'job' ? seen.job : before.job,
        since,
        isLate: now - since >= FOLLOW_FOR_MS || now >= untilMs,
        delaySec: isEarly ? nextDelaySec(followIntervalSec, before.delaySec) : LATER_DELAY_SEC,
        ...(seen?.kind === 'not-found' && { isGone: true }),
        ...(by !== undefined && { by }),
      };
    },
    ({ job: seen, isGone, by, isLate, delaySec }) => (isOver(seen) || isGone || by !== undefined || isLate ? undefined : delaySec),
  );

  async function readClick(): Promise<string | undefined> {
    try {
      const [entry] = await ledger.get([startAnswer(id.name, id.start)], { now: clock.now() });
      return Answer.safeParse(entry?.value).data?.by;
    } catch (error) {
      if (error instanceof LedgerFailed) return undefined;
      throw error;
    }
  }
}

/** The end of a request that told people, which the card says in place of its button. */
export function notifiedEnd({ job, isGone = false, by }: Pick<State, 'job' | 'isGone' | 'by'>): End {
  const end = { outcome: 'notified', job } as const;
  if (by !== undefined) return { ...end, answeredBy: by, reason: 'somebody asked for the kill of this job; that has a message of its own' };
  if (isOver(job)) return { ...end, reason: `the job is over: ${job.job_state}, result ${job.job_result}` };
  if (isGone) return { ...end, reason: 'MRS does not know the job any more' };
  return { ...end, reason: `nobody clicked within 8 h, so the button is gone; to kill the job: /mrs kill ${job.job_id} on ${job.cluster}` };
}
