import { describe, expect, it } from '@jest/globals';
import { readBlocks } from './slack-blocks.ts';

const plain = (text: string): object => ({ type: 'plain_text', text });
const mrkdwn = (text: string): object => ({ type: 'mrkdwn', text });
const section = (fields: object): object => ({ type: 'section', ...fields });
const text = (length: number): object => section({ text: mrkdwn('x'.repeat(length)) });
const button = (fields: object = {}): object => ({ type: 'button', action_id: 'kill', text: plain('Kill'), ...fields });
const buttons = (...elements: object[]): object => ({ type: 'actions', elements });
const many = (number: number, make: (at: number) => object): object[] => Array.from({ length: number }, (_, at) => make(at));
const numbered = (number: number): object[] => many(number, (at) => button({ action_id: `a${at}` }));
const confirm = (fields: object = {}): object =>
  button({ confirm: { title: plain('Sure?'), text: plain('Really'), confirm: plain('Yes'), deny: plain('No'), ...fields } });

describe('blocks within the limits', () => {
  it.each([
    ['50 blocks', many(50, () => ({ type: 'divider' }))],
    ['a section of 3,000 characters', [text(3_000)]],
    ['10 fields', [section({ fields: many(10, () => mrkdwn('x')) })]],
    ['a field of 2,000 characters', [section({ fields: [mrkdwn('x'.repeat(2_000))] })]],
    ['a header of 150 characters', [{ type: 'header', text: plain('x'.repeat(150)) }]],
    ['25 buttons', [buttons(...numbered(25))]],
    ['a button at its limits', [buttons(button({ action_id: 'a'.repeat(255), text: plain('x'.repeat(75)), value: 'v'.repeat(2_000), style: 'danger' }))]],
    ['a link of 3,000 characters', [buttons(button({ url: `https://x.example/${'a'.repeat(2_982)}` }))]],
    ['a button with a question', [buttons(confirm())]],
    ['a button beside a section', [section({ text: plain('x'), accessory: button() })]],
    ['10 elements of context', [{ type: 'context', elements: many(10, () => mrkdwn('x')) }]],
    ['one action_id in two blocks', [buttons(button()), buttons(button())]],
    ['block ids that differ', [section({ text: plain('x'), block_id: 'a' }), { type: 'divider', block_id: 'b' }]],
  ])('are taken as they are: %s', (_, blocks) => {
    expect(readBlocks(blocks)).toEqual({ ok: true, blocks });
  });
});

describe('blocks beyond the limits', () => {
  it.each([
    ['51 blocks', many(51, () => ({ type: 'divider' }))],
    ['an unknown block', [{ type: 'marquee', text: plain('x') }]],
    ['an unknown element', [buttons({ type: 'lever', action_id: 'a' })]],
    ['a field that Slack does not know', [section({ text: plain('x'), colour: 'red' })]],
    ['emoji in mrkdwn', [section({ text: { type: 'mrkdwn', text: 'x', emoji: true } })]],
    ['a section of 3,001 characters', [text(3_001)]],
    ['a section without characters', [text(0)]],
    ['a section without text and fields', [section({})]],
    ['11 fields', [section({ fields: many(11, () => mrkdwn('x')) })]],
    ['no field in fields', [section({ fields: [] })]],
    ['a field of 2,001 characters', [section({ fields: [mrkdwn('x'.repeat(2_001))] })]],
    ['a header of 151 characters', [{ type: 'header', text: plain('x'.repeat(151)) }]],
    ['a header in mrkdwn', [{ type: 'header', text: mrkdwn('x') }]],
    ['26 buttons', [buttons(...numbered(26))]],
    ['no button in actions', [buttons()]],
    ['a button text of 76 characters', [buttons(button({ text: plain('x'.repeat(76)) }))]],
    ['a button text in mrkdwn', [buttons(button({ text: mrkdwn('x') }))]],
    ['a value of 2,001 characters', [buttons(button({ value: 'v'.repeat(2_001) }))]],
    ['a link of 3,001 characters', [buttons(button({ url: `https://x.example/${'a'.repeat(2_983)}` }))]],
    ['a link that is none', [buttons(button({ url: 'here' }))]],
    ['an action_id of 256 characters', [buttons(button({ action_id: 'a'.repeat(256) }))]],
    ['one action_id twice in a block', [buttons(button(), button())]],
    ['an unknown style', [buttons(button({ style: 'warning' }))]],
    ['a question without an answer', [buttons(confirm({ deny: undefined }))]],
    ['an answer of 31 characters', [buttons(confirm({ confirm: plain('x'.repeat(31)) }))]],
    ['11 elements of context', [{ type: 'context', elements: many(11, () => mrkdwn('x')) }]],
    ['no element in context', [{ type: 'context', elements: [] }]],
    ['one block_id twice', [section({ text: plain('x'), block_id: 'a' }), { type: 'divider', block_id: 'a' }]],
    ['a block_id of 256 characters', [{ type: 'divider', block_id: 'b'.repeat(256) }]],
  ])('are refused: %s', (_, blocks) => {
    expect(readBlocks(blocks)).toMatchObject({ ok: false, error: 'invalid_blocks' });
  });

  it('are refused with the place of the fault', () => {
    const read = readBlocks([text(1), buttons(button({ text: plain('') }))]);
    expect(read).toMatchObject({ errors: [expect.stringContaining('[json-pointer:/blocks/1/elements/0/text/text]')] });
  });

  it('are refused where all together are longer than 13,200 characters', () => {
    const blocks = [text(3_000), text(3_000), text(3_000), text(3_000)];
    const rest = 13_200 - JSON.stringify([...blocks, text(0)]).length;
    expect(readBlocks([...blocks, text(rest)])).toMatchObject({ ok: true });
    expect(readBlocks([...blocks, text(rest + 1)])).toEqual({ ok: false, error: 'msg_blocks_too_long' });
  });

  it('are no list at all: another word', () => {
    for (const given of ['x', '{}', 7, {}]) expect(readBlocks(given)).toEqual({ ok: false, error: 'invalid_blocks_format' });
    expect(readBlocks('[{"type":"divider"}]')).toEqual({ ok: true, blocks: [{ type: 'divider' }] });
  });
});
