import * as z from 'zod';
import { RULES } from '../core/end.ts';
import { ACTIONS, TRIGGERS, WHO } from '../core/request.ts';
import type { Selector } from '../core/selector.ts';
import { durationBetween, FILLED, filledText, glob, isFilled, list, mapping, oneOf, show, text, trueOrFalse, wholeNumber, wrong, yesOrNo } from './fields.ts';
import { meant } from './meant.ts';
import { AGES, ages, clusterSelector, pick, RUNS_AND_WAITS, selector, toSelector } from './selectors.ts';
import { slack } from './slack-section.ts';

const CLUSTER_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const clusterName = text('has to be the name of a cluster: 1 to 64 letters, digits, _ and -', CLUSTER_NAME);
const trigger = oneOf(TRIGGERS);
const action = oneOf(ACTIONS).meta({
  description: 'kill: kills the job. ask: an approver has to approve first. notify: only shows a card with a kill button.',
  examples: ['kill'],
});
const dryRun = trueOrFalse.optional().meta({ description: 'With true this rule kills nothing, whatever the dryRun of the whole file says.', default: false, examples: [true] });

const askAgain = durationBetween('1h', '14d')
  .optional()
  .meta({ description: 'How long this rule leaves a job alone after somebody said no, or nobody answered.', default: '24h', examples: ['24h'] });
/** How owners are warned: https://github.com/cloud-custodian/cloud-custodian calls it mark-for-op. */
const warning = {
  warn: durationBetween('1s', '14d')
    .optional()
    .meta({ description: 'People are told first, and the kill comes when this time is up. Only with action: kill.', examples: ['30m'] }),
  keep: durationBetween('1s', '14d')
    .optional()
    .meta({ description: 'The warning has a button that keeps the job for this long. Needs warn; left out, nobody can keep it.', examples: ['2h'] }),
  keepAtMost: durationBetween('1s', '14d')
    .optional()
    .meta({ description: 'How long a job may be kept in all; beyond that only an approver may keep it. Needs keep, and is no shorter.', examples: ['24h'] }),
};
type Times = { askAgain?: number | undefined; warn?: number | undefined; keep?: number | undefined; keepAtMost?: number | undefined };
type InMs = { askAgainMs?: number | undefined; warnMs?: number | undefined; keepMs?: number | undefined; keepAtMostMs?: number | undefined };
/** The times under names that say their unit. */
function withUnits<Rule extends Times>({ askAgain: askAgainMs, warn: warnMs, keep: keepMs, keepAtMost: keepAtMostMs, ...rule }: Rule): Omit<Rule, keyof Times> & InMs {
  return {
    ...rule,
    ...(askAgainMs !== undefined && { askAgainMs }),
    ...(warnMs !== undefined && { warnMs }),
    ...(keepMs !== undefined && { keepMs }),
    ...(keepAtMostMs !== undefined && { keepAtMostMs }),
  };
}
/** What check-rules.ts says of a warning, as far as the JSON Schema can say it. */
const WARNING_NEEDS = { dependentRequired: { keep: ['warn'], keepAtMost: ['keep'] } };
const TELLS_ANYWAY = { required: ['action'], properties: { action: { enum: ['ask', 'notify'] } } };
/** What people say to `/mrs history` and read in an answer has to mean one thing. */
const ruleName = text('has to be a name of 1 to 64 characters', /^(?=.*\S).{1,64}$/)
  .regex(/^(?!alerts\.\d+$)/, 'is what a rule without a name is called by its place; choose another name')
  .refine((name) => RULES.every((rule) => rule.toLowerCase() !== name.toLowerCase()), 'is what refuses a request, as in "refused: paused"; choose another name')
  .meta({ not: { enum: [...RULES] } });

const cluster = mapping({
  id: text('has to be a cluster id: 1 to 64 letters, digits, _ and -', /^[A-Za-z0-9_-]{1,64}$/).meta({
    description: "The cluster's id, as the MRS console shows it.",
    examples: ['2b460e01-3351-4170-b0a7-57b9dd5ffef3'],
  }),
  project: text('has to be a project id: 1 to 64 letters and digits', /^[A-Za-z0-9]{1,64}$/)
    .optional()
    .meta({ description: 'The id of its project, where that is another than the one of the settings.', examples: ['0a1b2c3d4e5f60718293a4b5c6d7e8f9'] }),
  region: text('has to be a region such as eu-west-101', /^[a-z0-9-]{1,64}$/)
    .optional()
    .meta({ description: 'Its region, where that is another than HW_REGION_NAME.', examples: ['eu-west-101'] }),
});

const clusters = z
  .record(z.string().regex(CLUSTER_NAME), cluster, {
    error: (issue) => (issue.code === 'invalid_key' ? 'a cluster is named by 1 to 64 letters, digits, _ and -' : wrong('has to be a mapping of cluster names').error(issue)),
  })
  .refine(isFilled, 'has to list at least one cluster; only what is listed can be touched')
  .meta({
    ...FILLED,
    description: 'The clusters whose jobs may be killed; no other can be touched. The names are yours: commands, rules and messages use them.',
    examples: [{ analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3' } }],
  });

const askRule = mapping({
  trigger: trigger.optional().meta({ description: 'Only kills that this trigger asks for. Left out: all of them.', examples: ['slack'] }),
  match: clusterSelector.optional().meta({ description: 'Only jobs that fit. Left out: all jobs.', examples: [{ cluster: 'analytics', type: 'Flink' }] }),
  who: oneOf(WHO).meta({
    description: 'requester: who asked has to confirm. approver: somebody of slack.mayApprove has to approve, and not who asked. none: nobody is asked.',
    examples: ['approver'],
  }),
});

const limits = mapping({
  perDelivery: wholeNumber(100_000).default(10).meta({ description: 'Kills that one alert delivery or one cleanup run may start. With more, none of its new ones starts.', examples: [10] }),
  perHour: wholeNumber(100_000).default(30).meta({ description: 'Kills that alerts and cleanup may make within 60 minutes. Each holds a place in one entry of the ledger, which has room for about 4,000 on AWS: beyond that no kill is made.', examples: [30] }),
  percentOfRunning: wholeNumber(100).default(50).meta({ description: "How much of a cluster's running jobs, in percent, one cleanup run or pick may kill. One job is always allowed.", examples: [50] }),
});

const LABELS = 'has to be a mapping of label names and what they have to look like';
const alertRule = mapping({
  name: ruleName
    .optional()
    .meta({ description: 'A name for the rule, in records and answers. Left out: its place, such as alerts.0.', examples: ['stuck-jobs'] }),
  source: text('has to be the name of an alert source, such as alertmanager', /^[a-z0-9-]{1,64}$/)
    .optional()
    .meta({ description: 'Only alerts of this source: the word in /alerts/{source}, or cloudwatch. Left out: all sources.', examples: ['alertmanager'] }),
  match: z
    .record(z.string(), glob, wrong(LABELS))
    .refine(isFilled, 'is empty and would fit every alert; give at least one label')
    .meta({
      ...FILLED,
      description: "The alert's labels (or annotations) and what they have to look like; * and ? as in a job's name. All of them have to fit.",
      examples: [{ alertname: 'MrsJobStuck', severity: 'crit*' }],
    }),
  cluster: clusterName.optional().meta({ description: 'Name of the cluster. Left out: the alert says it.', examples: ['analytics'] }),
  job: filledText('has to be the name of a label').optional().meta({ description: 'The label that names the job. Left out: one of the usual ones, such as application_id or job_name.', examples: ['spark_app'] }),
  pick: pick.optional().meta({ description: 'Chooses among the jobs of the cluster, for alerts that name no job.', examples: [{ queue: 'adhoc', order: 'longest-running', count: 1 }] }),
  action,
  noData: trueOrFalse.optional().meta({ description: 'With true an alert that only says that there is no data counts as firing.', default: false, examples: [true] }),
  askAgain,
  ...warning,
  dryRun,
})
  .meta({ ...WARNING_NEEDS, dependentSchemas: { warn: { not: { anyOf: [{ required: ['pick'] }, TELLS_ANYWAY] } } } })
  .transform(withUnits);

const cleanupRule = mapping({
  name: ruleName.meta({ description: 'A name for the rule. Messages give it as the reason.', examples: ['stale-notebooks'] }),
  cluster: clusterName.meta({ description: 'Name of the cluster whose jobs the rule looks at.', examples: ['dev'] }),
  match: selector.meta({ description: 'The jobs that the rule means.', examples: [{ name: 'nb-*', queue: 'adhoc' }] }),
  ...ages,
  action,
  askAgain,
  ...warning,
  dryRun,
})
  .meta({
    ...WARNING_NEEDS,
    dependentSchemas: { warn: { not: TELLS_ANYWAY } },
    not: { anyOf: [{ required: AGES }, ...AGES.map((age) => ({ required: [age, 'match'], properties: { match: { type: 'object', anyOf: AGES.map((other) => ({ required: [other] })) } } }))] },
  })
  .transform(({ olderThan, pendingLongerThan, match, ...written }, context) => {
    const beside: Selector = toSelector({ olderThan, pendingLongerThan });
    const given = AGES.filter((age) => beside[`${age}Ms`] !== undefined);
    const second = given.find((age) => match[`${age}Ms`] !== undefined);
    if (second !== undefined) context.addIssue({ code: 'custom', path: [second], message: 'stands in match too; give it once' });
    else if (given.length + AGES.filter((age) => match[`${age}Ms`] !== undefined).length > 1) {
      context.addIssue({ code: 'custom', path: given.slice(-1), message: RUNS_AND_WAITS });
    }
    return { ...withUnits(written), match: { ...match, ...beside } };
  });

const DRY_RUN = `has to be true, false or a list of ${TRIGGERS.join(', ')}`;
function describeDryRun({ input }: { input?: unknown }): string {
  const unknown = Array.isArray(input) ? input.find((one) => !TRIGGERS.some((known) => known === one)) : undefined;
  if (unknown !== undefined) return `${DRY_RUN}; ${show(unknown) ?? 'one'} is none of them${meant(unknown, TRIGGERS)}`;
  return `${wrong(DRY_RUN).error({ input })}${yesOrNo(input)}`;
}

/**
 * The one definition of policy.yml. Reads its YAML form, as plain values, to a Policy: defaults filled in, durations in
 * milliseconds. The type, the outline and policy.schema.json are made from it; what it cannot say of itself there, a
 * refinement or a transform, stands beside it in `meta`.
 */
export const PolicySchema = mapping({
  dryRun: z
    .union([z.boolean(), z.array(trigger).min(1, wrong(DRY_RUN))], { error: describeDryRun })
    .default(true)
    .meta({ description: 'With true nothing is killed: everything is checked, and reported as what would be killed. A list: only for these triggers.', examples: [true, false, ['alerts', 'cleanup']] }),
  clusters,
  protected: list(selector).meta({ description: 'Jobs that are never killed, whoever asks.', examples: [[{ name: 'billing-*' }, { user: 'svc-payroll' }]] }),
  ask: list(askRule).meta({
    description: 'Who has to confirm or approve before a kill; the first rule that fits decides. Where none fits, Slack asks the requester, and the others ask nobody.',
    examples: [[{ match: { cluster: 'analytics', type: 'Flink' }, who: 'approver' }, { trigger: 'slack', who: 'requester' }]],
  }),
  limits: limits
    .nullish()
    .transform((given) => given ?? limits.parse({}))
    .meta({
      description: 'How many kills alerts and cleanup may start. People are not limited, but for percentOfRunning in /mrs cleanup.',
      examples: [{ perDelivery: 10, perHour: 30, percentOfRunning: 50 }],
    }),
  slack: slack
    .nullish()
    .transform((given) => given ?? slack.parse({}))
    .meta({
      description: 'Who may do what in Slack, and where. Write ids and not names: names can be changed.',
      examples: [{ team: 'T0123ABCD', mayKill: ['U012AB3CD'], mayApprove: ['U045EF6GH'], channel: 'C0123456789' }],
    }),
  alerts: list(alertRule).meta({
    description: 'Which alerts may kill; the first rule that fits decides. Where none fits, the alert is refused.',
    examples: [[{ match: { alertname: 'MrsJobStuck', severity: 'crit*' }, action: 'kill' }]],
  }),
  cleanup: list(cleanupRule).meta({
    description: 'Rules of the scheduled run; for each job the first rule that fits decides.',
    examples: [[{ name: 'stale-notebooks', cluster: 'dev', match: { name: 'nb-*', queue: 'adhoc' }, olderThan: '6h', action: 'kill' }]],
  }),
}).meta({ title: 'policy.yml of mrs-killswitch', description: 'What may be killed, by whom, and when somebody has to be asked.' });
