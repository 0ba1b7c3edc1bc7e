import { expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import { takeButton } from '../../lib/slack/take-button.ts';
import { SlackFailed } from '../../lib/slack/web-api.ts';
import { aSlack } from './a-slack.ts';

const button = (value: string) => ({ type: 'button', action_id: value, value, text: { type: 'plain_text', text: value } }) as const;
const WORDS: KnownBlock = { type: 'section', text: { type: 'mrkdwn', text: 'words' } };
const card = { channel: 'C1', ts: '1.1' };

async function take(blocks: KnownBlock[], error?: Error) {
  const { log, lines } = await aSlack();
  const calls: unknown[] = [];
  await takeButton(async (method, body) => {
    calls.push([method, body]);
    if (error) throw error;
    return {};
  }, log, { card, value: 'spent', text: 'as it was', blocks });
  return { calls, lines };
}

it.each<[string, KnownBlock[], KnownBlock[] | undefined]>([
  ['with its row, where it stands there alone', [WORDS, { type: 'actions', elements: [button('spent')] }], [WORDS]],
  ['and leaves the others of its row', [WORDS, { type: 'actions', block_id: 'b', elements: [button('spent'), button('other')] }], [WORDS, { type: 'actions', block_id: 'b', elements: [button('other')] }]],
  ['from every row', [{ type: 'actions', elements: [button('other')] }, { type: 'actions', elements: [button('spent')] }], [{ type: 'actions', elements: [button('other')] }]],
  ['never with all of the message', [{ type: 'actions', elements: [button('spent')] }], undefined],
  ['and does nothing where it is not there', [WORDS, { type: 'actions', elements: [button('other')] }], undefined],
  ['and no other kind of element', [WORDS, { type: 'actions', elements: [{ type: 'users_select', action_id: 'u', value: 'spent' } as never] }], undefined],
])('a spent button goes away, %s', async (_what, blocks, left) => {
  expect((await take(blocks)).calls).toEqual(left === undefined ? [] : [['chat.update', { ...card, text: 'as it was', blocks: left }]]);
});

it('what Slack says against it is logged; a bug is thrown on', async () => {
  const blocks: KnownBlock[] = [WORDS, { type: 'actions', elements: [button('spent')] }];
  expect((await take(blocks, new SlackFailed('chat.update', 'message_not_found', false))).lines).toMatchObject([{ level: 'warn', message: 'a button could not be taken off its message', error: { message: 'chat.update: message_not_found' } }]);
  await expect(take(blocks, new TypeError('a bug'))).rejects.toThrow(TypeError);
});
