import { basename } from 'node:path';
import { connectAws } from '../../functions/aws/connect-aws.ts';
import { createParameterStore } from '../../functions/aws/parameter-store.ts';
import { systemClock } from '../../functions/aws/process.ts';
import { createFileReader } from '../../home/settings/read-files.ts';
import { openSend } from '../../lib/http/send.ts';
import { type Cluster, listedClusters } from '../../lib/mrs/cluster.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import { isKnownRegion } from '../../lib/settings/regions.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { findAwsEnvironment, NO_AWS_KEYS } from '../aws-keys.ts';
import { DEFAULT_REGION } from '../deployed-table.ts';
import { bad, type Finding, skipped } from '../findings.ts';
import { checkPackagingVariables } from '../osls/packaging-variables.ts';
import { checkClusters } from './clusters.ts';
import { checkDangers } from './dangers.ts';
import { checkIds } from './ids.ts';
import { checkLedger } from './ledger.ts';
import { checkNames, hasSettings } from './names.ts';
import { checkPolicy } from './policy.ts';
import { checkRules } from './rules.ts';
import { checkSchedule } from './schedule.ts';
import { checkSettings } from './settings.ts';
import { checkSlack } from './slack.ts';
import { checkSources } from './sources.ts';

type Env = Record<string, string | undefined>;

export type Options = { home?: boolean | undefined; stage?: string | undefined; region?: string | undefined; offline?: boolean | undefined };

/** All that can be looked at with what is given, and at the end what was not, with why. */
export async function* checkAll(env: Env, options: Options): AsyncGenerator<Finding, void, undefined> {
  const file = basename(env['POLICY_FILE'] || 'policy.yml');
  if (!hasSettings(env)) {
    const { policy, findings } = checkPolicy(env, true, file);
    yield* findings;
    if (policy) yield* checkByItself(policy, env, file);
    yield skipped('settings', 'none are given, so only the policy was checked, as if SLACK_BOT_TOKEN were set; give --stage, or the settings in the environment or in .env');
    yield* whatIsLeft(options, 'no settings are given');
    return;
  }
  const { settings, policy, findings } = await checkBoth(env, options, file);
  yield* findings;
  if (settings === undefined || policy === undefined) {
    yield* whatIsLeft(options, `${settings === undefined ? 'a setting' : 'the policy'} is BAD`);
    return;
  }
  const clusters = listedClusters(policy, settings);
  const hasEndpoints = settings.mrsEndpoint !== undefined && settings.iamEndpoint !== undefined;
  const unknown = clusters.filter(({ region }) => !hasEndpoints && !isKnownRegion(region));
  for (const { name, region } of unknown) yield bad(name, `no endpoints are known for region ${region}; set MRS_ENDPOINT and HW_AUTH_URL`);
  if (options.offline || unknown.length > 0) {
    yield* whatIsLeft(options, options.offline ? '--offline' : 'a region has no endpoints');
    return;
  }
  yield* askOutside(env, options, { settings, policy, clusters });
}

/** Settings and policy, each by itself and beside the other. One of them is undefined where it cannot be used. */
async function checkBoth(env: Env, { home: isOwn = false, region }: Options, file: string): Promise<{ settings?: Settings; policy?: Policy; findings: Finding[] }> {
  const home = isOwn ? 'own' : 'aws';
  const readFiles = createFileReader({ warn: () => undefined }); // what cannot be read is a finding
  const ofSettings = await checkSettings(env, isOwn ? readFiles : readParametersWith(env, region), systemClock, home);
  const { settings } = ofSettings;
  const hasBotToken = settings ? settings.slack.botToken !== undefined : Boolean(env['SLACK_BOT_TOKEN']);
  const { policy, findings } = checkPolicy(env, hasBotToken, file);
  const ofPackaging = isOwn ? [] : checkPackagingVariables(env).map(({ name, problem }) => bad(name, problem));
  return {
    ...(settings && { settings }),
    ...(policy && { policy }),
    findings: [
      ...ofSettings.findings,
      ...ofPackaging,
      ...checkNames(env),
      ...findings,
      ...(policy ? [...checkByItself(policy, env, file), ...checkSchedule(policy, env, { home, file })] : []),
      ...(policy && settings ? checkSources(settings, policy, env, { home, file }) : []),
    ],
  };
}

/** What a policy that can be used says of itself. */
function checkByItself(policy: Policy, env: Env, file: string): Finding[] {
  return [...checkRules(policy, file), ...checkDangers(policy, file), ...checkIds(policy, env, file)];
}

async function* askOutside(env: Env, options: Options, { settings, policy, clusters }: { settings: Settings; policy: Policy; clusters: Cluster[] }): AsyncGenerator<Finding, void, undefined> {
  const metadataUrl = (options.home && env['HW_METADATA_URL']) || undefined; // for tests
  yield* checkClusters(connectMrs({ settings, clusters, clock: systemClock, openSend, metadataUrl }), clusters);
  yield* checkSlack(settings, policy);
  if (!options.home) yield await checkLedger(env, options.stage, options.region);
  yield* whatIsNeverSeen(options);
}

/** What was not asked at all, and why. */
function whatIsLeft(options: Options, why: string): Finding[] {
  const others = ['clusters', 'Slack', ...(options.home ? [] : ['LEDGER_TABLE'])];
  return [skipped(others.join(', '), `not asked: ${why}`), ...whatIsNeverSeen(options)];
}

/** What only the real thing shows. */
function whatIsNeverSeen({ home }: Options): Finding[] {
  return [
    skipped('right to kill', 'mrs:job:stop (or mrs:cluster:stopJob) shows only in a kill; kill a job of your own once'),
    ...(home ? [] : [skipped('roles of the functions', 'what is read here is read with your AWS credentials; npm run smoke -- <url> asks the deployment')]),
    skipped('Messages tab of the Slack app', 'no method tells of it; without it, as slack-app-manifest.yml makes it, no person gets a direct message'),
  ];
}

/** The parameter store as we ourselves may read it. */
function readParametersWith(env: Env, region = DEFAULT_REGION): ReadParameters {
  return async (names) => {
    const aws = await findAwsEnvironment(region);
    if (aws === undefined) throw new Error(NO_AWS_KEYS);
    return createParameterStore(() => connectAws({ ...env, ...aws }, systemClock, 'ssm'))(names);
  };
}
