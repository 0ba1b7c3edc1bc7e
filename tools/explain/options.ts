import type { parseArgs } from 'node:util';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { type Trigger, TRIGGERS } from '../../lib/core/request.ts';
import { parseDurationMs } from '../../lib/core/time.ts';
import { readArgs } from '../command-line.ts';

/** What describes a job on the command line: its fields in MRS's words, where they were given. */
export type JobFlags = {
  file?: string;
  cluster?: string;
  fields: Partial<Record<'job_name' | 'user' | 'queue' | 'job_type' | 'job_state' | 'id', string>>;
  runningForMs?: number;
  waitingForMs?: number;
};

/** The alert that is meant: its labels, or a saved delivery. */
export type AlertFlags = { source: string; labels: Record<string, string> } | { source: string; file: string };

/** `at`: epoch ms. `policyFile`: left out, POLICY_FILE or policy.yml. */
export type Options = { job?: JobFlags; alert?: AlertFlags; by: readonly Trigger[]; at?: number; policyFile?: string; asJson: boolean };

export const HELP = `Usage: npm run explain -- [a job] [an alert] [options]

Says what would happen to a job, or what an alert would lead to, and by which rule of policy.yml. Offline: nobody is asked, nothing is killed.
Not seen here: the off switch, jobs that are kept, earlier answers, other jobs and kills. In Slack, /mrs why <job> knows them.

A job, by a file or by flags; a flag wins over the file:
  --job <file>           JSON as MRS's API shows the job: {"job_id": …} or {"job_detail": {…}}
  --cluster <cluster>    its name in policy.yml, or its id; needed where policy.yml lists several and no alert says it
  --name <name>  --user <user>  --queue <queue>  --type <type>  --id <MRS id or application_…>
  --state <state>        default RUNNING, with --waiting-for ACCEPTED
  --running-for <time>   such as 90s, 30m, 6h, 2d
  --waiting-for <time>   submitted so long ago, and not started
What is left out counts as left out by MRS; name and id are taken from the alert, where it says them.

An alert:
  --alert <label=value>  a label of the alert; once for each label
  --source <source>      who sends it: ${SOURCE_NAMES.join(', ')}; default alertmanager
  --payload <source> <file>   instead: a saved delivery, read as the server reads it

Options:
  --by <trigger>         only this way to a kill: ${TRIGGERS.join(', ')}; default all, with an alert alerts
  --at <time>            such as 2026-11-29T14:30:00Z; default now, for a saved delivery when its alert began
  --policy <file>        default POLICY_FILE, else policy.yml
  --json                 the same as JSON
  --help

Exit code: 0 it was explained, 1 arguments or policy are wrong.

Examples:
  npm run explain -- --cluster dev --name nb-1 --user ana --queue adhoc --type SparkSubmit --running-for 7h
  npm run explain -- --alert alertname=MrsJobStuck --alert severity=critical --alert job_name=etl --cluster analytics
  npm run explain -- --payload generic test/fixtures/alerts/generic/stuck-job.json
`;

const TEXT = { type: 'string' } as const;
const FLAGS = {
  job: TEXT, cluster: TEXT, name: TEXT, user: TEXT, queue: TEXT, type: TEXT, id: TEXT, state: TEXT, 'running-for': TEXT, 'waiting-for': TEXT,
  alert: { type: 'string', multiple: true }, source: TEXT, payload: TEXT,
  by: TEXT, at: TEXT, policy: TEXT, json: { type: 'boolean' },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof FLAGS; allowPositionals: true }>>['values'];

/** Reads the command line; undefined where help is wanted. Throws WrongUsage and InvalidRequest. */
export function readOptions(args: string[]): Options | undefined {
  const read = readArgs(args, { name: 'npm run explain', options: FLAGS, mostWords: 1 });
  if (read === 'help') return undefined;
  const { values, positionals } = read;
  if (values.by !== undefined && !TRIGGERS.some((trigger) => trigger === values.by)) throw new InvalidRequest(`--by: has to be ${TRIGGERS.join(', ')}`);
  const job = readJobFlags(values);
  const alert = readAlertFlags(values, positionals);
  if (job === undefined && alert === undefined) throw new InvalidRequest('a job or an alert is needed: such as --cluster dev --name nb-1, or --alert alertname=MrsJobStuck; --help says more');
  const ways = values.by === undefined ? undefined : TRIGGERS.filter((trigger) => trigger === values.by);
  return {
    ...(job && { job }),
    ...(alert && { alert }),
    by: ways ?? (alert === undefined ? TRIGGERS : ['alerts']),
    ...(values.at !== undefined && { at: readTime(values.at) }),
    ...(values.policy !== undefined && { policyFile: values.policy }),
    asJson: values.json ?? false,
  };
}

function readJobFlags(values: Values): JobFlags | undefined {
  const { job: file, cluster, name, user, queue, type, id, state, 'running-for': running, 'waiting-for': waiting } = values;
  if (running !== undefined && waiting !== undefined) throw new InvalidRequest('--waiting-for: a job runs or waits; give one of --running-for and --waiting-for');
  const fields = { job_name: name, user, queue, job_type: type, job_state: state?.toUpperCase(), id };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JobFlags['fields'];
  const flags: JobFlags = {
    ...(file !== undefined && { file }),
    ...(cluster !== undefined && { cluster }),
    fields: given,
    ...(running !== undefined && { runningForMs: readDuration('--running-for', running) }),
    ...(waiting !== undefined && { waitingForMs: readDuration('--waiting-for', waiting) }),
  };
  return file === undefined && cluster === undefined && running === undefined && waiting === undefined && Object.keys(given).length === 0 ? undefined : flags;
}

function readAlertFlags({ alert, source, payload }: Values, positionals: string[]): AlertFlags | undefined {
  const [file] = positionals;
  if (payload === undefined && file !== undefined) throw new InvalidRequest(`${file}: this is no option; --help says more`);
  if (payload !== undefined) {
    if (alert !== undefined || source !== undefined) throw new InvalidRequest('--payload: has source and labels of its own; leave out --alert and --source');
    if (!SOURCE_NAMES.includes(payload)) throw new InvalidRequest(`--payload: there is no source ${payload}; known are ${SOURCE_NAMES.join(', ')}`);
    if (file === undefined) throw new InvalidRequest(`--payload: takes the source and one file: --payload ${payload} delivery.json`);
    return { source: payload, file };
  }
  if (alert === undefined) {
    if (source !== undefined) throw new InvalidRequest('--source: says who sends an alert; give its labels with --alert <label=value>');
    return undefined;
  }
  if (source !== undefined && !SOURCE_NAMES.includes(source)) throw new InvalidRequest(`--source: there is no source ${source}; known are ${SOURCE_NAMES.join(', ')}`);
  return { source: source ?? 'alertmanager', labels: Object.fromEntries(alert.map(readLabel)) };
}

function readLabel(text: string): [string, string] {
  const [, label = '', value = ''] = /^([^=]+)=([^]*)$/.exec(text) ?? [];
  if (label === '') throw new InvalidRequest(`--alert: has to be label=value, such as alertname=MrsJobStuck; this is ${JSON.stringify(text)}`);
  return [label.trim(), value];
}

function readDuration(flag: string, text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs === undefined) throw new InvalidRequest(`${flag}: has to be a duration such as 90s, 30m, 6h, 2d or 2w`);
  return durationMs;
}

/** A time without a zone would be another moment on each machine. */
function readTime(text: string): number {
  const at = /(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(at)) throw new InvalidRequest('--at: has to be a time with its zone, such as 2026-11-29T14:30:00Z');
  return at;
}
