import * as z from 'zod';
import { RULES } from '../core/end.ts';
import { ACTIONS, TRIGGERS, WHO } from '../core/request.ts';
import type { Selector } from '../core/selector.ts';
import { durationBetween, FILLED, filledText, glob, isFilled, list, mapping, oneOf, text, trueOrFalse, unlessBroken, wholeNumber } from './fields.ts';
import { AGES, ages, clusterSelector, pick, RUNS_AND_WAITS, selector, toSelector } from './selectors.ts';

const CLUSTER_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const clusterName = text('has to be the name of a cluster: 1 to 64 letters, digits, _ and -', CLUSTER_NAME);
const trigger = oneOf(TRIGGERS);
const action = oneOf(ACTIONS).describe('kill; ask an approver first; or notify, which only shows a card with a kill button.');
const dryRun = trueOrFalse.optional().describe('true: this rule only plays, whatever dryRun says above.');

const askAgain = durationBetween('1h', '14d')
  .optional()
  .describe('A job that somebody said no to, or that nobody answered for, is left alone by this rule for so long: 1h to 14d, 24h if left out.');
/** How owners are warned: https://github.com/cloud-custodian/cloud-custodian calls it mark-for-op. */
const warning = {
  warn: durationBetween('1s', '14d')
    .optional()
    .describe('Instead of an immediate kill people are told, and it comes when this time is up, at most 14d. With action: kill only.'),
  keep: durationBetween('1s', '14d').optional().describe('With warn: a button that keeps the job for so long, at most 14d. Left out, nobody can keep it.'),
  keepAtMost: durationBetween('1s', '14d')
    .optional()
    .describe('With keep: how long a job may be kept in all, then only an approver may: at least keep, at most 14d. Left out, there is no such limit.'),
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
function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
/** What people say to `/mrs history` and read in an answer has to mean one thing. */
const ruleName = text('has to be a name of 1 to 64 characters', /^(?=.*\S).{1,64}$/)
  .regex(/^(?!alerts\.\d+$)/, 'is what a rule without a name is called by its place; choose another name')
  .refine((name) => RULES.every((rule) => rule.toLowerCase() !== name.toLowerCase()), 'is what refuses a request, as in "refused: paused"; choose another name')
  .meta({ not: { enum: [...RULES] } });

const cluster = mapping({
  id: text('has to be a cluster id: 1 to 64 letters, digits, _ and -', /^[A-Za-z0-9_-]{1,64}$/).describe("The cluster's id in MRS."),
  project: text('has to be a project id: 1 to 64 letters and digits', /^[A-Za-z0-9]{1,64}$/)
    .optional()
    .describe('Its project id, where that differs from the settings.'),
  region: text('has to be a region such as eu-west-101', /^[a-z0-9-]{1,64}$/)
    .optional()
    .describe('Its region, where that differs from the settings.'),
});

const clusters = z
  .record(z.string().regex(CLUSTER_NAME), cluster, {
    error: ({ code, input }) => {
      if (code === 'invalid_key') return 'a cluster is named by 1 to 64 letters, digits, _ and -';
      return `${input === undefined ? 'is required and ' : ''}has to be a mapping of cluster names`;
    },
  })
  .refine(isFilled, 'has to list at least one cluster; only what is listed can be touched')
  .meta({ ...FILLED, description: 'Only what is listed here can be touched. The names are yours: commands, rules and messages use them.' });

const askRule = mapping({
  trigger: trigger.optional().describe('Only what this trigger wishes for; left out, all of them.'),
  match: clusterSelector.optional().describe('Only jobs that fit; left out, all of them.'),
  who: oneOf(WHO).describe('requester: the person confirms; approver: somebody of slack.mayApprove who is not the requester; none: nobody.'),
});

const limits = mapping({
  perDelivery: wholeNumber(100_000).default(10).describe('Kills that one alert delivery or one cleanup run may start.'),
  perHour: wholeNumber(100_000).default(30).describe('Kills that alerts and cleanup may start in 60 minutes.'),
  percentOfRunning: wholeNumber(100).default(50).describe("Of a cluster's running jobs; cleanup and picks only, and always at least one."),
});

const channel = text('has to be the id of a Slack channel, such as C0123456789', /^[CGD][A-Z0-9]+$/);
const user = text('has to be the id of a Slack user, such as U012AB3CD', /^[UW][A-Z0-9]+$/);
const DIGEST = 'has to be a day, a time and a zone, such as mon 09:00 Europe/Berlin';
const digest = text(DIGEST, /^(?:mon|tue|wed|thu|fri|sat|sun) (?:[01]\d|2[0-3]):[0-5]\d [A-Za-z][A-Za-z0-9_+/-]*$/).refine(
  (written) => isZone(written.split(' ').at(-1) ?? ''),
  unlessBroken(`${DIGEST}; this zone is not known`),
);
const MRS_USER = 'has to be the name of an MRS user; * and ? stand for other characters';
const slack = mapping({
  team: text('has to be the id of a Slack workspace, such as T0123ABCD', /^[TE][A-Z0-9]+$/)
    .optional()
    .describe('Id of the workspace; other workspaces are turned away.'),
  mayKill: list(user).describe('Ids of those who may ask for a kill.'),
  mayApprove: list(user).describe('Ids of those who may approve the kills of others.'),
  channel: channel.optional().describe('Id of the channel where alerts and cleanup report.'),
  channels: z
    .array(channel, 'has to be a list')
    .min(1, 'is empty; leave it out to allow every channel')
    .optional()
    .describe('Ids of the channels where commands work; left out, everywhere.'),
  people: z
    .record(filledText(MRS_USER), text('has to be the id of a Slack user or channel, such as U012AB3CD or C0123456789', /^[CGUW][A-Z0-9]+$/), {
      error: ({ code }) => (code === 'invalid_key' ? MRS_USER : 'has to be a mapping of MRS users to people or channels'),
    })
    .nullish()
    .transform((given) => given ?? undefined)
    .optional()
    .describe('Whose jobs are whose: MRS users (globs, the first that fits) to the Slack id of a person or channel, who is told before a kill.'),
  digest: digest.optional().describe('When the week is told in slack.channel: mon 09:00 Europe/Berlin. Left out, never.'),
}).meta({ dependentRequired: { digest: ['channel'] } });

const LABELS = 'has to be a mapping of label names and what they have to look like';
const alertRule = mapping({
  name: ruleName
    .optional()
    .describe('A name of its own, by which records and answers call it; left out, its place: alerts.0.'),
  source: text('has to be the name of an alert source, such as alertmanager', /^[a-z0-9-]{1,64}$/)
    .optional()
    .describe('Only alerts of this source, as in /alerts/{source}, or cloudwatch; left out, all of them.'),
  match: z
    .record(z.string(), glob, { error: ({ input }) => `${input === undefined ? 'is required and ' : ''}${LABELS}` })
    .refine(isFilled, 'is empty and would fit every alert; give at least one label')
    .meta({ ...FILLED, description: "Globs over the alert's labels, then its annotations; all have to fit." }),
  cluster: clusterName.optional().describe('Name of the cluster, where the alert does not say it.'),
  job: filledText('has to be the name of a label').optional().describe('The label that names the job, where it is none of the usual ones.'),
  pick: pick.optional().describe('Chooses among the jobs of the cluster, where the alert names none.'),
  action,
  noData: trueOrFalse.optional().describe('true: an alert that says only that there is no data counts as firing.'),
  askAgain,
  ...warning,
  dryRun,
})
  .meta({ ...WARNING_NEEDS, dependentSchemas: { warn: { not: { anyOf: [{ required: ['pick'] }, TELLS_ANYWAY] } } } })
  .transform(withUnits);

const cleanupRule = mapping({
  name: ruleName.describe('A name of its own: it is the reason of the kill.'),
  cluster: clusterName.describe('Name of the cluster.'),
  match: selector.describe('The jobs that go.'),
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

/**
 * The one definition of policy.yml. Reads its YAML form, as plain values, to a Policy: defaults filled in, durations in
 * milliseconds. The type, the outline and policy.schema.json are made from it; what it cannot say of itself there, a
 * refinement or a transform, stands beside it in `meta`.
 */
export const PolicySchema = mapping({
  dryRun: z
    .union([z.boolean(), z.array(trigger).min(1, DRY_RUN)], DRY_RUN)
    .default(true)
    .describe('true: nothing is killed, all is looked at, decided and reported. Or the list of the triggers that only play.'),
  clusters,
  protected: list(selector).describe('Jobs that are never killed, whoever asks.'),
  ask: list(askRule).describe('Who has to agree; the first match decides. Without one, Slack asks the requester and the others ask nobody.'),
  limits: limits
    .nullish()
    .transform((given) => given ?? limits.parse({}))
    .describe('A delivery over a limit starts no kill at all. People are not limited.'),
  slack: slack
    .nullish()
    .transform((given) => given ?? slack.parse({}))
    .describe('Who may, and where. Ids and not names: names can be changed.'),
  alerts: list(alertRule).describe('Alerts that may kill; the first match decides, without one nothing happens.'),
  cleanup: list(cleanupRule).describe('Rules of the scheduled run; the first match decides.'),
}).meta({ title: 'policy.yml of mrs-killswitch', description: 'What may be killed, by whom, and when somebody has to be asked.' });
