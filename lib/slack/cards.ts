import type { ActionsBlock, Button, ContextBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Outcome } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import { code, httpsLink, jobAge, jobLine, mrkdwn } from './text.ts';

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

/** The facts of one job, for whoever asked to see them. */
export function jobCard(job: Job, now: Date): Message {
  return { text: jobLine(job), blocks: [facts(job, now)] };
}

/** What a person needs to know before the click. */
export function facts(job: Job, now: Date): SectionBlock {
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

/** A section of text of ours; what is foreign in it was made harmless. */
export function section(text: string): SectionBlock {
  return { type: 'section', text: mrkdwn(text === '' ? '–' : text) };
}

/** Small print, each text an element. */
export function context(...texts: string[]): ContextBlock {
  return { type: 'context', elements: texts.map(mrkdwn) };
}

/** Buttons in a row. */
export function actions(...elements: Button[]): ActionsBlock {
  return { type: 'actions', elements };
}

/** The text of a button. */
export function plain(text: string): Button['text'] {
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
