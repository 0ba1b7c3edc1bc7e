import type { End } from '../../lib/core/end.ts';
import { silentReporter, type View } from '../../lib/core/report.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import type { Log } from '../../lib/log/log.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import { claimAnswer } from '../../lib/slack/claim-answer.ts';
import type { KillPayload } from '../../lib/start/engine.ts';
import { aRequest } from '../core/a-job.ts';
import type { CrashHook } from '../local/deaths.ts';
import type { DurableBackendOptions } from '../local/durable-backend.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { RecordedRequest } from '../simulator/simulator.ts';
import { virtualClock } from '../local/clock.ts';
import { recordingReporter, type Shown } from './recording-reporter.ts';
import { KILL_FUNCTION, type LogLine, type Stage, startStage } from './stage.ts';

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

/** The moments at which a test can step in; whatever they throw is thrown there. */
export type Moments = {
  onRequest?: (request: RecordedRequest) => void;
  /** Before a view is shown; `time` counts the attempts of that stage from 1. */
  onShow?: (view: View, time: number) => void;
  onSay?: (time: number) => void;
  onLine?: (line: LogLine) => void;
  onReadPaused?: () => void;
};

export type WorkflowOptions = Moments & {
  policy?: string;
  env?: Record<string, string>;
  readParameters?: ReadParameters;
  /** As a deployment without Slack. */
  reporter?: 'silent';
  crash?: CrashHook;
  killDelayMs?: number;
  durable?: Partial<DurableBackendOptions>;
};

/** The whole workflow over a simulator of MRS and a durable backend of its own, on one virtual clock. */
export type WorkflowStage = Omit<Stage, 'log' | 'lines'> & {
  /** Can be changed during a play, as the off switch can; the policy by `deploy`. */
  state: { paused: boolean | 'unreadable' };
  log: Log;
  /** The log, read, without the metrics. */
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
  /** Waits for the question and answers it as a click does; what the person is told, if anything. */
  click: (decision: 'yes' | 'no', by: string) => Promise<string | undefined>;
  /** The ends that were shown. */
  ends: () => End[];
};

export async function startWorkflowStage(options: WorkflowOptions = {}): Promise<WorkflowStage> {
  const clock = virtualClock(START_MS);
  const lines: LogLine[] = [];
  const shown: Shown[] = [];
  const said: string[] = [];
  const trail: string[] = [];
  const state: WorkflowStage['state'] = { paused: false };
  const stage = await startStage(
    {
      policy: options.policy ?? POLICY,
      clock,
      env: { FOLLOW_INTERVAL_SEC: '', ...options.env },
      ...(options.readParameters && { readParameters: options.readParameters }),
      simulator: { killDelayMs: options.killDelayMs ?? 1_000 },
      reporter: options.reporter === 'silent' ? silentReporter : recordingReporter({ shown, said, trail, now: clock.now, moments: options }),
      readPaused() {
        options.onReadPaused?.();
        return state.paused;
      },
      onLine(line) {
        options.onLine?.(line);
        lines.push(line);
        trail.push(`${line.level} ${line.message}`);
      },
      durable: {
        onFunctionFailure: () => undefined,
        ...options.durable,
        crash(at) {
          if (at.point === 'after-checkpoint') {
            for (const { name, action } of at.operations) if (action === 'SUCCEED' && name !== undefined) trail.push(`checkpoint ${name}`);
          }
          return options.crash?.(at) ?? false;
        },
      },
    },
    START_MS,
  );
  const { simulator, backend } = stage;
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

  const startPayload: WorkflowStage['startPayload'] = (payload) => void backend.start(KILL_FUNCTION, RUN, JSON.stringify(payload));
  const start: WorkflowStage['start'] = (fields = {}) => {
    const only = simulator.jobs()[0]?.job_id ?? '';
    const request = aRequest({
      trigger: 'alerts',
      requestedBy: 'MrsJobStuck',
      reason: 'stuck since noon',
      target: { cluster: 'analytics', job: { by: 'mrs-id', id: only } },
      receivedAt: START_MS,
      ...fields,
    });
    startPayload({ kind: 'kill', request, name: RUN, start: 1, attempt: 'attempt-1' });
    return request;
  };
  const settled = (): Promise<ExecutionView> => backend.settled(RUN);

  return {
    ...stage, log: stage.outside.log, state, lines, shown, said, trail, start, startPayload, settled,
    play(fields) {
      start(fields);
      return settled();
    },
    async click(what, user) {
      await backend.idle();
      const note = await claimAnswer(stage.load(), { log: stage.outside.log }, { name: RUN, start: 1 }, { what, user, refuse: () => undefined });
      return typeof note === 'string' ? note : undefined;
    },
    ends: () => shown.flatMap(({ view }) => (view.stage === 'end' ? [view.end] : [])),
  };
}
