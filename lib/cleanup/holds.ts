import { isDryRun } from '../core/dry-run.ts';
import type { CleanupPlan, Fitting, Hold } from '../core/plan-cleanup.ts';
import type { Clock } from '../core/time.ts';
import { readKeeps } from '../kill/brake.ts';
import { noText } from '../kill/no.ts';
import { listAll } from '../kill/remember.ts';
import { No, noKey, noPartition, warnKey, warnPartition } from '../ledger/keys.ts';
import { type Entry, type Ledger, LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * What holds the jobs that are chosen: a question, a no or an open warning of their rule, a keep. Where the ledger cannot be read
 * nothing does: each kill asks it again before it asks or warns anybody, and before it kills; those of a person do not, and there it
 * throws LedgerFailed. `isPlayed`: the whole run is a dry run.
 */
export async function readHolds({ policy, ledger, clock, log }: { policy: Policy; ledger: Ledger; clock: Clock; log: Log }, { chosen }: CleanupPlan, isPlayed: boolean, trigger: 'cleanup' | 'slack'): Promise<(fitting: Fitting) => Hold | undefined> {
  if (chosen.length === 0) return () => undefined;
  const now = clock.now();
  try {
    const rules = [...new Set(chosen.map(({ rule }) => rule.name))];
    const warning = [...new Set(chosen.flatMap(({ rule }) => (rule.warnMs === undefined ? [] : [rule.name])))];
    const [noes, warned, keeps] = await Promise.all([
      Promise.all(rules.map((name) => listAll(ledger, noPartition({ name }), now))),
      Promise.all(warning.map((name) => listAll(ledger, warnPartition({ name }), now))),
      readKeeps(ledger, now),
    ]);
    const isWarned = new Set(warned.flat().map(({ key }) => `${key.partition} ${key.rest}`));
    const entryOf = new Map(noes.flat().map((entry) => [`${entry.key.partition} ${entry.key.rest}`, entry]));
    return ({ rule, job }) => {
      const { partition, rest } = noKey(rule, job.job_id, isDryRun(policy, { trigger: 'cleanup', dryRun: isPlayed || (rule.dryRun ?? false) }));
      const open = warnKey(rule, job.job_id);
      const kept = keeps.get(job.job_id);
      if (kept) return { by: noText({ what: 'kept', by: kept.by }, kept.until) };
      return (isWarned.has(`${open.partition} ${open.rest}`) ? 'asked' : undefined) ?? noIn(entryOf.get(`${partition} ${rest}`));
    };
  } catch (error) {
    if (!(error instanceof LedgerFailed) || trigger === 'slack') throw error;
    log.warn('the ledger could not be asked what holds the jobs of cleanup', { error });
    return () => undefined;
  }
}

function noIn(entry: Entry | undefined): Hold | undefined {
  if (entry === undefined) return undefined;
  const no = No.safeParse(entry.value).data;
  return no ? { by: noText(no, entry.until) } : 'asked';
}
