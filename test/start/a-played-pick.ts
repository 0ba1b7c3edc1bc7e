import { pickedForKey, pickKey } from '../../lib/ledger/keys.ts';
import type { LedgerFailed } from '../../lib/ledger/port.ts';
import { runPick } from '../../lib/start/pick.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

export const jobs = Array.from({ length: 6 }, (_, index) => aJob({ job_id: `job-${9 - index}`, job_name: `name-${9 - index}`, submitted_time: NOON - (9 - index) * HOUR_MS, started_time: NOON - (9 - index) * HOUR_MS }));
export const KEY = pickKey('c-1', ANALYTICS.id, false);
export const FOR = pickedForKey('c-1', ANALYTICS.id, 'o-1', false);
export const OTHER = 'alerts-dry-2';
export const seen = (job_id: string) => ({ cluster: ANALYTICS.id, job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' });
export const picked = (ms: number, ids: string[], start = 1) => ({ at: NOON + ms, start, ids, killId: 'kill-of-other' });

/** A pick, after `prepare`; ends as told. */
export async function play(plan: StartPlan = {}, request = aPick(), prepare: (played: PlayedStart) => unknown = () => undefined) {
  const played = await aStart({ jobs, ...plan });
  await prepare(played);
  const end = await runPick(played.parts, request);
  return { ...played, played, end };
}

/** Another's claim of the pick. */
export const claimed = ({ ledger }: PlayedStart, value?: unknown, { key = KEY, until = NOON + 5 * MINUTE_MS, owner = OTHER, start = 1 } = {}) => ledger.claim(key, { owner, start, until, ...(value !== undefined && { value }) }, { now: NOON });
export const stoodFor = async ({ stands }: PlayedStart, key = KEY) => stands(key);
/** From then on these calls to the ledger fail. */
export const failing = (on: string, partition: string, fault: 'fails' | LedgerFailed = 'fails') => ({ ledger }: PlayedStart): void => {
  ledger.script = (call) => (call.on === on && call.partitions.some((one) => one.startsWith(partition)) ? fault : undefined);
};
