import type { MrkdwnElement } from '@slack/types';
import { isOver, type Job, pendingForMs, runningForMs } from '../core/job.ts';
import { formatDuration, utcText, utcTimeText } from '../core/time.ts';

/**
 * Makes foreign text harmless in mrkdwn: job names and alert texts are written by strangers, and `<!channel>` or `<url|label>`
 * in them would ping people or disguise links. https://docs.slack.dev/messaging/formatting-message-text/#escaping
 */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A text object of ours. Verbatim: Slack then makes no links and mentions of its own out of foreign words. */
export function mrkdwn(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

/** What shows nothing itself: control characters, and the marks that turn the direction of a text so that it reads as another. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Foreign text in one line of at most `longest` characters, escapes included: one `&` becomes five. */
export function foreign(text: string, longest = 300): string {
  const oneLine = foreignLine(text);
  if (oneLine.length <= longest) {
    const whole = escapeMrkdwn(oneLine);
    if (whole.length <= longest) return whole;
  }
  let shown = '';
  for (const letter of oneLine) {
    const next = escapeMrkdwn(letter);
    if (shown.length + next.length >= longest) break;
    shown += next;
  }
  return `${shown}…`;
}

function foreignLine(text: string): string {
  return text.toWellFormed().replace(/\s+/g, ' ').replace(INVISIBLE, '').trim();
}

/** Foreign text of at most `longest` characters, cut in its middle: what can be done, the line to run by hand, stands at the end of a reason. */
export function foreignEnds(text: string, longest: number): string {
  const whole = foreign(text, Infinity);
  if (whole.length <= longest) return whole;
  const half = Math.floor(longest / 2);
  const letters = Array.from(foreignLine(text));
  let tail = '';
  for (const letter of letters.toReversed()) {
    const next = escapeMrkdwn(letter);
    if (tail.length + next.length > half) break;
    tail = next + tail;
  }
  return foreign(text, half) + tail;
}

/** A foreign value as a code span, in which no other formatting counts. */
export function code(text: string, longest = 150): string {
  const clean = inCode(text, longest);
  return clean === '' ? '–' : `\`${clean}\``;
}

function inCode(text: string, longest: number): string {
  return foreign(text.replaceAll('`', "'"), longest);
}

/** A person as a mention; what is no Slack user id is shown as it is. */
export function person(name: string): string {
  return /^[UW][A-Z0-9]{2,30}$/.test(name) ? `<@${name}>` : code(name);
}

/** Whether an id of `slack.people` is that of a channel. */
export function isChannel(id: string): boolean {
  return /^[CG][A-Z0-9]{2,30}$/.test(id);
}

/** Whose job it is, as `slack.people` has it: a person or a channel, as a mention. */
export function owner(id: string): string {
  return isChannel(id) ? `<#${id}>` : person(id);
}

/** Who asked for a kill: only in Slack it is a person; a rule may be named like one. */
export function asker(trigger: string, requestedBy: string): string {
  return trigger === 'slack' ? person(requestedBy) : code(requestedBy);
}

const LONGEST_NAME = 100;
const LONGEST_ID = 100; // MRS's have 36

/** A job in one line: name, id, cluster. A long name is cut, an id never: jobs of one beginning could not be told apart. */
export function jobLine({ job_name: name, job_id: id, cluster }: Pick<Job, 'job_name' | 'job_id' | 'cluster'>): string {
  const shown = inCode(name, LONGEST_NAME);
  return `${shown === '' ? code(id, LONGEST_ID) : `\`${shown} (${inCode(id, LONGEST_ID)})\``} in ${code(cluster)}`;
}

/** A moment (epoch ms) as each reader's own clock shows it. https://docs.slack.dev/messaging/formatting-message-text/#date-formatting */
export function clockTime(at: number): string {
  return `<!date^${Math.floor(at / 1_000)}^{time}|${utcTimeText(at)}>`;
}

/** A day and a time (epoch ms) as each reader's own clock shows them. https://docs.slack.dev/messaging/formatting-message-text/#date-formatting */
export function dayAndTime(at: number): string {
  return `<!date^${Math.floor(at / 1_000)}^{date_short_pretty}, {time}|${utcText(at)}>`;
}

const DAY_TOLD_FROM_MS = 20 * 3_600_000;

/** A moment (epoch ms) as each reader's own clock shows it, with its day where it is far enough for somebody to take it for another. */
export function momentFrom(at: number, now: Date): string {
  return Math.abs(at - now.getTime()) < DAY_TOLD_FROM_MS ? clockTime(at) : dayAndTime(at);
}

/** How long a job has been running or waiting, in words. */
export function jobAge(job: Job, now: Date): string {
  if (isOver(job)) return `over, ran ${formatDuration(job.elapsed_time)}`;
  const runningMs = runningForMs(job, now);
  if (runningMs !== undefined) return `running for ${formatDuration(runningMs)}`;
  const pendingMs = pendingForMs(job, now);
  return pendingMs === undefined ? 'not started' : `waiting for ${formatDuration(pendingMs)}`;
}

const LONGEST_LINK = 1_500; // of the 2,000 that a field takes, as it is sent

/** A link that Slack shows under `label`; '' unless it is https, and where it is too long to be shown. */
export function httpsLink(url: string, label: string): string {
  if (url.length > LONGEST_LINK || !URL.canParse(url)) return '';
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:') return '';
  const link = `<${escapeMrkdwn(href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C'))}|${label}>`;
  return link.length <= LONGEST_LINK ? link : '';
}
