import type * as z from 'zod';
import { type Selector } from '../core/selector.ts';
import { PICK_ORDERS } from '../core/job-pick.ts';
import { duration, durationBetween, FILLED, glob, isFilled, mapping, oneOf, wholeNumber } from './fields.ts';

// Selectors as they are written: a Selector of core whose ages are durations.

type WrittenAs<Field> = Field extends `${infer Age}Ms` ? Age : Field;

/** Where they stand beside a cleanup rule's match, they mean the same. */
export const ages = {
  olderThan: duration.optional().describe('Running for longer than this: 90s, 30m, 6h, 2d, 2w.'),
  pendingLongerThan: duration.optional().describe('Submitted longer ago than this and not running yet: 90s, 30m, 6h, 2d, 2w.'),
};

// What core does not know it would pass over, and the selector would fit more than it says: hence `satisfies`, both ways.
const fields = {
  name: glob.optional().describe("Glob over the job's name: * and ?, the whole value."),
  user: glob.optional().describe('Glob over the user who submitted it.'),
  queue: glob.optional().describe('Glob over its YARN queue.'),
  type: glob.optional().describe('Glob over its type, such as SparkSubmit or Flink; without regard to case.'),
  state: glob.optional().describe('Glob over its state, such as RUNNING; without regard to case.'),
  ...ages,
} satisfies Record<WrittenAs<keyof Selector>, z.ZodType>;
const FIELDS = Object.keys(fields);
const EMPTY = `is empty and would fit every job; give at least one of ${FIELDS.join(', ')}`;

type Ages = { olderThan?: number | undefined; pendingLongerThan?: number | undefined };

/** The ages under the names that say their unit. */
export function toSelector<Fields extends Ages>({
  olderThan,
  pendingLongerThan,
  ...rest
}: Fields): Omit<Fields, keyof Ages> & Pick<Selector, 'olderThanMs' | 'pendingLongerThanMs'> {
  return {
    ...rest,
    ...(olderThan !== undefined && { olderThanMs: olderThan }),
    ...(pendingLongerThan !== undefined && { pendingLongerThanMs: pendingLongerThan }),
  };
}

// A field that is misspelled is mistake enough: without it the rest may look empty.
const unlessBroken = (error: string) => ({ error, when: ({ issues }: z.core.ParsePayload) => issues.length === 0 });

export const selector = mapping(fields).refine(isFilled, unlessBroken(EMPTY)).meta({ id: 'selector', ...FILLED }).transform(toSelector);

export const clusterSelector = mapping({ cluster: glob.optional().describe('Glob over the name of the cluster.'), ...fields })
  .refine(isFilled, unlessBroken(`${EMPTY}, cluster`))
  .meta(FILLED)
  .transform(toSelector);

export const pick = mapping({
  ...fields,
  order: oneOf(PICK_ORDERS).default('longest-running').describe('Which of the jobs that fit come first.'),
  count: wholeNumber(1_000).default(1).describe('How many of them.'),
  cooldown: durationBetween('1m', '14d')
    .optional()
    .describe('For so long after it picked, this rule picks nothing else in the cluster, whatever alerts come: 1m to 14d, 15m if left out.'),
})
  .refine(({ order: _order, count: _count, cooldown: _cooldown, ...rest }) => isFilled(rest), unlessBroken(EMPTY))
  .meta({ anyOf: FIELDS.map((field) => ({ required: [field] })) })
  .transform(({ cooldown: cooldownMs, ...written }) => ({ ...toSelector(written), ...(cooldownMs !== undefined && { cooldownMs }) }));
