import { formatDuration } from '../core/time.ts';

const MOST_DELAY_MS = 15 * 60_000;
const MOST_AHEAD_MS = 5 * 60_000; // clocks differ; more is a typing mistake, and its hour would be handled twice

/** Why a run at its scheduled time (epoch ms) is too late or too early to be made now; undefined where it is on time. */
export function whyOffTime(now: number, scheduledAt: number): string | undefined {
  const lateMs = now - scheduledAt;
  if (lateMs > MOST_DELAY_MS) return `it started ${formatDuration(lateMs)} after its time, and 15 min are allowed`;
  if (-lateMs > MOST_AHEAD_MS) return `its time is ${formatDuration(-lateMs)} ahead, and 5 min are allowed`;
  return undefined;
}
