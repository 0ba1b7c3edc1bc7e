import type { ActionsBlock, Button, ContextBlock, KnownBlock, SectionBlock } from '@slack/types';
import { formatDuration } from '../core/time.ts';
import type { End, Outcome } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { View } from '../core/report.ts';
import { type Requested, targetText } from '../core/request.ts';
import { DECLINE, KILL, START, writeButtonValue } from './button.ts';
import { asker, code, foreign, httpsLink, jobAge, jobLine, mrkdwn, person } from './text.ts';

/** A message: `text` is what notifications and old clients show. */
export type Message = { text: string; blocks: KnownBlock[] };

/** The first words of each end; people and scripts know them by these. */
export const FIRST_WORDS: Record<Outcome, string> = {
  killed: 'Killed',
  'finished-first': 'Ended by itself',
  'already-over': 'Already over',
  'would-kill': 'Would be killed (dry run)',
  refused: 'Refused',
  declined: 'Declined',
  expired: 'Expired',
  'not-found': 'Not found',
  ambiguous: 'Ambiguous',
  'still-running': 'Still running',
  failed: 'Failed',
  // No message says these: people were told already, or get the answer to their request.
  notified: 'Notified',
  ignored: 'Ignored',
  accepted: 'Accepted',
};

const MOST_CANDIDATES = 5;

/** The message for a view of a request. Stays within Slack's limits for any job and any text: every foreign part is cut. */
export function cardFor(request: Requested, view: View, now: Date): Message {
  switch (view.stage) {
    case 'ask': {
      const title = view.question.who === 'approver' ? 'Kill this job? An approver has to agree' : 'Kill this job? Please confirm';
      const subject = `${title}: ${jobLine(view.job)}`;
      const buttons = view.buttons === undefined ? [] : answerButtons(request, view.question.who, view.buttons);
      return { text: subject, blocks: [section(`*${title}*`), facts(view.job, now), askedBy(request), ...buttons] };
    }
    case 'killing':
      return { text: `Killing … ${jobLine(view.job)}`, blocks: [section('*Killing …*'), facts(view.job, now), askedBy(request)] };
    case 'end':
      return endCard(request, view.end, view.tookMs, now);
    case 'notify':
      return {
        text: `${foreign(request.requestedBy)}: ${jobLine(view.job)}`,
        blocks: [section(`*${foreign(request.requestedBy)}*`), facts(view.job, now), askedBy(request), ...startButton(view.job)],
      };
  }
}

/** The facts of one job, for whoever asked to see them. */
export function jobCard(job: Job, now: Date): Message {
  return { text: jobLine(job), blocks: [facts(job, now)] };
}

function endCard(request: Requested, end: End, tookMs: number, now: Date): Message {
  const words = end.outcome === 'refused' && end.rule !== undefined ? `${FIRST_WORDS.refused}: ${foreign(end.rule, 60)}` : FIRST_WORDS[end.outcome];
  const subject = end.job ? jobLine(end.job) : code(targetText(request.target));
  const answered = end.answeredBy === undefined ? '' : `, answered by ${person(end.answeredBy)}`;
  const candidates = (end.candidates ?? [])
    .slice(0, MOST_CANDIDATES)
    .flatMap((job) => [section(`${jobLine(job)}: ${code(job.job_state)}, ${jobAge(job, now)}`), ...startButton(job)]);
  return {
    text: `${words}: ${subject}`,
    blocks: [
      section(`*${words}*: ${subject}`),
      section(foreign(end.reason, 500)),
      ...(end.job ? [facts(end.job, now)] : []),
      ...candidates,
      context(`${askedByText(request)}${answered}; took ${formatDuration(tookMs)}`),
    ],
  };
}

function answerButtons(request: Requested, who: 'requester' | 'approver', { name, start }: { name: string; start: number }): ActionsBlock[] {
  const value = writeButtonValue({ do: 'decide', name, start, who, requestedBy: request.person ?? '' });
  if (value === undefined) return [];
  return actions(
    { type: 'button', action_id: KILL, style: 'danger', text: plain('Kill'), value },
    { type: 'button', action_id: DECLINE, text: plain('Keep it'), value },
  );
}

function startButton(job: Job): ActionsBlock[] {
  const value = writeButtonValue({ do: 'start', cluster: job.cluster, jobId: job.job_id });
  return value === undefined ? [] : actions({ type: 'button', action_id: START, style: 'danger', text: plain('Kill this one'), value });
}

/** What a person needs to know before the click. */
function facts(job: Job, now: Date): SectionBlock {
  const tracking = httpsLink(job.tracking_url, 'open');
  const rows: [string, string][] = [
    ['Name', code(job.job_name)],
    ['Cluster', code(job.cluster)],
    ['Type', code(job.job_type)],
    ['State', `${code(job.job_state)}, ${jobAge(job, now)}`],
    ['User', code(job.user)],
    ['Queue', code(job.queue)],
    ['Job id', code(job.job_id)],
    ['YARN id', code(job.app_id || job.launcher_id)],
    ...(tracking === '' ? [] : [['Tracking', tracking] as [string, string]]),
  ];
  return { type: 'section', fields: rows.map(([label, value]) => mrkdwn(`*${label}*\n${value}`)) };
}

function askedBy(request: Requested): ContextBlock {
  return context(askedByText(request));
}

function askedByText({ trigger, requestedBy, reason }: Requested): string {
  return `asked for by ${asker(trigger, requestedBy)}${reason === '' ? '' : `, because ${foreign(reason)}`}`;
}

function section(text: string): SectionBlock {
  return { type: 'section', text: mrkdwn(text === '' ? '–' : text) };
}

function context(text: string): ContextBlock {
  return { type: 'context', elements: [mrkdwn(text)] };
}

function actions(...elements: Button[]): ActionsBlock[] {
  return [{ type: 'actions', elements }];
}

function plain(text: string): Button['text'] {
  return { type: 'plain_text', text };
}

const MOST_LINES = 20;
const LONGEST_LINES = 2_900; // of the 3,000 that a section takes

/** A heading and its lines, cut to what fits into one section, with the number of those left out. */
export function linesMessage(heading: string, lines: readonly string[]): Message {
  const shown: string[] = [];
  let length = heading.length;
  for (const line of lines.slice(0, MOST_LINES)) {
    if (length + line.length + 3 > LONGEST_LINES - 40) break;
    shown.push(`• ${line}`);
    length += line.length + 3;
  }
  const rest = lines.length - shown.length;
  return plainMessage([`*${heading}*`, ...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n'));
}

/** Text as the whole message. */
export function plainMessage(text: string): Message {
  return { text, blocks: [section(text)] };
}
