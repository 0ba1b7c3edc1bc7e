import type * as z from 'zod';
import { type Selector } from '../core/selector.ts';
import { PICK_ORDERS } from '../core/job-pick.ts';
import { duration, durationBetween, FILLED, glob, isFilled, mapping, oneOf, unlessBroken, wholeNumber } from './fields.ts';

// Selectors as they are written: a Selector of core whose ages are durations.

type WrittenAs<Field> = Field extends `${infer Age}Ms` ? Age : Field;

/** Where they stand beside a cleanup rule's match, they mean the same. */
export const ages = {
  olderThan: duration.optional().meta({ description: 'Only jobs that have been running for longer than this.', examples: ['6h'] }),
  pendingLongerThan: duration.optional().meta({ description: 'Only jobs that were submitted longer ago than this and have not started yet.', examples: ['30m'] }),
};
export const AGES = ['olderThan', 'pendingLongerThan'] as const;
export const RUNS_AND_WAITS = 'no job is both running and waiting; give olderThan or pendingLongerThan, or each in an entry of its own';

// What core does not know it would pass over, and the selector would fit more than it says: hence `satisfies`, both ways.
const fields = {
  name: glob.optional().meta({ description: "The job's name, the whole of it. * stands for any characters, ? for one.", examples: ['nb-*', 'billing-daily'] }),
  user: glob.optional().meta({ description: 'The MRS user who submitted the job; * and ? as in name.', examples: ['svc-*'] }),
  queue: glob.optional().meta({ description: "The job's YARN queue; * and ? as in name.", examples: ['adhoc'] }),
  type: glob.optional().meta({ description: "The job's type in MRS, in upper or lower case; * and ? as in name.", examples: ['SparkSubmit', 'Flink'] }),
  state: glob.optional().meta({ description: "The job's state in MRS, in upper or lower case; * and ? as in name.", examples: ['RUNNING', 'ACCEPTED'] }),
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
  .meta({ id: 'selector', ...FILLED, ...NOT_BOTH_AGES, description: 'Says which jobs are meant. A job fits if all keys that are given fit.', examples: [{ name: 'nb-*', queue: 'adhoc' }] })
  .transform(toSelector);

export const clusterSelector = mapping({ cluster: glob.optional().meta({ description: "The cluster's name in this file; * and ? as in name.", examples: ['analytics'] }), ...fields })
  .refine(isFilled, unlessBroken(`${EMPTY}, cluster`))
  .refine(hasOneAge, unlessOneAge)
  .meta({ ...FILLED, ...NOT_BOTH_AGES })
  .transform(toSelector);

export const pick = mapping({
  ...fields,
  order: oneOf(PICK_ORDERS).default('longest-running').meta({ description: 'Which of the jobs that fit come first.', examples: ['newest'] }),
  count: wholeNumber(1_000).default(1).meta({ description: 'How many jobs it picks.', examples: [1] }),
  cooldown: durationBetween('1m', '14d')
    .optional()
    .meta({ description: 'After a pick, this rule picks nothing more in the cluster for this long, whatever alerts come.', default: '15m', examples: ['15m'] }),
})
  .refine(({ order: _order, count: _count, cooldown: _cooldown, ...rest }) => isFilled(rest), unlessBroken(EMPTY))
  .refine(hasOneAge, unlessOneAge)
  .meta({ ...NOT_BOTH_AGES, anyOf: FIELDS.map((field) => ({ required: [field] })) })
  .transform(({ cooldown: cooldownMs, ...written }) => ({ ...toSelector(written), ...(cooldownMs !== undefined && { cooldownMs }) }));
