import { isPick, type Requested } from '../core/request.ts';
import type { Limits } from '../policy/policy.ts';

/** A limit that a delivery would break. */
export type OverLimit = { rule: 'perDelivery' | 'percentOfRunning'; reason: string };

/** A request under the name that it would start with. */
export type Planned = { request: Requested; name: string };

/** The running jobs of each cluster, by its name in the policy; a cluster that is left out is not limited by `percentOfRunning`. */
export type RunningJobs = Readonly<Record<string, number>>;

/** Whether a request counts against the limits: it is no person's, and does not only notify. */
export function isLimited({ trigger, action }: Requested): boolean {
  return (trigger === 'alerts' || trigger === 'cleanup') && action !== 'notify';
}

/** `perDelivery`, of requests that are new, one kill for each target; a repeat that would start anew is new, a pick is as many kills as its `count`. */
export function overDelivery({ perDelivery }: Limits, fresh: readonly Planned[]): OverLimit | undefined {
  const byTarget = new Map(fresh.map(({ request }) => [meantBy(request), isPick(request) ? request.target.pick.count : 1]));
  const kills = [...byTarget.values()].reduce((sum, count) => sum + count, 0);
  if (kills <= perDelivery) return undefined;
  const reason = `this delivery would start ${kills} kills and ${perDelivery} are allowed, so none of them is started; if so many are meant, change limits: in policy.yml`;
  return { rule: 'perDelivery', reason };
}

/** Whatever alert it is for: what two requests mean in the same words is one kill. */
function meantBy({ target: { submittedBefore: _news, ...target } }: Requested): string {
  return JSON.stringify(target);
}

/** `percentOfRunning`, for those who chose the jobs themselves: what is dying already takes up its place. */
export function overRunning(limits: Limits, planned: readonly { request: { target: { cluster?: string | undefined } } }[], running: RunningJobs): OverLimit | undefined {
  for (const [cluster, runningJobs] of Object.entries(running)) {
    const chosen = planned.filter(({ request }) => request.target.cluster === cluster).length;
    const over = overPercent(limits, cluster, chosen, runningJobs);
    if (over) return over;
  }
  return undefined;
}

/** The same, of one cluster: of so many running jobs so many were chosen. One is always allowed. */
export function overPercent({ percentOfRunning }: Limits, cluster: string, chosen: number, runningJobs: number): OverLimit | undefined {
  const allowance = Math.max(1, Math.floor((percentOfRunning / 100) * runningJobs));
  if (chosen <= allowance) return undefined;
  const reason = `${chosen} of the ${runningJobs} running jobs of ${cluster} were chosen and ${percentOfRunning} percent (${allowance}) are allowed, so none of them is killed; if so many are meant, change limits: in policy.yml`;
  return { rule: 'percentOfRunning', reason };
}
