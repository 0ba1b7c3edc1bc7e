import { type Asked, decide, type Decision, type DecisionRules, findAsk, findGuard } from './decide.ts';
import { isDryRun } from './dry-run.ts';
import { isWaiting, type Job } from './job.ts';
import type { JobRule } from './plan-cleanup.ts';
import type { KillRequest, Trigger } from './request.ts';
import { fieldsLeftOut, matchSelector, type Selector } from './selector.ts';

/**
 * What the policy makes of a wish to kill a job: the decision, which entry of `protected:` (from 0) refuses it, who is asked by which
 * rule of `ask:`, and whether it is only played.
 */
export type Explained = { decision: Decision; guard?: number; asked: Asked; isDryRun: boolean };

const KILL = { action: 'kill', dryRun: false } as const;

/** What would become of a wish of this trigger for this job at this moment, the off switch left aside. The last: of the rule that wishes it, where there is one. Pure. */
export function explainWish(policy: DecisionRules, trigger: Trigger, job: Job, now: Date, { action, dryRun }: Pick<KillRequest, 'action' | 'dryRun'> = KILL): Explained {
  const wished = { trigger, action };
  const decision = decide(policy, wished, job, { now });
  const guard = decision.verdict === 'refuse' && decision.rule === 'protected' ? findGuard(policy.protected, job, now)?.place : undefined;
  return { decision, ...(guard !== undefined && { guard }), asked: findAsk(policy, wished, job, now), isDryRun: isDryRun(policy, { trigger, dryRun }) };
}

/** When a selector fits a job, if nothing else of the job changes. */
export type Fits =
  | { fits: 'now' }
  /** Epoch ms. */
  | { fits: 'from'; at: number }
  /** The job waits still: once it has run for so long. */
  | { fits: 'running'; forMs: number }
  /** MRS left out what would tell. */
  | { fits: 'open'; leftOut: string[] };

/** What a cleanup rule makes of a job: when it fits. */
export type ExplainedRule = Fits & { rule: JobRule };

/** The cleanup rules that fit a job, or will; the first that fits at a moment is the one that counts, so those behind it are left out. Pure. */
export function explainCleanup(cleanup: readonly JobRule[], job: Job, now: Date): ExplainedRule[] {
  const rules = cleanup
    .filter(({ cluster }) => cluster === job.cluster)
    .flatMap((rule) => {
      const fits = fitsWhen(rule.match, job, now);
      return fits === undefined ? [] : [{ rule, ...fits }];
    });
  const first = rules.findIndex(({ fits }) => fits === 'now');
  return first < 0 ? rules : rules.slice(0, first + 1);
}

/** Undefined where the selector would not fit however long one waits. */
function fitsWhen(selector: Selector, job: Job, now: Date): Fits | undefined {
  switch (matchSelector(selector, job, now)) {
    case 'yes':
      return { fits: 'now' };
    case 'open':
      return { fits: 'open', leftOut: fieldsLeftOut(selector, job, now) };
    case 'no':
      return fitsLater(selector, job, now);
  }
}

function fitsLater({ olderThanMs, pendingLongerThanMs, ...rest }: Selector, job: Job, now: Date): Fits | undefined {
  const hasRest = Object.values(rest).some((value) => value !== undefined);
  if (hasRest && matchSelector(rest, job, now) !== 'yes') return undefined;
  if (olderThanMs !== undefined && pendingLongerThanMs !== undefined) return undefined; // no job is both
  if (olderThanMs !== undefined && job.started_time > 0) return { fits: 'from', at: job.started_time + olderThanMs };
  if (olderThanMs !== undefined) return { fits: 'running', forMs: olderThanMs };
  if (pendingLongerThanMs === undefined || !isWaiting(job) || job.started_time > 0) return undefined;
  return { fits: 'from', at: job.submitted_time + pendingLongerThanMs };
}
