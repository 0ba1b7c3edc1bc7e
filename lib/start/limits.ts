import type { Policy } from '../policy/policy.ts';
import type { Requested } from '../core/request.ts';
import { isLimitedLive } from './names.ts';

/** A limit that a delivery would break. */
export type OverLimit = { rule: 'perDelivery' | 'perHour' | 'percentOfRunning'; reason: string };

/** A request under the name that it would start with. */
export type Planned = { request: Requested; name: string };

/** The running jobs of each cluster, by its name in the policy; a cluster that is left out is not limited by `percentOfRunning`. */
export type RunningJobs = Readonly<Record<string, number>>;

/**
 * The limit that starting all of these would break, if any; repeats are not among them, restarts are. Only alerts and cleanup are
 * limited, people are not, and what only notifies kills nothing. `lastHour` are the names of the executions of the last 60
 * minutes. A brake, not a lock: two deliveries at the same moment may both pass.
 */
export function findLimit({ limits }: Policy, planned: readonly Planned[], running: RunningJobs, lastHour: readonly string[]): OverLimit | undefined {
  const kills = planned.filter(({ request }) => isLimited(request) && request.action !== 'notify');
  if (kills.length > limits.perDelivery) {
    const reason = `this delivery would start ${kills.length} kills and ${limits.perDelivery} are allowed; none was started. Change limits: in policy.yml if that is meant`;
    return { rule: 'perDelivery', reason };
  }
  const before = lastHour.filter(isLimitedLive).length;
  const added = kills.filter(isCounted).length;
  if (added > 0 && before + added > limits.perHour) {
    const reason = `alerts and cleanup started ${before} kills in the last 60 minutes and this delivery would add ${added}; ${limits.perHour} are allowed; none was started`;
    return { rule: 'perHour', reason };
  }
  for (const [cluster, runningJobs] of Object.entries(running)) {
    const chosen = kills.filter(({ request }) => request.target.cluster === cluster).length;
    const allowance = Math.max(1, Math.floor((limits.percentOfRunning / 100) * runningJobs));
    if (chosen > allowance) {
      const reason = `${chosen} of the ${runningJobs} running jobs of ${cluster} were chosen and ${limits.percentOfRunning} percent (${allowance}) are allowed; none was started`;
      return { rule: 'percentOfRunning', reason };
    }
  }
  return undefined;
}

/** Whether a request is no person's. */
export function isLimited({ trigger }: Requested): boolean {
  return trigger === 'alerts' || trigger === 'cleanup';
}

/** A dry run of cleanup is judged as if it were live: it has to tell what would happen. */
function isCounted({ request, name }: Planned): boolean {
  return isLimitedLive(name) || request.trigger === 'cleanup';
}
