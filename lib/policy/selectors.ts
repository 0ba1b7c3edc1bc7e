import type * as z from 'zod';
import { type Selector } from '../core/selector.ts';
import { PICK_ORDERS } from '../core/job-pick.ts';
import { duration, durationBetween, FILLED, glob, isFilled, mapping, oneOf, unlessBroken, wholeNumber } from './fields.ts';

// Selectors as they are written: a Selector of core whose ages are durations.

type WrittenAs<Field> = Field extends `${infer Age}Ms` ? Age : Field;

/** Where they stand beside a cleanup rule's match, they mean the same. */
export const ages = {
  olderThan: duration.optional().describe('Running for longer than this: 90s, 30m, 6h, 2d, 2w.'),
  pendingLongerThan: duration.optional().describe('Submitted longer ago than this and not running yet: 90s, 30m, 6h, 2d, 2w.'),
};
export const AGES = ['olderThan', 'pendingLongerThan'] as const;
export const RUNS_AND_WAITS = 'no job is both running and waiting; give olderThan or pendingLongerThan, or each in an entry of its own';

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

/** For the JSON Schema: a selector with both ages fits no job, and would protect or ask of none. */
const NOT_BOTH_AGES = { not: { required: AGES } };
const hasOneAge = ({ olderThan, pendingLongerThan }: Ages): boolean => olderThan === undefined || pendingLongerThan === undefined;
const unlessOneAge = { ...unlessBroken(RUNS_AND_WAITS), path: ['pendingLongerThan'] };

export const selector = mapping(fields)
  .refine(isFilled, unlessBroken(EMPTY))
  .refine(hasOneAge, unlessOneAge)
  .meta({ id: 'selector', ...FILLED, ...NOT_BOTH_AGES })
  .transform(toSelector);

export const clusterSelector = mapping({ cluster: glob.optional().describe('Glob over the name of the cluster.'), ...fields })
  .refine(isFilled, unlessBroken(`${EMPTY}, cluster`))
  .refine(hasOneAge, unlessOneAge)
  .meta({ ...FILLED, ...NOT_BOTH_AGES })
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
  .refine(hasOneAge, unlessOneAge)
  .meta({ ...NOT_BOTH_AGES, anyOf: FIELDS.map((field) => ({ required: [field] })) })
  .transform(({ cooldown: cooldownMs, ...written }) => ({ ...toSelector(written), ...(cooldownMs !== undefined && { cooldownMs }) }));
