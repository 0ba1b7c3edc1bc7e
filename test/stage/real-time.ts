import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http } from '../../functions/aws/http.ts';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { type DurableClock, realClock } from '../local/clock.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { type HandlerServer, serveHandler } from '../support/serve-handler.ts';
import { type Stage, startStage } from './stage.ts';

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
export type RealTimeStage = Stage<DurableClock> & {
  server: HandlerServer;
  /** A file that holds the token, as Alertmanager reads it. */
  tokenFile: string;
};

export async function startRealTimeStage(): Promise<RealTimeStage> {
  const stage = await startStage({ policy: POLICY, clock: realClock(), env: { ALERT_TOKENS: `prometheus@alertmanager:${TOKEN}` }, simulator: { killDelayMs: 50 } }, Date.now());
  const folder = mkdtempSync(join(tmpdir(), 'real-time-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, `${TOKEN}\n`); // editors end a file so
  const server = await serveHandler(http(stage.outside, createAlertRoute(stage.load)));
  return {
    ...stage,
    server,
    tokenFile,
    async close() {
      await server.close();
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
