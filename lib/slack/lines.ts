import type { Message } from './cards.ts';
import { mrkdwn } from './text.ts';

const MOST_LINES = 20;
const LONGEST_TEXT = 2_900; // of the 3,000 that a section takes

/** A heading and its lines, cut to what fits into one section, with the number of those left out. */
export function linesMessage(heading: string, lines: readonly string[]): Message {
  const shown: string[] = [];
  let length = heading.length;
  for (const line of lines.slice(0, MOST_LINES)) {
    if (length + line.length + 3 > LONGEST_TEXT - 40) break;
    shown.push(`• ${line}`);
    length += line.length + 3;
  }
  const rest = lines.length - shown.length;
  return plainMessage([`*${heading}*`, ...shown, ...(rest > 0 ? [`… and ${rest} more`] : [])].join('\n'));
}

/** Text as the whole message. */
export function plainMessage(text: string): Message {
  return { text, blocks: [{ type: 'section', text: mrkdwn(text) }] };
}
