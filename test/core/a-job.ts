import type { Job } from '../../lib/core/job.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import type { Policy } from '../../lib/policy/policy.ts';

/** 2026-03-01 12:00 UTC in epoch ms: the moment of every test. */
export const NOON = 1_772_366_400_000;
export const HOUR_MS = 3_600_000;

/** A job that has been running for an hour, but for the given fields. */
export function aJob(fields: Partial<Job> = {}): Job {
  return {
    cluster: 'analytics',
    job_id: '431b135e-c090-489f-b1db-0abe3822b855',
    job_name: 'nightly-etl',
    job_type: 'SparkSubmit',
    user: 'etl-bot',
    queue: 'adhoc',
    job_state: 'RUNNING',
    job_result: 'UNDEFINED',
    job_progress: 0,
    submitted_time: NOON - HOUR_MS - 17_000,
    started_time: NOON - HOUR_MS,
    finished_time: 0,
    elapsed_time: HOUR_MS,
    app_id: 'application_1564622673393_0007',
    launcher_id: 'application_1564622673393_0006',
    tracking_url: '',
    ...fields,
  };
}

/** A policy with one cluster and no rules that lets kills happen, but for the given parts. */
export function aPolicy(parts: Partial<Policy> = {}): Policy {
  return {
    dryRun: false,
    clusters: { analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3' } },
    protected: [],
    ask: [],
    limits: { perDelivery: 10, perHour: 30, percentOfRunning: 50 },
    slack: { mayKill: [], mayApprove: [] },
    alerts: [],
    cleanup: [],
    ...parts,
  };
}

/** A REST client's wish to kill aJob, but for the given fields. */
export function aRequest(fields: Partial<KillRequest> = {}): KillRequest {
  return {
    killId: 'kill-1',
    trigger: 'api',
    target: { cluster: 'analytics', job: { by: 'mrs-id', id: '431b135e-c090-489f-b1db-0abe3822b855' } },
    requestedBy: 'ci',
    reason: '',
    action: 'kill',
    dryRun: false,
    receivedAt: NOON,
    ...fields,
  };
}
