import * as z from 'zod';
import type { Policy } from '../core/policy.ts';
import { TRIGGERS } from '../core/request.ts';
import type { Selector } from '../core/selector.ts';
import { parseDurationMs } from '../core/time.ts';

const DURATION = 'has to be a duration such as 90s, 30m, 6h or 2d';

/** YAML makes numbers of ids that consist of digits, or look like 12e3, and booleans of true and false. */
function describeWrongType(input: unknown, problem: string): string {
  if (input === undefined) return `is required and ${problem}`;
  if (typeof input === 'number') return 'was read as a number; put it in quotes';
  if (typeof input === 'boolean') return 'was read as true or false; put it in quotes';
  return problem;
}

function text(pattern: RegExp, problem: string) {
  return z.string({ error: ({ input }) => describeWrongType(input, problem) }).regex(pattern, problem);
}

function oneOf<const Words extends readonly string[]>(words: Words) {
  const problem = `has to be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
  return z.enum(words, { error: ({ input }) => (input === undefined ? `is required and ${problem}` : problem) });
}

function wholeNumber(max: number) {
  const problem = `has to be a whole number from 1 to ${max}`;
  return z.number(problem).int(problem).min(1, problem).max(max, problem);
}

function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: ({ code, input }) => {
      if (code === 'unrecognized_keys') return `unknown key; known here: ${known}`;
      return `${input === undefined ? 'is required and ' : ''}has to be a mapping of ${known}`;
    },
  });
}

/** A section whose entries are all commented out is read as null by YAML: the same as left out. */
function list<Item extends z.ZodType>(item: Item) {
  return z.array(item, 'has to be a list').nullish().transform((items) => items ?? []);
}

const glob = text(/^[^]+$/, 'has to be text that is not empty; * and ? stand for other characters');
const duration = z.string(DURATION).transform((value, context) => {
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined) return durationMs;
  context.addIssue({ code: 'custom', message: DURATION });
  return z.NEVER;
});
const trueOrFalse = z.boolean('has to be true or false');
const clusterName = text(/^[A-Za-z0-9_-]{1,64}$/, 'has to be the name of a cluster: 1 to 64 letters, digits, _ and -');
const trigger = oneOf(TRIGGERS);
const action = oneOf(['kill', 'ask', 'notify']);

const ages = { olderThan: duration.optional(), pendingLongerThan: duration.optional() };
const selectorFields = {
  name: glob.optional(),
  user: glob.optional(),
  queue: glob.optional(),
  type: glob.optional(),
  state: glob.optional(),
  ...ages,
};
const EMPTY = `is empty and would fit every job; give at least one of ${Object.keys(selectorFields).join(', ')}`;

type Ages = { olderThan?: number | undefined; pendingLongerThan?: number | undefined };

function toSelector<Fields extends Ages>({ olderThan, pendingLongerThan, ...fields }: Fields) {
  return {
    ...fields,
    ...(olderThan !== undefined && { olderThanMs: olderThan }),
    ...(pendingLongerThan !== undefined && { pendingLongerThanMs: pendingLongerThan }),
  };
}

const isFilled = (fields: object): boolean => Object.values(fields).some((value) => value !== undefined);
// A field that is misspelled is mistake enough: without it the rest may look empty.
const unlessBroken = (error: string) => ({ error, when: ({ issues }: z.core.ParsePayload) => issues.length === 0 });

const selector = mapping(selectorFields).refine(isFilled, unlessBroken(EMPTY)).transform(toSelector);
const clusterSelector = mapping({ cluster: glob.optional(), ...selectorFields })
  .refine(isFilled, unlessBroken(`${EMPTY}, cluster`))
  .transform(toSelector);

const pick = mapping({
  ...selectorFields,
  order: oneOf(['longest-running', 'newest']).default('longest-running'),
  count: wholeNumber(1_000).default(1),
})
  .refine(({ order: _order, count: _count, ...fields }) => isFilled(fields), unlessBroken(EMPTY))
  .transform(toSelector);

const cluster = mapping({
  id: text(/^[A-Za-z0-9_-]{1,64}$/, 'has to be a cluster id: 1 to 64 letters, digits, _ and -'),
  project: text(/^[A-Za-z0-9]{1,64}$/, 'has to be a project id: 1 to 64 letters and digits').optional(),
  region: text(/^[a-z0-9-]{1,64}$/, 'has to be a region such as eu-west-101').optional(),
});

const clusters = z
  .record(z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), cluster, {
    error: ({ code, input }) => {
      if (code === 'invalid_key') return 'a cluster is named by 1 to 64 letters, digits, _ and -';
      return `${input === undefined ? 'is required and ' : ''}has to be a mapping of cluster names`;
    },
  })
  .refine(isFilled, 'has to list at least one cluster; only what is listed can be touched');

const channel = text(/^[CGD][A-Z0-9]+$/, 'has to be the id of a Slack channel, such as C0123456789');
const user = text(/^[UW][A-Z0-9]+$/, 'has to be the id of a Slack user, such as U012AB3CD');
const slack = mapping({
  team: text(/^[TE][A-Z0-9]+$/, 'has to be the id of a Slack workspace, such as T0123ABCD').optional(),
  mayKill: list(user),
  mayApprove: list(user),
  channel: channel.optional(),
  channels: z.array(channel, 'has to be a list').min(1, 'is empty; leave it out to allow every channel').optional(),
});

const limits = mapping({
  perDelivery: wholeNumber(100_000).default(10),
  perHour: wholeNumber(100_000).default(30),
  percentOfRunning: wholeNumber(100).default(50),
});

const LABELS = 'has to be a mapping of label names and what they have to look like';
const alertRule = mapping({
  source: text(/^[a-z0-9-]{1,64}$/, 'has to be the name of an alert source, such as alertmanager').optional(),
  match: z
    .record(z.string(), glob, { error: ({ input }) => `${input === undefined ? 'is required and ' : ''}${LABELS}` })
    .refine(isFilled, 'is empty and would fit every alert; give at least one label'),
  cluster: clusterName.optional(),
  job: text(/^[^]+$/, 'has to be the name of a label').optional(),
  pick: pick.optional(),
  action,
  dryRun: trueOrFalse.optional(),
});

const cleanupRule = mapping({
  name: text(/^(?=.*\S).{1,64}$/, 'has to be a name of 1 to 64 characters'),
  cluster: clusterName,
  match: selector,
  ...ages,
  action,
  dryRun: trueOrFalse.optional(),
}).transform(({ olderThan, pendingLongerThan, match, ...rule }, context) => {
  const beside: Selector = toSelector({ olderThan, pendingLongerThan });
  for (const age of ['olderThan', 'pendingLongerThan'] as const) {
    if (beside[`${age}Ms`] !== undefined && match[`${age}Ms`] !== undefined) {
      context.addIssue({ code: 'custom', path: [age], message: 'stands in match too; give it once' });
    }
  }
  return { ...rule, match: { ...match, ...beside } };
});

const DRY_RUN = `has to be true, false or a list of ${TRIGGERS.join(', ')}`;

/** The YAML form of policy.yml, as plain values, to a Policy: defaults filled in, durations in milliseconds. */
export const PolicySchema = mapping({
  dryRun: z.union([z.boolean(), z.array(trigger).min(1, DRY_RUN)], DRY_RUN).default(true),
  clusters,
  protected: list(selector),
  ask: list(
    mapping({ trigger: trigger.optional(), match: clusterSelector.optional(), who: oneOf(['requester', 'approver', 'none']) }),
  ),
  limits: limits.nullish().transform((given) => given ?? limits.parse({})),
  slack: slack.nullish().transform((given) => given ?? slack.parse({})),
  alerts: list(alertRule),
  cleanup: list(cleanupRule),
}) satisfies z.ZodType<Policy>;
