import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import type { Clock } from '../../lib/core/clock.ts';
import type { End } from '../../lib/core/outcome.ts';
import { silentReporter, type View } from '../../lib/core/report.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import type { Click } from '../../lib/kill/durable-ask.ts';
import { createKillHandler } from '../../lib/kill/handle-payload.ts';
import type { KillPayload } from '../../lib/kill/payload.ts';
import type { Killswitch } from '../../lib/load.ts';
import { createLog, type Fields, type Log } from '../../lib/log.ts';
import { listedClusters } from '../../lib/mrs/cluster.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { type Policy, policyHash } from '../../lib/policy/policy.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { aRequest } from '../core/a-job.ts';
import type { CrashHook } from '../local/checkpoints.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend, type DurableBackendOptions } from '../local/durable-backend.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type RecordedRequest, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { recordingReporter, type Shown } from './recording-reporter.ts';

/** 2026-11-22 12:00 UTC, when every play begins. */
export const START_MS = 1_795_348_800_000;
export const MINUTE_MS = 60_000;
export const APPROVER = 'U045EF6GH';
/** The name of the one execution of a play. */
export const RUN = 'run';

/** Kills for real; Flink jobs need an approver, Slack's requests the requester. */
export const POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: bc134369-294c-42b7-a707-b2036ba38524, project: ${PROJECT_ID} }
protected: [{ name: "billing-*" }, { queue: gold }]
ask: [{ match: { type: Flink }, who: approver }]
slack: { mayKill: [U012AB3CD], mayApprove: [${APPROVER}], channel: C0123456789 }
`;

export type LogLine = Fields & { level: string; message: string };
/** The moments at which a test can step in; whatever they throw is thrown there. */
export type Moments = {
  onRequest?: (request: RecordedRequest) => void;
  /** Before a view is shown; `time` counts the attempts of that stage from 1. */
  onShow?: (view: View, time: number) => void;
  onSay?: (time: number) => void;
  onLine?: (line: LogLine) => void;
  onReadPaused?: () => void;
};

export type StageOptions = Moments & {
  policy?: string;
  env?: Record<string, string>;
  /** As a deployment without Slack. */
  reporter?: 'silent';
  crash?: CrashHook;
  killDelayMs?: number;
  durable?: Partial<DurableBackendOptions>;
};

/** The whole workflow over a simulator of MRS and a durable backend of its own, on one virtual clock. */
export type Stage = {
  simulator: Simulator;
  backend: DurableBackend;
  clock: VirtualClock;
  /** Can be changed during a play, as the off switch and the policy can. */
  state: { paused: boolean; policy: Policy };
  load: () => Killswitch;
  log: Log;
  lines: LogLine[];
  shown: Shown[];
  said: string[];
  /** What happened, in order: requests to MRS, checkpointed steps, audit lines and views. */
  trail: string[];
  /** A request for the only job, from an alert, unless told otherwise. */
  start: (request?: Partial<KillRequest>) => KillRequest;
  startPayload: (payload: KillPayload) => void;
  /** Starts and runs to the end. */
  play: (request?: Partial<KillRequest>) => Promise<ExecutionView>;
  settled: () => Promise<ExecutionView>;
  /** Waits for the question and answers it; false where nobody asks any more. */
  click: (click: Click) => Promise<boolean>;
  /** The ends that were shown. */
  ends: () => End[];
  close: () => Promise<void>;
};

export function policyOf(text: string): Policy {
  return parsePolicy(text, { hasBotToken: true, file: 'policy.yml' });
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const clock = virtualClock(START_MS);
  const simulator = await startSimulator({ now: clock.now, killDelayMs: options.killDelayMs ?? 1_000 });
  const lines: LogLine[] = [];
  const shown: Shown[] = [];
  const said: string[] = [];
  const trail: string[] = [];
  const state = { paused: false, policy: policyOf(options.policy ?? POLICY) };

  // A fault that fits nothing: it only watches.
  simulator.fault({
    on: 'any',
    times: Infinity,
    when(request) {
      trail.push(`${request.method} ${request.path.split('/').at(-1) === 'kill' ? 'kill' : request.path.includes('/job-executions') ? 'job' : 'iam'}`);
      options.onRequest?.(request);
      return false;
    },
  });

  const backend = createDurableBackend({
    clock,
    onFunctionFailure: () => undefined,
    ...options.durable,
    crash(at) {
      if (at.point === 'after-checkpoint') {
        for (const { name, action } of at.operations) if (action === 'SUCCEED' && name !== undefined) trail.push(`checkpoint ${name}`);
      }
      return options.crash?.(at) ?? false;
    },
  });
  // Retries inside a step take no time at all but on this clock.
  const ownClock: Clock = { now: clock.now, sleep: async (ms) => clock.advanceTo(clock.now() + ms), random: () => 0.5 };
  const log = createLog({
    level: 'debug',
    now: clock.now,
    write(text) {
      if (text.startsWith('{"_aws"')) return; // metrics have their own test
      const line = JSON.parse(text) as LogLine;
      options.onLine?.(line);
      lines.push(line);
      trail.push(`${line.level} ${line.message}`);
    },
  });
  const settings = readSettings({
    ...settingsOf(simulator.url),
    HW_PROJECT_ID: PROJECT_ID,
    KILL_FUNCTION: 'mrs-killswitch-test-kill:durable',
    ...options.env,
  });
  const reporter = options.reporter === 'silent' ? silentReporter : recordingReporter({ shown, said, trail, now: clock.now, moments: options });
  const connection = connectMrs(settings, listedClusters(state.policy, settings), ownClock);
  const load = (): Killswitch => ({
    settings,
    policy: state.policy,
    policyHash: policyHash(state.policy),
    clusters: listedClusters(state.policy, settings),
    ...connection,
    readPaused() {
      options.onReadPaused?.();
      return state.paused;
    },
    reporter,
    clock: ownClock,
  });
  backend.register('mrs-killswitch-test-kill', withDurableExecution(createKillHandler(load, log)));

  const startPayload: Stage['startPayload'] = (payload) => void backend.start('mrs-killswitch-test-kill:durable', RUN, JSON.stringify(payload));
  const start: Stage['start'] = (fields = {}) => {
    const only = simulator.jobs()[0]?.job_id ?? '';
    const request = aRequest({
      trigger: 'alerts',
      requestedBy: 'MrsJobStuck',
      reason: 'stuck since noon',
      target: { cluster: 'analytics', job: { by: 'mrs-id', id: only } },
      receivedAt: START_MS,
      ...fields,
    });
    startPayload({ kind: 'kill', request, attempt: 'attempt-1' });
    return request;
  };
  const settled = (): Promise<ExecutionView> => backend.settled(RUN);

  return {
    simulator, backend, clock, state, load, log, lines, shown, said, trail, start, startPayload, settled,
    play(fields) {
      start(fields);
      return settled();
    },
    async click(click) {
      await backend.idle();
      const open = backend.callbacks().find((callback) => callback.open);
      if (open) backend.succeedCallback(open.id, JSON.stringify(click));
      return open !== undefined;
    },
    ends: () => shown.flatMap(({ view }) => (view.stage === 'end' ? [view.end] : [])),
    async close() {
      backend.close();
      await simulator.close();
    },
  };
}
