import type { JobRecord, SimulatedJob } from '../simulator/jobs.ts';
import type { Actor } from './actor.ts';
import type { Kill } from './judge-kills.ts';
import { isKillNow } from './judge-warnings.ts';
import type { Origins } from './origin.ts';
import type { Plot } from './plot.ts';
import { type CleanupName, type Deployed, deployedAt, LONG_QUEUE, OLDER_THAN_MIN } from './policy.ts';
import { MINUTE_MS, type World } from './world.ts';

/** So long a kill that was allowed may still leave: an ask's time, and what a request has. */
const LEAVES_WITHIN_MS = 32 * MINUTE_MS;

/** Whether a deployment's rule of cleanup is there and fits a job. */
export function fitsCleanup(rule: CleanupName, { job_name: name, queue, started_time: startedAt }: SimulatedJob, { drops }: Deployed, now: number): boolean {
  const isMeant = rule === 'notebooks' ? name.startsWith('nb-') : queue === LONG_QUEUE;
  return isMeant && !drops.includes(rule) && startedAt > 0 && now - startedAt > OLDER_THAN_MIN[rule] * MINUTE_MS;
}

/** Judges each kill by the policy of its moment: of the deployment that its own execution began under, which must not be an old one. */
export function judgePolicy(world: World, jobs: Map<string, JobRecord>, origins: Origins, plot: () => Plot): (actor: Actor, kill: Kill) => void {
  return (actor, { execution, jobId }) => {
    const { deployments, warned } = plot();
    const { request } = origins.of(execution) ?? {};
    const since = origins.runsSince(execution) ?? world.now();
    const deployed = deployedAt(deployments, since);
    const job = jobs.get(jobId)?.job;
    if (warned === undefined || deployed === undefined || job === undefined) return;
    const judge = (isBroken: boolean, line: () => string): void => world.judge('kill against the policy of the moment', isBroken, () => `${actor.name}: ${line()}`);
    judge(deployed.isDry, () => 'dry run');
    judge(deployed.protects.includes(job.job_name), () => `${job.job_name} is protected`);
    const replaced = deployments.find(({ at }) => at > since);
    if (replaced !== undefined) judge(world.now() > replaced.at + LEAVES_WITHIN_MS, () => `what it began under is replaced for ${(world.now() - replaced.at) / MINUTE_MS} min`);
    const rule = request?.warning === undefined || isKillNow(request) ? undefined : request.policyRule;
    if (rule === undefined) return;
    judge(deployed.drops.includes(rule), () => `there is no rule ${rule}`);
    if (rule in OLDER_THAN_MIN) judge(!fitsCleanup(rule as CleanupName, job, deployed, world.now()), () => `${rule} does not fit`);
  };
}
