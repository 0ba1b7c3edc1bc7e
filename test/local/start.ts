import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { AppError, SettingsInvalid } from '../../lib/core/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import { findProblems } from '../../lib/settings/settings.ts';
import { checkTokenSources } from '../../lib/settings/token-sources.ts';
import { buildPolicy } from '../../tools/build-policy.ts';
import { servePlayground } from '../playground/front.ts';
import { SIMULATED_USER } from '../simulator/settings.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { playgroundLine, SEEDED_JOBS, whatToTry } from './seed.ts';
import { checkPorts } from './check-ports.ts';
import { LOCAL_ALERT_TOKEN, LOCAL_API_TOKEN, LOCAL_BOT_TOKEN, LOCAL_PROOFS } from './local-secrets.ts';
import { noteStart, type RunningStart } from './running-start.ts';
import { StartRefused } from './start-refused.ts';
import { slackOfPolicy } from './slack-of-policy.ts';
import { localAws, startDurableParts } from './start-durable.ts';
import { startLedgerParts } from './start-ledger.ts';

type Env = Record<string, string | undefined>;

/** What `npm start` runs beside the HTTP server. */
export type LocalParts = {
  /** For the handlers' environment. */
  environment: Record<string, string>;
  printWhatToTry(): void;
  stop(): Promise<void>;
};

/** The setting that names the real part instead of the simulator's. SMN has none: its hosts stand in its messages. */
const SETTING_OF_PART = { mrs: 'MRS_ENDPOINT', iam: 'HW_AUTH_URL', slack: 'SLACK_API_URL' };
/** For the check: the simulator's own are known when it runs. */
const SIMULATED_ENDPOINTS = { MRS_ENDPOINT: 'http://127.0.0.1', HW_AUTH_URL: 'http://127.0.0.1' };
type LocalPart = keyof typeof SETTING_OF_PART;
/** The shipped policy kills nobody: the playground has one of its own. */
const PLAYGROUND_POLICY = 'test/playground/policy.yml';

/** What serverless.yml says of the parts that this start stands in for. */
type Deployed = { killFunction: string; warnFunction: string; ledgerTable: string };

/**
 * Checks ports, settings and policy, starts the simulator of whatever the settings leave open, the ledger, and the durable backend with
 * functions/kill and functions/warn in it, and the playground. Settings that are given always win over the simulator's. Throws StartRefused
 * with all that is wrong, and SettingsInvalid.
 */
export async function startLocalParts(env: Env, deployed: Deployed): Promise<LocalParts> {
  await checkStart(env);
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-'));
  try {
    return await startIn(folder, env, deployed);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string, env: Env, { killFunction, warnFunction, ledgerTable }: Deployed): Promise<LocalParts> {
  const parts = (Object.keys(SETTING_OF_PART) as LocalPart[]).filter((part) => !env[SETTING_OF_PART[part]]);
  const botToken = botTokenOf(env);
  const policyFile = join(folder, 'policy.json');
  const policy = buildPolicy({ ...env, SLACK_BOT_TOKEN: botToken }, policyFile);

  const ledger = await startLedgerParts({ ...env, ...localAws(env) }, ledgerTable);
  const simulator = parts.length > 0 ? await startSimulator({ parts, slack: { ...slackOfPolicy(policy), botToken } }) : undefined;
  if (simulator && parts.includes('mrs')) for (const job of SEEDED_JOBS) simulator.addJob(job);
  const settings = { POLICY_FILE: policyFile, ...ledger.environment, ...(simulator && simulatorSettings(simulator, parts, env)) };
  // Before the settings become this process's own.
  const tokens = { api: env['API_TOKENS'] ? undefined : LOCAL_API_TOKEN, alerts: env['ALERT_TOKENS'] ? undefined : LOCAL_ALERT_TOKEN };
  const tried = { port: env['PORT'] || '3000', tokens, policy, file: env['POLICY_FILE'] || 'policy.yml', paused: env['PAUSED'], realParts: realParts(env) };
  const played = { port: Number(env['PLAYGROUND_PORT'] || '0'), policyFile: env['POLICY_FILE'] || PLAYGROUND_POLICY };
  const running = simulator && parts.includes('slack') ? runningStart(simulator, policy, env) : undefined;
  const durable = await startDurableParts(env, settings, { killFunction, warnFunction, warningLifeSec: warningLifeSec(policy) });
  const playground = await servePlayground(played);
  const forgetStart = running && noteStart(env['PORT'] || '3000', running);
  return {
    environment: { ...settings, ...durable.environment },
    printWhatToTry() {
      const isSimulated = simulator && parts.includes('mrs');
      process.stdout.write(isSimulated ? whatToTry({ ...tried, simulatorUrl: simulator.url, playgroundUrl: playground.url }) : `${playgroundLine(playground.url)}\n`);
    },
    async stop() {
      forgetStart?.();
      await playground.close();
      await durable.stop();
      await ledger.stop();
      await simulator?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runningStart({ url }: Simulator, { slack }: Policy, env: Env): RunningStart {
  return { simulatorUrl: url, policyFile: env['POLICY_FILE'] || 'policy.yml', team: slack.team, channel: slack.channel, person: slack.mayKill[0] };
}

/** Before anything is started or written. Throws StartRefused with a line for each: ports, settings, policy. */
async function checkStart(env: Env): Promise<void> {
  const wrong: string[] = [];
  for (const check of [async () => checkPorts(env), async () => checkSettings(env), async () => readPolicyFile({ ...env, SLACK_BOT_TOKEN: botTokenOf(env) }, SOURCE_NAMES)]) {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof AppError) && !(error instanceof StartRefused)) throw error;
      wrong.push(error.message);
    }
  }
  if (wrong.length > 0) throw new StartRefused(wrong.join('\n'));
}

function botTokenOf(env: Env): string {
  return env['SLACK_BOT_TOKEN'] || (env['SLACK_API_URL'] ? '' : LOCAL_BOT_TOKEN);
}

/**
 * All settings as the functions would refuse them, before anything is started, with the simulator's in place of what is left out; what
 * a reference leads to is known only later. Throws SettingsInvalid.
 */
function checkSettings(env: Env): void {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value));
  const problems = [...findProblems({ ...SIMULATED_ENDPOINTS, ...(!env['HW_AUTH_URL'] && SIMULATED_USER), ...given }), ...checkTokenSources(env['ALERT_TOKENS'], SOURCE_NAMES)];
  if (problems.length > 0) throw new SettingsInvalid(problems);
}

/** What stands behind this start that is no simulator, for people: `Slack is https://slack.com`. */
function realParts(env: Env): string[] {
  const names: Record<LocalPart, string> = { mrs: 'MRS', iam: 'IAM', slack: 'Slack' };
  return (Object.keys(SETTING_OF_PART) as LocalPart[]).flatMap((part) => {
    const url = URL.parse(env[SETTING_OF_PART[part]] ?? '');
    return url === null ? [] : [`${names[part]} is ${url.origin}`];
  });
}

/** What a part of the simulator needs of the settings, where they do not say it themselves. What everybody knows opens no real MRS, from Slack neither. */
function simulatorSettings({ url, slack }: Simulator, parts: LocalPart[], env: Env): Record<string, string> {
  const settings: Record<LocalPart, Record<string, string>> = {
    mrs: { MRS_ENDPOINT: url, API_TOKENS: `local:${LOCAL_API_TOKEN}`, ALERT_TOKENS: LOCAL_PROOFS.ALERT_TOKENS, ...(parts.includes('slack') && { SLACK_SIGNING_SECRET: LOCAL_PROOFS.SLACK_SIGNING_SECRET }) },
    iam: { ...SIMULATED_USER, HW_AUTH_URL: `${url}/v3` },
    slack: { SLACK_API_URL: slack.apiUrl, SLACK_BOT_TOKEN: LOCAL_BOT_TOKEN },
  };
  const wanted = Object.assign({}, ...parts.map((part) => settings[part])) as Record<string, string>;
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => !env[name]));
}
