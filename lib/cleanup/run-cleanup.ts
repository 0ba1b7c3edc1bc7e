import { isDryRun } from '../core/dry-run.ts';
import { refusedEnd } from '../core/end.ts';
import { jobLabel } from '../core/job.ts';
import { type Fitting, type Planned, requestFor } from '../core/plan-cleanup.ts';
import type { CleanupReport, Reporter, RuleReport } from '../core/report.ts';
import type { MessageRef } from '../core/request.ts';
import { countLostReport } from '../log/metrics.ts';
import { closeAtDoor } from '../start/close-at-door.ts';
import { startAll, type Started, type Starter, type Wish } from '../start/start-all.ts';
import { type CandidateFinder, type Candidates, findCandidates } from './find-candidates.ts';
import { whyOffTime } from './on-time.ts';

type Run = { scheduledAt: number; dryRun: boolean };

/** What a run of cleanup works with. */
export type Cleaner = CandidateFinder & { starter: Starter; reporter: Reporter };

const LIST_FOR_MS = 60_000;

/**
 * One run of all cleanup rules: lists what is not over, plans, starts, reports. The report stands in the channel before the first
 * kill, so that the ends appear as replies to it. An empty run says nothing there. `scheduledAt` is epoch ms.
 */
export async function runCleanup(parts: Cleaner, run: Run): Promise<CleanupReport> {
  const offTime = whyOffTime(parts.clock.now(), run.scheduledAt);
  if (offTime !== undefined) return skip(parts, offTime);
  const candidates = await findCandidates(parts, LIST_FOR_MS, { isPlayed: run.dryRun });
  const { plan, unreadable } = candidates;
  const planned = reportOf(parts, run, candidates, []);
  if (plan.chosen.length === 0 && plan.spared.length === 0 && plan.asked.length === 0 && unreadable.length === 0) return planned;
  const thread = await announce(parts, planned, 'begins');
  const wishes = wishesOf(parts, run, plan.chosen, thread);
  const started = await startAll(parts.starter, wishes, candidates.running);
  await closeRefused(parts, started, plan.chosen, { requestedBy: 'cleanup', at: run.scheduledAt });
  const report = reportOf(parts, run, candidates, started);
  await announce(parts, report, 'done', thread);
  return report;
}

const MOST_NAMED = 10;

/** A run that a limit refused is one end, with how many jobs it would have been and the first of them. */
export async function closeRefused(parts: Pick<Cleaner, 'starter'>, started: readonly Started[], planned: readonly Fitting[], { trigger = 'cleanup', requestedBy, at }: { trigger?: 'cleanup' | 'slack'; requestedBy: string; at: number }): Promise<void> {
  const { starter } = parts;
  const refusal = started.find((start) => start.outcome === 'refused');
  if (refusal === undefined) return;
  const jobs = planned.filter((_, index) => started[index]?.outcome === 'refused').map(({ job }) => jobLabel(job));
  const named = `${jobs.length === 1 ? '1 job' : `${jobs.length} jobs`}: ${jobs.slice(0, MOST_NAMED).join(', ')}${jobs.length > MOST_NAMED ? ', …' : ''}`;
  const request = { killId: starter.createId(), trigger, requestedBy, reason: '', receivedAt: starter.clock.now() };
  await closeAtDoor(starter, request, `${requestedBy} ${at}`, refusedEnd(refusal.rule, `${refusal.reason} (${named})`));
}

async function skip(parts: Cleaner, reason: string): Promise<CleanupReport> {
  const report: CleanupReport = { rules: [], unreadable: [], skipped: reason };
  await announce(parts, report, 'done');
  return report;
}

function wishesOf({ starter, clock }: Cleaner, { scheduledAt, dryRun }: Run, chosen: readonly Planned[], thread: MessageRef | undefined): Wish[] {
  return chosen.map((planned) => ({
    request: requestFor(planned, { killId: starter.createId(), dryRun, receivedAt: clock.now(), thread }),
    deliveryKey: keyOf(planned, scheduledAt),
  }));
}

/** What makes a planned kill unique: rule, job, and the UTC hour of the run (epoch ms). */
export function keyOf({ rule, job }: Fitting, at: number): string {
  return `cleanup ${rule.name} ${job.job_id} ${new Date(at).toISOString().slice(0, 13)}`;
}

function reportOf({ policy }: Cleaner, { dryRun }: Run, { plan, unreadable }: Candidates, started: readonly Started[]): CleanupReport {
  const rules = policy.cleanup.map(({ name, action, ...rule }): RuleReport => {
    const chosen = plan.chosen.flatMap(({ asks, ...planned }, index) => (planned.rule.name === name ? [{ asks, start: started[index] }] : []));
    const count = (outcome: Started['outcome']): number => chosen.filter(({ start }) => start?.outcome === outcome).length;
    const refusal = chosen.map(({ start }) => start).find((start) => start?.outcome === 'refused');
    const isWarned = rule.warnMs !== undefined;
    const asked = plan.asked.filter((held) => held.rule.name === name).length;
    const spared = plan.spared.filter((planned) => planned.rule.name === name).map(({ job, by }) => ({ job: job.job_name || job.job_id, by }));
    return {
      rule: name,
      action,
      dryRun: isDryRun(policy, { trigger: 'cleanup', dryRun: dryRun || (rule.dryRun ?? false) }),
      matched: chosen.length + spared.length + asked,
      started: count('accepted'),
      asked: isWarned ? 0 : chosen.filter(({ asks, start }) => asks && start?.outcome === 'accepted').length,
      warned: isWarned ? count('accepted') : 0,
      repeated: count('duplicate') + asked,
      spared,
      refused: refusal && { by: refusal.rule, reason: refusal.reason, jobs: count('refused') },
      failed: count('failed'),
    };
  });
  return { rules: rules.filter(({ matched }) => matched > 0), unreadable };
}

/** A message that cannot be posted does not stop the run: the log has the same. */
async function announce(parts: Cleaner, report: CleanupReport, stage: 'begins' | 'done', previous?: MessageRef): Promise<MessageRef | undefined> {
  try {
    return await parts.reporter.showCleanup(report, stage, previous);
  } catch (error) {
    countLostReport(parts.starter.log);
    parts.starter.log.error('the cleanup report could not be posted', { error });
    return previous;
  }
}
