import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { createKillHandler } from '../../lib/kill/handle-payload.ts';
import { http } from '../../lib/lambda.ts';
import { loadKillswitch } from '../../lib/load.ts';
import { createLog } from '../../lib/log.ts';
import { realClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type LambdaFront, startLambdaFront } from '../start/lambda-front.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { type HandlerServer, serveHandler } from '../support/serve-handler.ts';

export const TOKEN = 'alertmanager-only-0123456789';

const POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
protected: [{ name: "billing-*" }]
alerts:
  - { source: alertmanager, match: { alertname: MrsJobStuck, severity: "crit*" }, action: kill }
`;

/** /alerts behind real HTTP, with everything that follows it, on the clock on the wall. */
export type RealTimeStage = {
  simulator: Simulator;
  backend: DurableBackend;
  lambda: LambdaFront;
  server: HandlerServer;
  /** A file that holds the token, as Alertmanager reads it. */
  tokenFile: string;
  close(): Promise<void>;
};

export async function startRealTimeStage(): Promise<RealTimeStage> {
  const simulator = await startSimulator({ killDelayMs: 50 });
  const backend = createDurableBackend({ clock: realClock() });
  const lambda = await startLambdaFront(backend);
  Object.assign(process.env, { AWS_ENDPOINT_URL_LAMBDA: lambda.url, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' });
  const folder = mkdtempSync(join(tmpdir(), 'real-time-'));
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(parsePolicy(POLICY, { hasBotToken: false, file: 'policy.yml' })));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`); // editors end a file so

  const log = createLog({ level: 'error', now: Date.now, write: () => undefined });
  const load = loadKillswitch(
    {
      ...settingsOf(simulator.url),
      HW_PROJECT_ID: PROJECT_ID,
      ALERT_TOKENS: `prometheus@alertmanager:${TOKEN}`,
      KILL_FUNCTION: 'mrs-killswitch-test-kill:durable',
      FOLLOW_INTERVAL_SEC: '1',
    },
    pathToFileURL(policyFile),
  );
  backend.register('mrs-killswitch-test-kill', withDurableExecution(createKillHandler(load, log)));
  const server = await serveHandler(http(log, createAlertRoute(load, log)));
  return {
    simulator,
    backend,
    lambda,
    server,
    tokenFile,
    async close() {
      await server.close();
      backend.close();
      await lambda.close();
      await simulator.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
