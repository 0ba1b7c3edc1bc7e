import type { KnownBlock, TextObject } from '@slack/types';
import type { SlackVersion } from '../../test/simulator/slack-workspace.ts';
import { buttonsOf } from '../../test/simulator/slack-client.ts';

/** A message as its readers see it, in lines: titles, fields, small print, buttons in brackets. */
export function messageLines({ text, blocks }: SlackVersion): string[] {
  const lines = blocks.length === 0 ? [plainText(text)] : blocks.flatMap(blockLines);
  return lines.flatMap((line) => line.split('\n'));
}

function blockLines(block: KnownBlock): string[] {
  switch (block.type) {
    case 'section':
      return [...(block.text ? [textOf(block.text)] : []), ...(block.fields ?? []).map((field) => `  ${textOf(field).replace('\n', ': ')}`), ...buttonLine(block)];
    case 'context':
      return [block.elements.map((element) => ('text' in element ? plainText(String(element.text)) : '')).join(' · ')];
    case 'header':
      return [textOf(block.text)];
    case 'actions':
      return buttonLine(block);
    default:
      return [];
  }
}

function buttonLine(block: KnownBlock): string[] {
  const buttons = buttonsOf({ blocks: [block] });
  return buttons.length === 0 ? [] : [buttons.map(({ text }) => `[${text.text}]`).join(' ')];
}

function textOf({ type, text }: TextObject): string {
  return type === 'mrkdwn' ? plainText(text) : text;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>' };

/** mrkdwn without its marks: mentions by id, links with their address, dates as Slack shows them where it cannot tell the reader's zone. */
function plainText(text: string): string {
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<([@#])([^|>]+)(?:\|[^>]*)?>/g, '$1$2')
    .replace(/<([^!|>][^|>]*)\|([^>]*)>/g, '$2 ($1)')
    .replace(/(^|\s)\*([^*\n]+)\*(?=[\s:,.]|$)/gm, '$1$2')
    .replace(/&(amp|lt|gt);/g, (_, name: string) => ENTITIES[name] ?? '');
}
