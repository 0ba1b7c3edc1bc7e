import * as z from 'zod';

const word = z.string().optional().catch(undefined);
const wordList = z.array(z.unknown()).catch([]);

function listOf<Shape extends z.ZodRawShape>(shape: Shape, unreadable: z.output<z.ZodObject<Shape>>) {
  return z.array(z.object(shape).catch(unreadable)).catch([]);
}

/**
 * What the cross checks read of a policy. Takes any value and leaves out what cannot be read, so that a mistake in
 * one rule does not hide those between others; a Policy is one too.
 */
export const PolicyOutline = z
  .object({
    clusters: z.record(z.string(), z.object({ id: word }).catch({})).catch({}),
    slack: z.object({ channel: word, mayApprove: wordList }).catch({ mayApprove: [] }),
    ask: listOf({ trigger: word, match: z.object({ cluster: word }).optional().catch(undefined), who: word }, {}),
    alerts: listOf({ source: word, cluster: word, job: word, pick: z.unknown().optional(), action: word }, {}),
    cleanup: listOf({ name: word, cluster: word, action: word }, {}),
  })
  .catch({ clusters: {}, slack: { mayApprove: [] }, ask: [], alerts: [], cleanup: [] });
export type PolicyOutline = z.output<typeof PolicyOutline>;
