import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import type { Clock } from '../../lib/core/clock.ts';
import type { View } from '../../lib/core/report.ts';
import { createKillHandler } from '../../lib/kill/handle-payload.ts';
import type { KillPayload } from '../../lib/kill/payload.ts';
import { http } from '../../lib/lambda.ts';
import { type Killswitch, loadKillswitch } from '../../lib/load.ts';
import { createLog } from '../../lib/log.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { NOON } from '../core/a-job.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { openSendTo } from '../simulator/smn-send.ts';
import { type LambdaFront, startLambdaFront } from '../start/lambda-front.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { parsePolicy } from '../support/parse-policy.ts';

export const TOKEN = 'alert-token-0123456789';
export const ALERTMANAGER_TOKEN = 'alertmanager-only-0123456789';
export const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

/** A policy that kills, with the given rules (YAML, the list under `alerts:`) and more top-level lines. */
export function policyOf(rules: string, more = 'dryRun: false'): string {
  return `
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: ${DEV_ID} }
protected: [{ name: "billing-*" }]
${more}
alerts:
${rules}
`;
}

/** Kills the job of every alert named MrsJobStuck. */
export const STUCK = policyOf('  - { match: { alertname: MrsJobStuck }, action: kill }');

type Result = { alert: string; outcome: string; kill_id?: string; rule?: string; reason?: string; target?: { cluster?: string; job?: string } };
export type Reply = {
  status: number;
  headers: Record<string, unknown>;
  body: { results?: Result[]; error_code?: string; error_msg?: string; request_id?: string };
  text: string;
};
export type Sent = { headers?: Record<string, string>; line?: string; base64?: boolean };

/** POST /alerts/{source} with everything behind it: Lambda's API, the kill function, MRS and IAM; all on one clock. */
export type AlertStage = {
  clock: VirtualClock;
  simulator: Simulator;
  backend: DurableBackend;
  lambda: LambdaFront;
  lines: string[];
  /** What was shown of each request, by kill id. */
  shown: { killId: string; view: View }[];
  /** What was said in the channel. */
  said: string[];
  /** Sends `body` (text as it stands, anything else as JSON) to the source `generic` with the token. */
  deliver(body: unknown, sent?: Sent): Promise<Reply>;
  /** Delivers one alert, fills in its id and name, and gives its entry of the answer. */
  alert(fields: { id?: string; labels: Record<string, string>; [field: string]: unknown }): Promise<Result>;
  /** Waits until all executions have ended; their outcomes, oldest first. */
  outcomes(): Promise<string[]>;
  /** The start payloads, oldest first. */
  payloads(): KillPayload[];
  close(): Promise<void>;
};

export async function startAlertStage(policy = STUCK, env: Record<string, string | undefined> = {}): Promise<AlertStage> {
  const clock = virtualClock(NOON);
  const simulator = await startSimulator({ now: clock.now });
  const backend = createDurableBackend({ clock });
  const lambda = await startLambdaFront(backend);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test',
  });
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(parsePolicy(policy, { hasBotToken: true, file: 'policy.yml' })));

  const lines: string[] = [];
  const log = createLog({ level: 'debug', now: clock.now, write: (line) => void lines.push(line) });
  const shown: AlertStage['shown'] = [];
  const said: string[] = [];
  const ownClock: Clock = { now: clock.now, sleep: async (ms) => clock.advanceTo(clock.now() + ms), random: () => 0 };
  const loadReal = loadKillswitch(
    {
      ...settingsOf(simulator.url),
      HW_PROJECT_ID: PROJECT_ID,
      ALERT_TOKENS: `gateway:${TOKEN},prometheus@alertmanager:${ALERTMANAGER_TOKEN}`,
      KILL_FUNCTION: 'mrs-killswitch-test-kill:durable',
      ...env,
    },
    pathToFileURL(policyFile),
  );
  let loaded: Killswitch | undefined;
  const load = (): Killswitch => {
    const real = loadReal();
    return (loaded ??= {
      ...real,
      ...connectMrs(real.settings, real.clusters, ownClock),
      clock: ownClock,
      reporter: {
        showCleanup: async () => undefined,
        show: async ({ killId }, view) => {
          shown.push({ killId, view });
          return { channel: 'C0123456789', ts: String(shown.length) };
        },
        say: async (text) => void said.push(text),
      },
    });
  };
  backend.register('mrs-killswitch-test-kill', withDurableExecution(createKillHandler(load, log)));

  const route = createAlertRoute(load, log, openSendTo(simulator.url));
  const handler = http(log, (request) => route({ ...request, receivedAt: clock.now() }));
  let ids = 0;
  const stage: AlertStage = {
    clock,
    simulator,
    backend,
    lambda,
    lines,
    shown,
    said,
    async deliver(body, { headers = { authorization: `Bearer ${TOKEN}` }, line = 'POST /alerts/generic', base64 = false } = {}) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      const event = base64 ? { body: bytes.toString('base64'), isBase64Encoded: true } : { body: bytes.toString('utf8') };
      const { statusCode = 0, headers: sent = {}, body: text = '' } = await handler(httpEvent(line, { headers, ...event }), lambdaContext());
      return { status: statusCode, headers: sent, body: JSON.parse(text) as Reply['body'], text };
    },
    async alert({ labels, ...fields }) {
      const { status, body, text } = await stage.deliver({ id: `alert-${++ids}`, labels: { alertname: 'MrsJobStuck', ...labels }, ...fields });
      const [result, ...others] = body.results ?? [];
      if (status !== 202 || result === undefined || others.length > 0) throw new Error(`expected 202 and one result, not ${status} ${text}`);
      return result;
    },
    async outcomes() {
      await backend.idle();
      const results = backend.list({ oldestFirst: true }).map(({ status, result }) => (result === undefined ? status : (JSON.parse(result) as { outcome: string }).outcome));
      return results;
    },
    payloads: () => backend.list({ oldestFirst: true }).map(({ input }) => JSON.parse(input) as KillPayload),
    async close() {
      backend.close();
      rmSync(folder, { recursive: true, force: true });
      await lambda.close();
      await simulator.close();
    },
  };
  return stage;
}

/** Throws unless nothing was killed, nothing was sent to MRS and no execution was started. SMN may have been called back. */
export function nothingHappened({ simulator, backend, lambda }: AlertStage): void {
  const toMrs = simulator.requests.filter(({ path }) => !path.startsWith('/smn-host/'));
  const seen = { killed: simulator.killed(), toMrs: toMrs.length, executions: backend.list({}).length, starts: lambda.of('start').length };
  if (JSON.stringify(seen) !== '{"killed":[],"toMrs":0,"executions":0,"starts":0}') throw new Error(`expected that nothing was killed or started, not ${JSON.stringify(seen)}`);
}
