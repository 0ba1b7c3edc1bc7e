import { isQuiet, type WeeklyDigest } from '../core/digest.ts';
import type { Reporter } from '../core/report.ts';
import { aWeekBefore, isoWeek, readWeeklyTime } from '../core/week.ts';
import { NoAnswer } from '../http/send.ts';
import { toldKey } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { countLostReport } from '../log/metrics.ts';
import type { Policy } from '../policy/policy.ts';
import { whyOffTime } from './on-time.ts';
import { readWeek, type WeekReader } from './read-week.ts';

/** What sending the digest needs. */
export type DigestSender = WeekReader & { policy: Pick<Policy, 'slack'>; reporter: Reporter; starter: { log: Log; createId: () => string } };

/** What became of it: `week` by ISO 8601 in the digest's zone; `skipped` says why nothing was posted, `lost` that it cannot be said whether it was. */
export type DigestReport = { week?: string; digest?: WeeklyDigest; skipped?: string; lost?: true };

/** Longer than what is left of any week. */
const CLAIM_FOR_MS = 8 * 86_400_000;

/**
 * Posts what happened in the week before `scheduledAt` (epoch ms), once a week and channel, and nothing where nothing happened. Throws
 * where it was not posted for sure, so that whoever called tries again: then the week is given back.
 */
export async function sendDigest(parts: DigestSender, scheduledAt: number): Promise<DigestReport> {
  const { digest: written, channel } = parts.policy.slack;
  const offTime = whyOffTime(parts.clock.now(), scheduledAt);
  if (offTime !== undefined) return { skipped: offTime };
  if (written === undefined || channel === undefined) return { skipped: 'the policy has no slack.digest' };
  const { zone } = readWeeklyTime(written);
  const week = isoWeek(scheduledAt, zone);
  const digest = await readWeek(parts, aWeekBefore(scheduledAt, zone), scheduledAt);
  if (isQuiet(digest)) return { week, digest, skipped: 'nothing happened' };
  return { week, digest, ...(await postOnce(parts, channel, week, digest)) };
}

async function postOnce(parts: DigestSender, channel: string, week: string, digest: WeeklyDigest): Promise<Pick<DigestReport, 'skipped' | 'lost'>> {
  const { ledger, clock, reporter, starter } = parts;
  const key = toldKey(`digest ${channel}`, week);
  const owner = starter.createId(); // another delivery of the same event is another
  try {
    const now = clock.now();
    const { mine } = await ledger.claim(key, { owner, start: 1, until: now + CLAIM_FOR_MS }, { now, deadline: now + 10_000 });
    if (!mine) return { skipped: `the digest of ${week} was posted before` };
    await reporter.showDigest(digest);
    return {};
  } catch (error) {
    countLostReport(starter.log);
    // It may stand all the same: not twice.
    const isUnsure = !(error instanceof LedgerFailed) && (error as Error).cause instanceof NoAnswer;
    starter.log.error(isUnsure ? 'the weekly digest may not have been posted' : 'the weekly digest could not be posted', { error, week, digest });
    if (isUnsure) return { lost: true };
    await ledger.release(key, owner, 1).catch((cause: unknown) => starter.log.error('the week of a digest could not be given back', { error: cause, week }));
    throw error;
  }
}
