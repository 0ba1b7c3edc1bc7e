// npm run check-config: settings and policy, and whether the real endpoints agree with them. Reads only.
import { parseArgs } from 'node:util';
import { systemClock } from '../functions/aws/process.ts';
import { createFileReader } from '../home/settings/read-files.ts';
import { openSend } from '../lib/http/send.ts';
import { listedClusters } from '../lib/mrs/cluster.ts';
import { connectMrs } from '../lib/mrs/connect.ts';
import { connectAws } from '../functions/aws/connect-aws.ts';
import { createParameterStore } from '../functions/aws/parameter-store.ts';
import type { ReadParameters } from '../lib/settings/references.ts';
import { isKnownRegion } from '../lib/settings/regions.ts';
import { checkClusters } from './check-config/clusters.ts';
import { checkLedger } from './check-config/ledger.ts';
import { checkPolicy } from './check-config/policy.ts';
import { checkSettings } from './check-config/settings.ts';
import { checkSlack } from './check-config/slack.ts';
import { findAwsEnvironment, NO_AWS_KEYS } from './aws-keys.ts';
import { DEFAULT_REGION } from './deployed-table.ts';
import { loadEnvFiles } from './env-files.ts';
import { bad, type Finding, printFindings } from './findings.ts';

const HELP = `npm run check-config -- [options]

Checks settings and policy as a deployment would read them, then asks MRS, IAM, Slack and DynamoDB, reading only: who we are,
each listed cluster, the rights to list and read its jobs, clocks, the bot's scopes and channel, whether each of slack.people can be told,
the ledger's table (LEDGER_TABLE, or <service>-<stage>-ledger). One line a finding: ok, warning or BAD with what to do. Exit code 1 if anything is BAD, else 0.
Nothing is killed, nothing is posted, nothing is written.

  --stage <stage>     reads .env.<stage> before .env, as deploy does, and says which table
  --region <region>   AWS region of the table; default eu-west-1, as deploy does
  --home              for the own home (npm run serve): file: references, its own settings, no AWS
  --offline           settings and policy only; of the outside, only the parameters that ssm: references lead to are read
  --help

Not seen: the right to kill (mrs:job:stop, or mrs:cluster:stopJob), which only a kill shows; what the functions' own roles may
do in the table, which is read here with your AWS credentials; and whether the Slack app has its Messages tab, as slack-app-manifest.yml
makes it, without which no person gets a direct message.
`;

type Env = Record<string, string | undefined>;

type Options = { home?: boolean | undefined; stage?: string | undefined; region?: string | undefined; offline?: boolean | undefined };

async function* checkAll(env: Env, { home: isOwn = false, stage, region, offline = false }: Options): AsyncGenerator<Finding, void, undefined> {
  const home = isOwn ? 'own' : 'aws';
  const readFiles = createFileReader({ warn: () => undefined }); // what cannot be read is a finding
  const { settings, findings } = await checkSettings(env, isOwn ? readFiles : readParametersWith(env, region), systemClock, home);
  yield* findings;
  const hasBotToken = settings ? settings.slack.botToken !== undefined : Boolean(env['SLACK_BOT_TOKEN']);
  const { policy, findings: more } = checkPolicy(env['POLICY_FILE'] || 'policy.yml', hasBotToken);
  yield* more;
  if (settings === undefined || policy === undefined) return;

  const clusters = listedClusters(policy, settings);
  const hasEndpoints = settings.mrsEndpoint !== undefined && settings.iamEndpoint !== undefined;
  const unknown = clusters.filter(({ region }) => !hasEndpoints && !isKnownRegion(region));
  for (const { name, region } of unknown) yield bad(name, `no endpoints are known for region ${region}; set MRS_ENDPOINT and HW_AUTH_URL`);
  if (offline || unknown.length > 0) return;
  yield* checkClusters(connectMrs({ settings, clusters, clock: systemClock, openSend }), clusters);
  yield* checkSlack(settings, policy);
  if (!isOwn) yield await checkLedger(env, stage, region);
}

/** The parameter store as we ourselves may read it. */
function readParametersWith(env: Env, region = DEFAULT_REGION): ReadParameters {
  return async (names) => {
    const aws = await findAwsEnvironment(region);
    if (aws === undefined) throw new Error(NO_AWS_KEYS);
    return createParameterStore(() => connectAws({ ...env, ...aws }, systemClock, 'ssm'))(names);
  };
}

async function main(): Promise<number> {
  const options = { home: { type: 'boolean' }, stage: { type: 'string' }, region: { type: 'string' }, offline: { type: 'boolean' }, help: { type: 'boolean' } } as const;
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
  try {
    ({ values } = parseArgs({ options }));
  } catch (error) {
    console.error(`${(error as Error).message} --help says more.`);
    return 1;
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  loadEnvFiles(values.stage);
  const badOnes = await printFindings(checkAll(process.env, values), console.log);
  console.log(badOnes === 0 ? '\nNothing is BAD.' : `\n${badOnes} BAD.`);
  return badOnes === 0 ? 0 : 1;
}

process.exitCode = await main();
