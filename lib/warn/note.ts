import type { Job } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import { endUntil, jobSeen } from '../kill/history-entries.ts';
import { executionName } from '../kill/start-id.ts';
import { dayKey, jobKey, type Noted, ruleKey } from '../ledger/keys.ts';
import type { PutEntry } from '../ledger/port.ts';
import type { Warner } from './warner.ts';

/** One word beside the Ends of the history, by day, job and rule: that people were warned, or that a job is kept. */
export function noteEntries({ clock, clusters, id }: Warner, request: KillRequest, job: Job, what: 'warned' | 'kept', { began, by, why, until }: { began: number; by: string; why: string; until: number }): PutEntry[] {
  const now = clock.now();
  const name = executionName(id);
  const value: Noted = { at: now, what, by, why, until, job: jobSeen(clusters, job), ...(request.policyRule !== undefined && { policyRule: request.policyRule }) };
  const words = [...new Set([job.job_id, job.app_id, job.launcher_id, job.job_name])].filter((word) => word !== '');
  const keys = [dayKey(began, name, what), ...(request.rule ? [ruleKey(request.rule, began, name, what)] : []), ...words.map((word) => jobKey(word, began, name, what))];
  return keys.map((key) => ({ key, value, until: endUntil(now) }));
}
