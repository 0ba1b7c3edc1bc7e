import type { Clock } from '../core/clock.ts';
import type { Policy } from '../core/policy.ts';
import type { KillRequest, PickRequest } from '../core/request.ts';
import type { Execution, Executions } from '../executions/client.ts';
import { isLimitedLive } from './execution-name.ts';

/** A limit that a delivery would break; `repeats` are the names that exist already. */
export type OverLimit = { rule: 'perDelivery' | 'perHour' | 'percentOfRunning'; reason: string; repeats: ReadonlySet<string> };

type Named = { request: KillRequest | PickRequest; name: string };

/** The running jobs of each cluster, by its name in the policy; a cluster that is left out is not limited by `percentOfRunning`. */
export type RunningJobs = Readonly<Record<string, number>>;
type Limiter = { policy: Policy; executions: Executions; clock: Clock };

const HOUR_MS = 3_600_000;
const HOUR_PAGES = 2;

/**
 * The limit that this delivery would break, if any. Only alerts and cleanup are limited; people are not. Repeats do not count:
 * the executions of the last hour are read once, and the whole history only before a refusal. A brake, not a lock: two
 * deliveries at the same moment may both pass. Throws LambdaFailed where the executions cannot be read.
 */
export async function findLimit(
  by: Limiter,
  named: readonly Named[],
  running: RunningJobs,
  history: () => Promise<Map<string, Execution>>,
): Promise<OverLimit | undefined> {
  const limited = named.filter(({ request }) => request.trigger === 'alerts' || request.trigger === 'cleanup');
  if (limited.length === 0) return undefined;
  const lastHour = limited.some(isCounted) ? await namesOfLastHour(by) : [];
  const over = breaks(by, limited, running, lastHour, new Set(lastHour));
  if (over === undefined) return undefined;
  return breaks(by, limited, running, lastHour, new Set([...lastHour, ...(await history()).keys()]));
}

/** The limit that a repeat would break by starting anew as `next`: it is one kill more in this hour. `known` is the whole history. */
export function findRestartLimit(by: Limiter, next: Named, known: ReadonlyMap<string, Execution>): OverLimit | undefined {
  const since = by.clock.now() - HOUR_MS;
  const lastHour = [...known.values()].filter(({ startedAt }) => startedAt.getTime() > since).map(({ name }) => name);
  return breaks(by, [next], {}, lastHour, new Set(known.keys()));
}

function breaks(
  { policy: { limits } }: Limiter,
  limited: readonly Named[],
  running: RunningJobs,
  lastHour: readonly string[],
  repeats: ReadonlySet<string>,
): OverLimit | undefined {
  const fresh = new Set(limited.map(({ name }) => name).filter((name) => !repeats.has(name)));
  if (fresh.size > limits.perDelivery) {
    const reason = `this delivery would start ${fresh.size} kills and ${limits.perDelivery} are allowed; none was started. Change limits: in policy.yml if that is meant`;
    return { rule: 'perDelivery', reason, repeats };
  }
  const before = lastHour.filter(isLimitedLive).length;
  const added = new Set(limited.filter((one) => isCounted(one) && fresh.has(one.name)).map(({ name }) => name)).size;
  if (added > 0 && before + added > limits.perHour) {
    const reason = `alerts and cleanup started ${before} kills in the last 60 minutes and this delivery would add ${added}; ${limits.perHour} are allowed; none was started`;
    return { rule: 'perHour', reason, repeats };
  }
  for (const [cluster, runningJobs] of Object.entries(running)) {
    const chosen = new Set(limited.filter(({ request, name }) => request.target.cluster === cluster && !repeats.has(name)).map(({ name }) => name)).size;
    const allowance = Math.max(1, Math.floor((limits.percentOfRunning / 100) * runningJobs));
    if (chosen > allowance) {
      const reason = `${chosen} of the ${runningJobs} running jobs of ${cluster} were chosen and ${limits.percentOfRunning} percent (${allowance}) are allowed; none was started`;
      return { rule: 'percentOfRunning', reason, repeats };
    }
  }
  return undefined;
}

/** A dry run of cleanup is judged as if it were live: it has to tell what would happen. */
function isCounted({ request, name }: Named): boolean {
  return isLimitedLive(name) || (request.trigger === 'cleanup' && request.action !== 'notify');
}

async function namesOfLastHour({ executions, clock }: Limiter): Promise<string[]> {
  const names: string[] = [];
  const filter = { startedAfter: new Date(clock.now() - HOUR_MS), mostPages: HOUR_PAGES };
  for await (const { name } of executions.list(filter)) names.push(name);
  return names;
}
