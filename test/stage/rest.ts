import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../simulator/client.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import type { Simulator, SimulatorOptions } from '../simulator/simulator.ts';
import type { EventOptions } from '../support/http-event.ts';
import { createSteppingClock, type SteppingClock } from '../support/stepping-clock.ts';
import { type Count, countsIn } from './counted.ts';
import type { WatchedLedger } from './watched-ledger.ts';
import { type LogLine, type Reply, startStage } from './stage.ts';

export const START_MS = 1_795_000_000_000;
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

export type RestReply = Reply;

export type RestApiOptions = {
  policy?: string;
  env?: Record<string, string>;
  readParameters?: ReadParameters;
  simulator?: SimulatorOptions;
  /** Default: one that starts at START_MS. */
  clock?: SteppingClock;
  /** Sees each log line as it is written; a line is not written where this throws. */
  onLine?: (line: LogLine) => void;
};

type CallOptions = EventOptions & { remainingMs?: number };

/** The whole REST API over a simulator of its own. */
export type RestApi = {
  simulator: Simulator;
  ledger: WatchedLedger;
  /** What the API was started with; PAUSED is read from it anew each time. */
  env: Record<string, string | undefined>;
  /** The log, at its most talkative. */
  lines: LogLine[];
  /** What was counted. */
  counts: () => Count[];
  /** One request with our token, unless `headers` say otherwise; `remainingMs` is the function's time. */
  call: (line: string, options?: CallOptions) => Promise<RestReply>;
  /** POST …/kill of a job in the cluster `analytics`. */
  kill: (jobId: string, options?: CallOptions) => Promise<RestReply>;
  close: () => Promise<void>;
};

export async function startRestApi(options: RestApiOptions = {}): Promise<RestApi> {
  const lines: LogLine[] = [];
  const stage = await startStage(
    {
      policy: options.policy ?? LIVE_POLICY,
      env: { API_TOKENS: `ci:${API_TOKEN}`, ...options.env },
      ...(options.readParameters && { readParameters: options.readParameters }),
      ...(options.simulator && { simulator: options.simulator }),
      clock: options.clock ?? createSteppingClock(START_MS),
      onLine(line) {
        options.onLine?.(line);
        lines.push(line);
      },
    },
    START_MS,
  );
  const call: RestApi['call'] = (line, { headers = OURS, ...more } = {}) => stage.call(line, { headers, ...more });
  return { ...stage, lines, counts: () => countsIn(stage.lines), call, kill: (jobId, more) => call(`POST ${JOBS_PATH}/${jobId}/kill`, more) };
}
