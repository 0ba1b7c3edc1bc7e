import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createApi } from '../../lib/api/api.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { http } from '../../lib/lambda.ts';
import { loadKillswitch } from '../../lib/load.ts';
import { createLog } from '../../lib/log.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../simulator/simulator.ts';
import { type EventOptions, httpEvent, lambdaContext } from './http-event.ts';
import { parsePolicy } from './parse-policy.ts';

export const API_TOKEN = 'rest-token-0123456789';
export const OURS = { authorization: `Bearer ${API_TOKEN}` };

/** Kills for real, in the simulator. */
export const LIVE_POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: bc134369-294c-42b7-a707-b2036ba38524 }
protected: [{ name: "billing-*" }]
ask: [{ match: { type: Flink }, who: approver }]
slack: { mayApprove: [U045EF6GH] }
`;

type LogLine = { level: string; message: string; [field: string]: unknown };
export type RestReply = { status: number; headers: Record<string, unknown>; body: any; text: string };

export type RestApiOptions = {
  policy?: string;
  env?: Record<string, string>;
  simulator?: SimulatorOptions;
  /** For the API and the simulator; the real one unless given. */
  clock?: Clock;
  /** Sees each log line as it is written; a line is not written where this throws. */
  onLine?: (line: LogLine) => void;
};

type CallOptions = EventOptions & { remainingMs?: number };

/** The whole REST API over a simulator of its own. */
export type RestApi = {
  simulator: Simulator;
  /** What the API was started with; PAUSED is read from it anew each time. */
  env: Record<string, string | undefined>;
  /** The log, at its most talkative. */
  lines: LogLine[];
  /** One request with our token, unless `headers` say otherwise; `remainingMs` is the function's time. */
  call: (line: string, options?: CallOptions) => Promise<RestReply>;
  /** POST …/kill of a job in the cluster `analytics`. */
  kill: (jobId: string, options?: CallOptions) => Promise<RestReply>;
  close: () => Promise<void>;
};

export async function startRestApi(options: RestApiOptions = {}): Promise<RestApi> {
  const { clock } = options;
  const simulator = await startSimulator({ killDelayMs: 0, ...(clock && { now: () => clock.now() }), ...options.simulator });
  const folder = mkdtempSync(join(tmpdir(), 'rest-api-'));
  const policyFile = join(folder, 'policy.json');
  writeFileSync(policyFile, JSON.stringify(parsePolicy(options.policy ?? LIVE_POLICY, { hasBotToken: false, file: 'policy.yml' })));
  const env: RestApi['env'] = {
    ...settingsOf(simulator.url),
    HW_PROJECT_ID: PROJECT_ID,
    API_TOKENS: `ci:${API_TOKEN}`,
    FOLLOW_INTERVAL_SEC: '1',
    ...options.env,
  };

  const lines: LogLine[] = [];
  const log = createLog({
    level: 'debug',
    now: () => 1_795_000_000_000,
    write(text) {
      if (text.startsWith('{"_aws"')) return; // metrics have their own test
      const line = JSON.parse(text) as LogLine;
      options.onLine?.(line);
      lines.push(line);
    },
  });
  const load = loadKillswitch(env, pathToFileURL(policyFile));
  const loadOnClock = (): ReturnType<typeof load> => {
    const api = load();
    return clock && api.clock !== clock ? Object.assign(api, { clock }, connectMrs(api.settings, api.clusters, clock)) : api;
  };
  const handle = createApi(loadOnClock);
  const handler = http(log, (request) => {
    if (clock === undefined) return handle(request);
    const receivedAt = clock.now();
    return handle({ ...request, receivedAt, answerBy: receivedAt + (request.answerBy - request.receivedAt) });
  });

  const call: RestApi['call'] = async (line, { headers = OURS, remainingMs, ...event } = {}) => {
    const result = await handler(httpEvent(line, { headers, ...event }), lambdaContext(remainingMs));
    const text = result.body ?? '';
    return { status: result.statusCode ?? 0, headers: result.headers ?? {}, body: JSON.parse(text), text };
  };
  return {
    simulator,
    env,
    lines,
    call,
    kill: (jobId, more) => call(`POST ${JOBS_PATH}/${jobId}/kill`, more),
    async close() {
      rmSync(folder, { recursive: true, force: true });
      await simulator.close();
    },
  };
}
