import { formatDuration } from '../core/duration.ts';
import { isOver, type Job, jobLabel, pendingForMs, runningForMs } from '../core/job.ts';

/**
 * Makes foreign text harmless in mrkdwn: job names and alert texts are written by strangers, and `<!channel>` or `<url|label>`
 * in them would ping people or disguise links. https://docs.slack.dev/messaging/formatting-message-text/#escaping
 */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Foreign text in one line of at most `longest` characters before it is escaped. */
export function foreign(text: string, longest = 300): string {
  const oneLine = text.replace(/\s+/g, ' ').trim();
  const letters = Array.from(oneLine);
  return escapeMrkdwn(letters.length <= longest ? oneLine : `${letters.slice(0, longest - 1).join('')}…`);
}

/** A foreign value as a code span, in which no other formatting counts. */
export function code(text: string, longest = 150): string {
  const clean = foreign(text.replaceAll('`', "'"), longest);
  return clean === '' ? '–' : `\`${clean}\``;
}

/** A person as a mention; what is no Slack user id is shown as it is. */
export function person(name: string): string {
  return /^[UW][A-Z0-9]{2,}$/.test(name) ? `<@${name}>` : code(name);
}

/** A job in one line: name, id, cluster. */
export function jobLine(job: Job): string {
  return `${code(jobLabel(job))} in ${code(job.cluster)}`;
}

/** How long a job has been running or waiting, in words. */
export function jobAge(job: Job, now: Date): string {
  if (isOver(job)) return `over, ran ${formatDuration(job.elapsed_time)}`;
  const runningMs = runningForMs(job, now);
  if (runningMs !== undefined) return `running for ${formatDuration(runningMs)}`;
  const pendingMs = pendingForMs(job, now);
  return pendingMs === undefined ? 'not started' : `waiting for ${formatDuration(pendingMs)}`;
}

/** A link that Slack shows under `label`; '' unless it is https. */
export function httpsLink(url: string, label: string): string {
  if (!URL.canParse(url) || url.length > 1_000) return '';
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:') return '';
  return `<${escapeMrkdwn(href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C'))}|${label}>`;
}
