import type { KnownBlock } from '@slack/types';
import * as z from 'zod';

/** All blocks of a message together. Not documented, and what exactly is counted neither. https://github.com/slackapi/bolt-js/issues/2509 */
const LONGEST_BLOCKS = 13_200;

const plainText = (longest: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(longest), emoji: z.boolean().exactOptional() });
const anyText = (longest: number) =>
  z.discriminatedUnion('type', [
    plainText(longest),
    z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(longest), verbatim: z.boolean().exactOptional() }),
  ]);
const id = z.string().min(1).max(255).exactOptional();
const style = z.enum(['primary', 'danger']).exactOptional();

const confirm = z.strictObject({ title: plainText(100), text: plainText(300), confirm: plainText(30), deny: plainText(30), style });

const button = z.strictObject({
  type: z.literal('button'),
  text: plainText(75),
  action_id: id,
  value: z.string().max(2_000).exactOptional(),
  url: z.string().max(3_000).refine((url) => URL.canParse(url), 'must be a valid URL').exactOptional(),
  style,
  confirm: confirm.exactOptional(),
  accessibility_label: z.string().max(75).exactOptional(),
});

const section = z
  .strictObject({
    type: z.literal('section'),
    block_id: id,
    text: anyText(3_000).exactOptional(),
    fields: z.array(anyText(2_000)).min(1).max(10).exactOptional(),
    accessory: button.exactOptional(),
    expand: z.boolean().exactOptional(),
  })
  .refine(({ text, fields }) => text !== undefined || fields !== undefined, 'must have text or fields');

const actions = z.strictObject({
  type: z.literal('actions'),
  block_id: id,
  elements: z
    .array(button)
    .min(1)
    .max(25)
    .refine((buttons) => areUnique(buttons.map(({ action_id }) => action_id)), 'action_id already exists in this block'),
});

/** The blocks that this house uses, within Slack's limits; others are refused as unknown. https://docs.slack.dev/reference/block-kit/blocks/ */
const blocks: z.ZodType<KnownBlock[]> = z
  .array(
    z.discriminatedUnion('type', [
      section,
      actions,
      z.strictObject({ type: z.literal('context'), block_id: id, elements: z.array(anyText(3_000)).min(1).max(10) }),
      z.strictObject({ type: z.literal('header'), block_id: id, text: plainText(150) }),
      z.strictObject({ type: z.literal('divider'), block_id: id }),
    ]),
  )
  .max(50)
  .refine((all) => areUnique(all.map(({ block_id }) => block_id)), 'block_id already exists in this message');

/** Blocks read, or Slack's word for what is wrong with them. */
export type BlocksRead = { ok: true; blocks: KnownBlock[] } | { ok: false; error: string; errors?: string[] };

/** Reads the argument `blocks`: an array, or JSON of one. */
export function readBlocks(given: unknown): BlocksRead {
  const list = typeof given === 'string' ? parseJson(given) : given;
  if (!Array.isArray(list)) return { ok: false, error: 'invalid_blocks_format' };
  const read = blocks.safeParse(list);
  if (!read.success) {
    const errors = read.error.issues.map(({ message, path }) => `${message} [json-pointer:/${['blocks', ...path].join('/')}]`);
    return { ok: false, error: 'invalid_blocks', errors };
  }
  // The JSON is the strictest of the ways to count.
  if (JSON.stringify(read.data).length > LONGEST_BLOCKS) return { ok: false, error: 'msg_blocks_too_long' };
  return { ok: true, blocks: read.data };
}

function areUnique(ids: (string | undefined)[]): boolean {
  const given = ids.filter((one) => one !== undefined);
  return new Set(given).size === given.length;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
