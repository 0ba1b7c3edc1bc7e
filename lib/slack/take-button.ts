import type { KnownBlock } from '@slack/types';
import type { Log } from '../log/log.ts';
import type { SpentButton } from './later.ts';
import { type CallSlack, SlackFailed } from './web-api.ts';

/** Takes a button that has done its work off its message, and leaves the rest as it stands. Trouble is logged: a card is all that suffers. */
export async function takeButton(callSlack: CallSlack, log: Log, { card, value, text, blocks }: SpentButton): Promise<void> {
  const left = withoutButton(blocks, value);
  if (left.length === 0 || JSON.stringify(left) === JSON.stringify(blocks)) return;
  try {
    await callSlack('chat.update', { ...card, text, blocks: left });
  } catch (error) {
    if (!(error instanceof SlackFailed)) throw error;
    log.warn('a button could not be taken off its message', { error });
  }
}

function withoutButton(blocks: readonly KnownBlock[], value: string): KnownBlock[] {
  return blocks.flatMap((block): KnownBlock[] => {
    if (block.type !== 'actions') return [block];
    const elements = block.elements.filter((element) => element.type !== 'button' || element.value !== value);
    return elements.length === 0 ? [] : [{ ...block, elements }];
  });
}
