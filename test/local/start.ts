import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPolicy } from '../../tools/build-policy.ts';
import { type Simulator, startSimulator, type SimulatorPart } from '../simulator/simulator.ts';
import { SEEDED_JOBS, whatToTry } from './seed.ts';
import { startDurableParts } from './start-durable.ts';

type Env = Record<string, string | undefined>;

/** What `npm start` runs beside the HTTP server. */
export type LocalParts = {
  /** For the handlers' environment. */
  environment: Record<string, string>;
  printWhatToTry(): void;
  stop(): Promise<void>;
};

/** The simulator's own account; used only where its IAM is. */
const SIMULATOR_USER = { HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'simulator-password', HW_DOMAIN_NAME: 'simulator' };
const LOCAL_API_TOKEN = 'local-token-not-for-production';
const LOCAL_ALERT_TOKEN = 'local-alert-token-not-for-production';

/**
 * Checks the policy, starts the simulator of whatever MRS_ENDPOINT and HW_AUTH_URL leave open, and the durable backend with
 * functions/kill in it. Settings that are given always win over the simulator's. Throws PolicyInvalid with line and key.
 */
export async function startLocalParts(env: Env, killFunction: string): Promise<LocalParts> {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-'));
  const policyFile = join(folder, 'policy.json');
  buildPolicy(env, policyFile);

  const parts: SimulatorPart[] = [...(env['MRS_ENDPOINT'] ? [] : ['mrs' as const]), ...(env['HW_AUTH_URL'] ? [] : ['iam' as const])];
  const simulator = parts.length > 0 ? await startSimulator({ parts }) : undefined;
  if (parts.includes('mrs')) for (const job of SEEDED_JOBS) simulator?.addJob(job);
  const settings = { POLICY_FILE: policyFile, ...(simulator && simulatorSettings(simulator, parts, env)) };
  // Before the settings become this process's own.
  const tokens = { api: env['API_TOKENS'] ? undefined : LOCAL_API_TOKEN, alerts: env['ALERT_TOKENS'] ? undefined : LOCAL_ALERT_TOKEN };
  const durable = await startDurableParts(env, settings, killFunction);
  return {
    environment: { ...settings, ...durable.environment },
    printWhatToTry() {
      if (!simulator || !parts.includes('mrs')) return;
      process.stdout.write(whatToTry(env['PORT'] || '3000', tokens));
    },
    async stop() {
      await durable.stop();
      await simulator?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function simulatorSettings(simulator: Simulator, parts: SimulatorPart[], env: Env): Record<string, string> {
  const settings: Record<string, string> = {
    ...(parts.includes('mrs') && {
      MRS_ENDPOINT: simulator.url,
      API_TOKENS: `local:${LOCAL_API_TOKEN}`,
      ALERT_TOKENS: `local:${LOCAL_ALERT_TOKEN}`,
    }),
    ...(parts.includes('iam') && { HW_AUTH_URL: `${simulator.url}/v3`, HW_REGION_NAME: 'eu-west-101', ...SIMULATOR_USER }),
  };
  return Object.fromEntries(Object.entries(settings).filter(([name]) => !env[name]));
}
