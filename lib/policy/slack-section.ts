import * as z from 'zod';
import { filledText, LIST, list, mapping, text, unlessBroken, wrong } from './fields.ts';

const channel = text('has to be the id of a Slack channel, such as C0123456789', /^[CGD][A-Z0-9]+$/);
const user = text('has to be the id of a Slack user, such as U012AB3CD', /^[UW][A-Z0-9]+$/);
const DIGEST = 'has to be a day, a time and a zone, such as mon 09:00 Europe/Berlin';
const digest = text(DIGEST, /^(?:mon|tue|wed|thu|fri|sat|sun) (?:[01]\d|2[0-3]):[0-5]\d [A-Za-z][A-Za-z0-9_+/-]*$/).refine(
  (written) => isZone(written.slice(written.lastIndexOf(' ') + 1)),
  unlessBroken(`${DIGEST}; this zone is not known`),
);
const MRS_USER = 'has to be the name of an MRS user; * and ? stand for other characters';

/** The section `slack`. */
export const slack = mapping({
  team: text('has to be the id of a Slack workspace, such as T0123ABCD', /^[TE][A-Z0-9]+$/)
    .optional()
    .meta({ description: 'Id of your Slack workspace; others are refused. Left out: nobody is served in Slack.', examples: ['T0123ABCD'] }),
  mayKill: list(user).meta({ description: 'Ids of the people who may kill jobs. Left out: nobody.', examples: [['U012AB3CD']] }),
  mayApprove: list(user).meta({ description: 'Ids of the people who may approve a kill that somebody else asked for. Left out: nobody.', examples: [['U045EF6GH']] }),
  channel: channel.optional().meta({ description: 'Id of the channel where alerts and cleanup ask and report.', examples: ['C0123456789'] }),
  channels: z
    .array(channel, LIST)
    .min(1, 'is empty; leave it out to allow every channel')
    .optional()
    .meta({ description: 'Ids of the channels where commands work. Left out: everywhere.', examples: [['C0123456789']] }),
  people: z
    .record(filledText(MRS_USER), text('has to be the id of a Slack user or channel, such as U012AB3CD or C0123456789', /^[CGUW][A-Z0-9]+$/), {
      error: (issue) => (issue.code === 'invalid_key' ? MRS_USER : wrong('has to be a mapping of MRS users to people or channels').error(issue)),
    })
    .nullish()
    .transform((given) => given ?? undefined)
    .optional()
    .meta({
      description: 'Who is told before a warned kill: for each MRS user (* and ? as in name, the first that fits) the Slack id of a person or channel.',
      examples: [{ etl_dev: 'U0678IJKL', 'svc-etl-*': 'C0789MNOP' }],
    }),
  digest: digest.optional().meta({ description: 'When the summary of the week is posted in slack.channel: a day, a time and a time zone. Left out: never.', examples: ['mon 09:00 Europe/Berlin'] }),
}).meta({ dependentRequired: { digest: ['channel'] } });

function isZone(zone: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
