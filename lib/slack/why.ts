import { describeTrouble, UpstreamFailed } from '../core/errors.ts';
import { isOver } from '../core/job.ts';
import { type JobRef, jobRefText } from '../core/target.ts';
import { formatDuration } from '../core/time.ts';
import { look, type Looked } from '../kill/look.ts';
import { type Asking, jobPartition } from '../ledger/keys.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Policy } from '../policy/policy.ts';
import { linesMessage, type Message } from './cards.ts';
import { toldLine } from './history.ts';
import { type PauseReader, pauseWords, readPause } from './pause-words.ts';
import { endReasonText } from './reason-text.ts';
import { isEnd, newestTold, openRequests, type OpenRequest, type Told } from './read-ends.ts';
import { asker, code, dayAndTime, foreign, jobAge, jobLine } from './text.ts';
import { unlistedText } from './unlisted.ts';
import { whatHolds } from './what-holds.ts';
import { whatWouldHappen } from './what-would-happen.ts';

/** What answering "why" needs. */
export type WhyParts = PauseReader & { mrs: Mrs; policy: Policy; clusters: readonly Cluster[] };

const MOST_ENDS = 5;
const HELD = 'the rules below act only when nothing above holds the job back any more';
const LOOK_FOR_MS = 10_000;

/**
 * Why a job was killed or was not: the newest Ends that name it, what runs for it now, what holds it, and what would happen to it
 * now. Where MRS does not know it, or cannot be asked, it goes by what was typed. Throws LedgerFailed.
 */
export async function explainJob(parts: WhyParts, ref: JobRef, cluster: string | undefined): Promise<Message> {
  const now = new Date(parts.clock.now());
  const ages = new Date(parts.clock.wall()); // how old a job is goes by MRS's times
  const typed = jobRefText(ref);
  const looked = await lookOrSay(parts, ref, cluster);
  const job = looked.found === 'one' ? looked.job : undefined;
  const words = [...new Set([typed, ...(job === undefined ? [] : [job.job_id, job.app_id, job.launcher_id, job.job_name])])].filter((word) => word !== '');
  const listed = cluster === undefined ? undefined : findCluster(parts.clusters, cluster);
  const isMeant = (request: Pick<Asking, 'job'>): boolean => listed === undefined || request.job === undefined || request.job.cluster === listed.id;
  const [told, open, holds, pause] = await Promise.all([
    newestTold(parts, words.map(jobPartition), MOST_ENDS, isMeant),
    openRequests(parts, words, isMeant),
    job === undefined || isOver(job) ? [] : whatHolds(parts, job),
    readPause(parts),
  ]);
  const paused = pauseWords(pause);
  return together([
    subject(looked, { typed, clusters: parts.clusters }, ages),
    open.length === 0 ? undefined : linesMessage(`Open requests: ${open.length}`, open.map((request) => openLine(request, now))),
    holds.length === 0 ? undefined : linesMessage('What holds it back', holds),
    job === undefined ? undefined : linesMessage('What would happen now', [...(paused === undefined ? [] : [paused]), ...(holds.length === 0 ? [] : [HELD]), ...whatWouldHappen(parts.policy, job, ages)]),
    linesMessage(endsHeading(told, typed, open.length), told.flatMap((one) => historyLine(parts, one, now))),
  ]);
}

/** Keeps may stand between the Ends, and are no requests. */
function endsHeading(told: readonly Told[], typed: string, open: number): string {
  const ends = told.filter(isEnd).length;
  if (ends === 0) return `No request for ${code(typed)} ${open + told.length === 0 ? 'was made' : 'has ended'} in the last 30 days`;
  return `How the last ${ends === 1 ? 'request' : `${ends} requests`} ended`;
}

/** An End with its reason, or a keep; a warning that stands is told by what holds the job. */
function historyLine({ clusters }: WhyParts, told: Told, now: Date): string[] {
  const line = toldLine(clusters, told, now);
  if (isEnd(told)) return [`${line}: ${endReasonText(told, 200)}`];
  return told.what === 'kept' ? [line] : [];
}

type Found = Looked | { found: 'unread'; reason: string };

async function lookOrSay({ mrs, clusters }: WhyParts, job: JobRef, cluster: string | undefined): Promise<Found> {
  try {
    return await look(mrs, clusters, { job, cluster }, { rank: 'person', retryForMs: LOOK_FOR_MS });
  } catch (error) {
    if (!(error instanceof UpstreamFailed)) throw error;
    return { found: 'unread', reason: describeTrouble(error.trouble) };
  }
}

function subject(looked: Found, { typed, clusters }: { typed: string; clusters: readonly Cluster[] }, now: Date): Message {
  switch (looked.found) {
    case 'one':
      return linesMessage(jobLine(looked.job), [`${code(looked.job.job_state)}, ${jobAge(looked.job, now)}`]);
    case 'several':
      return linesMessage(foreign(looked.reason), looked.jobs.map((job) => `${jobLine(job)}: ${code(job.job_state)}, ${jobAge(job, now)}`));
    case 'none':
    case 'unread':
      return linesMessage(code(typed), [`${foreign(looked.reason)}; what follows is found by what you typed`]);
    case 'unlisted':
      return linesMessage(unlistedText(looked.cluster, clusters), []);
  }
}

function openLine({ asking: { by, trigger, at }, askedUntil }: OpenRequest, now: Date): string {
  const waits = askedUntil === undefined ? '' : `, waits for an answer until ${dayAndTime(askedUntil)}`;
  return `asked for by ${asker(trigger, by)} ${formatDuration(now.getTime() - at)} ago${waits}`;
}

const LONGEST_TEXT = 3_000;

/** Several messages as one. */
function together(messages: readonly (Message | undefined)[]): Message {
  const all = messages.filter((message) => message !== undefined);
  const text = all.map((message) => message.text).join('\n');
  return { text: text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT - 1)}…`, blocks: all.flatMap(({ blocks }) => blocks) };
}
