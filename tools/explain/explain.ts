import { readFileSync } from 'node:fs';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import type { Trigger } from '../../lib/core/request.ts';
import { utcText } from '../../lib/core/time.ts';
import { type Cluster, listedClusters } from '../../lib/mrs/cluster.ts';
import { PolicyUnreadable } from '../../lib/policy/load-policy.ts';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import { WrongUsage } from '../command-line.ts';
import { explainAlert } from './judge-alert.ts';
import { type Answer, judge, judgeCleanup, type JudgeParts } from './judge.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { createPlaces } from './places.ts';
import { readAlerts } from './read-alerts.ts';
import { readDescribedJob } from './read-job.ts';
import { alertWords, answerWords, byPlace, jobWords } from './words.ts';

type World = { env: Record<string, string | undefined>; now: () => number; print: (text: string) => void; printError: (text: string) => void };
type Known = Omit<JudgeParts, 'now'> & { clusters: readonly Cluster[] };
type Told = { json: object; lines: string[] };

const NOT_SEEN = 'Not seen here: the off switch, kept jobs, earlier answers, other kills. In Slack, /mrs why <job> shows them';

/** Does what the command line says; the exit code: 0, or 1 where arguments or policy are wrong. Throws for nothing of that. */
export async function explain(args: string[], { env, now, print, printError }: World): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === undefined) {
      print(HELP);
      return 0;
    }
    const { json, lines } = await tell(options, readPolicy(options, env), now());
    print(options.asJson ? JSON.stringify(json, undefined, 2) : [...lines, NOT_SEEN].map(inOneLine).join('\n'));
    return 0;
  } catch (error) {
    if (!(error instanceof WrongUsage || error instanceof InvalidRequest || error instanceof PolicyInvalid || error instanceof PolicyUnreadable)) throw error;
    printError(error.message);
    return 1;
  }
}

/** Parts of it come from outside. */
function inOneLine(line: string): string {
  return line.replace(/\p{Cc}/gu, ' ');
}

/** Whether there is a bot token is not asked here: what the rules say is the same without one. */
function readPolicy({ policyFile }: Options, env: World['env']): Known {
  const file = policyFile ?? (env['POLICY_FILE'] || 'policy.yml');
  try {
    const policy = readPolicyFile({ POLICY_FILE: file, SLACK_BOT_TOKEN: 'none' }, SOURCE_NAMES);
    return { policy, place: createPlaces(readFileSync(file, 'utf8'), file), clusters: listedClusters(policy, { region: '', project: { name: '' } }) };
  } catch (error) {
    if (policyFile === undefined || !(error instanceof PolicyUnreadable)) throw error;
    throw new InvalidRequest(`--policy: ${file} cannot be read; name the policy's file`, { cause: error });
  }
}

async function tell(options: Options, known: Known, nowMs: number): Promise<Told> {
  const { alert, by, job, at } = options;
  if (alert !== undefined && by.includes('alerts')) return tellAlerts(alert, options, known, nowMs);
  if (job === undefined) throw new InvalidRequest('--by: this is not the way of an alert; describe a job, such as --cluster dev --name nb-1');
  const parts = { ...known, now: new Date(at ?? nowMs) };
  const described = readDescribedJob(job, known.clusters).at(parts.now.getTime());
  const answers = by.flatMap((trigger) => answersOf(parts, trigger, described));
  return {
    json: { at: parts.now.toISOString(), job: described, answers },
    lines: [`At ${utcText(parts.now.getTime())}`, ...jobWords(described, parts.now), ...(inOne(answers) ?? answers.flatMap((answer) => answerWords(parts, answer)))],
  };
}

function answersOf(parts: JudgeParts, trigger: Trigger, job: Job): Answer[] {
  return trigger === 'cleanup' ? judgeCleanup(parts, job) : [judge(parts, trigger, job)];
}

/** What refuses it whoever asks is said once. */
function inOne(answers: readonly Answer[]): string[] | undefined {
  const refused = answers.filter(({ verdict, rule }) => verdict === 'refuse' && rule !== 'ask');
  const others = answers.filter((answer) => !refused.includes(answer) && answer.verdict !== 'nothing');
  const [first] = refused;
  return first === undefined || others.length > 0 ? undefined : [`NOT killed, whoever asks. ${first.reason}${byPlace(first.decidedBy)}`];
}

async function tellAlerts(alert: NonNullable<Options['alert']>, { job, at }: Options, known: Known, nowMs: number): Promise<Told> {
  const answers: object[] = [];
  const lines: string[] = [];
  for (const one of readAlerts(alert, at ?? nowMs)) {
    // What was saved is of its own time.
    const parts = { ...known, now: new Date(at ?? one.startsAt ?? nowMs) };
    const answer = await explainAlert(parts, alert.source, one, job);
    answers.push({ at: parts.now.toISOString(), ...answer });
    lines.push(...alertWords(parts, answer));
  }
  return { json: { alerts: answers }, lines };
}
