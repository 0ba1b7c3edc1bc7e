import type { ActionsBlock, KnownBlock } from '@slack/types';
import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { CardOf, View } from '../core/report.ts';
import { type Requested, targetText } from '../core/request.ts';
import { formatDuration } from '../core/time.ts';
import { afterWarning, alertText, approversText, askedByText, background, keptText, pickText } from './background.ts';
import { DECLINE, KILL, START, writeButtonValue } from './button.ts';
import { actions, context, facts, FIRST_WORDS, type Message, plain, section } from './cards.ts';
import { endReasonText } from './reason-text.ts';
import { warningCard } from './warning-card.ts';
import { asker, clockTime, code, foreign, jobAge, jobLine, person } from './text.ts';

const MOST_CANDIDATES = 5;
const LONGEST_REASON = 700; // what was answered, and the line to run by hand

/** The message for a view of a request. Stays within Slack's limits for any job and any text: every foreign part is cut. */
export function cardFor(request: Requested, view: View, now: Date): Message {
  switch (view.stage) {
    case 'ask':
      return askCard(request, view, now);
    case 'warn':
    case 'kept':
    case 'handed-on':
      return warningCard(request, view, now);
    case 'killing':
      return { text: `Killing … ${jobLine(view.job)}`, blocks: [section('*Killing …*'), facts(view.job, now), background(request, ...keptText(view.kept, now))] };
    case 'end':
      return view.end.outcome === 'notified' ? noticeEndCard(request, view, now) : endCard(request, view, now);
    case 'notify': {
      const title = `${view.dryRun ? 'Dry run: ' : ''}${foreign(request.requestedBy)}`;
      const button = view.buttons === undefined ? [] : startButton(view.job, { of: view.buttons, dryRun: view.dryRun });
      return { text: `${title}: ${jobLine(view.job)}`, blocks: [section(`*${title}*`), facts(view.job, now), background(request, ...keptText(view.kept, now)), ...button] };
    }
  }
}

function askCard(request: Requested, { job, question: { who }, until, mayApprove, dryRun, kept, buttons }: Extract<View, { stage: 'ask' }>, now: Date): Message {
  const title = `${dryRun ? 'Dry run: kill' : 'Kill'} this job? ${who === 'approver' ? 'An approver has to approve it' : 'Please confirm'}`;
  const may = who === 'approver' ? `may be approved by ${approversText(mayApprove)}` : `to be confirmed by ${asker(request.trigger, request.person ?? request.requestedBy)}`;
  return {
    text: `${title}: ${jobLine(job)}`,
    blocks: [
      section(`*${title}*`),
      facts(job, now),
      background(request, `${may}, until ${clockTime(until)}`, ...(dryRun ? ['nothing is killed in a dry run'] : []), ...keptText(kept, now)),
      ...(buttons === undefined ? [] : answerButtons(request, { who, buttons, dryRun })),
    ],
  };
}


type EndView = Extract<View, { stage: 'end' }>;

function subjectOf(request: Requested, { end, seen }: EndView): string {
  const job = end.job ?? seen;
  return job ? jobLine(job) : code(targetText(request.target));
}

function endCard(request: Requested, view: EndView, now: Date): Message {
  const { end, tookMs } = view;
  const words = end.outcome === 'refused' && end.rule !== undefined ? `${FIRST_WORDS.refused}: ${foreign(end.rule, 60)}` : FIRST_WORDS[end.outcome];
  const subject = subjectOf(request, view);
  const candidates = (end.candidates ?? [])
    .slice(0, MOST_CANDIDATES)
    .flatMap((job) => [section(`${jobLine(job)}: ${code(job.job_state)}, ${jobAge(job, now)}`), ...startButton(job)]);
  return {
    text: `${words}: ${subject}`,
    blocks: [
      section(`*${words}*: ${subject}`),
      section(endReasonText(end, LONGEST_REASON)),
      ...(end.job ? [facts(end.job, now)] : []),
      ...candidates,
      context(...alertText(request), ...pickText(request), ...afterWarning(request, end), `${askedByText(request)}${answeredText(end)}; took ${formatDuration(tookMs)}`),
    ],
  };
}

/** A card that only told people stays what it was; only its button goes, and it says why. */
function noticeEndCard(request: Requested, view: EndView, now: Date): Message {
  const { end } = view;
  const title = foreign(request.requestedBy);
  const blocks: KnownBlock[] = [section(`*${title}*`), section(endReasonText(end, LONGEST_REASON)), ...(end.job ? [facts(end.job, now)] : [])];
  return {
    text: `${title}: ${subjectOf(request, view)}`,
    blocks: [...blocks, context(...alertText(request), ...pickText(request), `${askedByText(request)}${answeredText(end)}`)],
  };
}

function answeredText({ answeredBy }: End): string {
  return answeredBy === undefined ? '' : `, answered by ${person(answeredBy)}`;
}

function answerButtons(request: Requested, { who, buttons: { name, start }, dryRun }: { who: 'requester' | 'approver'; buttons: CardOf; dryRun: boolean }): ActionsBlock[] {
  const value = writeButtonValue({ do: 'decide', name, start, who, requestedBy: request.person ?? '' });
  if (value === undefined) return [];
  return [actions(
    { type: 'button', action_id: KILL, style: 'danger', text: plain(dryRun ? 'Would kill' : 'Kill'), value },
    { type: 'button', action_id: DECLINE, text: plain('Decline'), value },
  )];
}

/** `of`: whose card it stands on, where that card is to lose it. */
function startButton(job: Job, { of, dryRun = false }: { of?: CardOf; dryRun?: boolean } = {}): ActionsBlock[] {
  const value = writeButtonValue({ do: 'start', cluster: job.cluster, jobId: job.job_id, ...(of && { of: { name: of.name, start: of.start } }) });
  return value === undefined ? [] : [actions({ type: 'button', action_id: START, style: 'danger', text: plain(dryRun ? 'Would kill this one' : 'Kill this one'), value })];
}
