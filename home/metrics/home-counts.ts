import type { Log, Metric } from '../../lib/log/log.ts';

/** The status of an execution, and by which of Lambda's metrics it is counted. https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html */
const COUNTED = {
  RUNNING: 'DurableExecutionStarted',
  SUCCEEDED: 'DurableExecutionSucceeded',
  FAILED: 'DurableExecutionFailed',
  TIMED_OUT: 'DurableExecutionTimedOut',
  STOPPED: 'DurableExecutionStopped',
} as const;

/** What became of a scheduled run: `skipped` is one that was too late, met the run before it, or had nothing to say. */
export type RunOutcome = 'done' | 'skipped' | 'failed';

/** Counts an execution that began (RUNNING) or ended. Lambda counts its own; here it is ours to count. */
export function countExecution(log: Log, functionName: 'kill' | 'warn', status: keyof typeof COUNTED, value = 1): void {
  log.metric({ [COUNTED[status]]: count(value) }, { function: functionName });
}

/** Counts a scheduled run when nothing more comes of it. */
export function countRun(log: Log, run: 'cleanup' | 'digest', outcome: RunOutcome, value = 1): void {
  log.metric({ ScheduledRun: count(value) }, { run, outcome });
}

/** Counts an answer in Slack that was promised for later and came to nothing. On AWS it lies in the queue of failed invocations. */
export function countLostAnswer(log: Log, value = 1): void {
  log.metric({ AnswersLost: count(value) }, {});
}

/** Sets to 0 what raises an alarm at the first count (see lib/log/metrics.ts), for the runs that there are. */
export function beginHomeCounts(log: Log, runs: readonly ('cleanup' | 'digest')[]): void {
  for (const functionName of ['kill', 'warn'] as const) {
    for (const status of ['FAILED', 'TIMED_OUT'] as const) countExecution(log, functionName, status, 0);
  }
  for (const run of runs) {
    for (const outcome of ['done', 'failed'] as const) countRun(log, run, outcome, 0);
  }
  countLostAnswer(log, 0);
}

function count(value: number): Metric {
  return { value, unit: 'Count' };
}
