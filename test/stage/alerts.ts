import type { View } from '../../lib/core/report.ts';
import type { KillPayload } from '../../lib/start/engine.ts';
import { NOON } from '../core/a-job.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { openSendTo } from '../simulator/smn-send.ts';
import { type Stage, startStage } from './stage.ts';

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
export type AlertStage = Stage & {
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
};

export async function startAlertStage(policy = STUCK, env: Record<string, string | undefined> = {}): Promise<AlertStage> {
  const shown: AlertStage['shown'] = [];
  const said: string[] = [];
  const stage = await startStage(
    {
      policy,
      env: { ALERT_TOKENS: `gateway:${TOKEN},prometheus@alertmanager:${ALERTMANAGER_TOKEN}`, ...env },
      simulator: { killDelayMs: 1_000 },
      openSend: openSendTo,
      reporter: {
        showCleanup: async () => undefined,
        showDigest: async () => undefined,
        show: async ({ killId }, view) => {
          shown.push({ killId, view });
          return { channel: 'C0123456789', ts: String(shown.length) };
        },
        say: async (text) => void said.push(text),
      },
    },
    NOON,
  );
  const { backend } = stage;
  let ids = 0;
  const alerts: AlertStage = {
    ...stage,
    shown,
    said,
    async deliver(body, { headers = { authorization: `Bearer ${TOKEN}` }, line = 'POST /alerts/generic', base64 = false } = {}) {
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      const event = base64 ? { body: bytes.toString('base64'), isBase64Encoded: true } : { body: bytes.toString('utf8') };
      return stage.call(line, { headers, ...event, to: 'alerts' });
    },
    async alert({ labels, ...fields }) {
      const { status, body, text } = await alerts.deliver({ id: `alert-${++ids}`, labels: { alertname: 'MrsJobStuck', ...labels }, ...fields });
      const [result, ...others] = body.results ?? [];
      if (status !== 202 || result === undefined || others.length > 0) throw new Error(`expected 202 and one result, not ${status} ${text}`);
      return result;
    },
    async outcomes() {
      await backend.idle();
      return backend.list({ oldestFirst: true }).map(({ status, result }) => (result === undefined ? status : (JSON.parse(result) as { outcome: string }).outcome));
    },
    payloads: () => backend.list({ oldestFirst: true }).map(({ input }) => JSON.parse(input) as KillPayload),
  };
  return alerts;
}

/** Throws unless nothing was killed, nothing was sent to MRS and no execution was started but to say so. SMN may have been called back. */
export function nothingHappened({ simulator, backend, lambda }: AlertStage): void {
  const toMrs = simulator.requests.filter(({ path }) => !path.startsWith('/smn-host/'));
  const seen = { killed: simulator.killed(), toMrs: toMrs.length, executions: backend.list({}).filter(({ name }) => !isNotice(name)).length, starts: lambda.of('start').filter(({ executionName }) => !isNotice(executionName)).length };
  if (JSON.stringify(seen) !== '{"killed":[],"toMrs":0,"executions":0,"starts":0}') throw new Error(`expected that nothing was killed or started, not ${JSON.stringify(seen)}`);
}

function isNotice(executionName: string): boolean {
  return executionName.startsWith('notice-');
}
