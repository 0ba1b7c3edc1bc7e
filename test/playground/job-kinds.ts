import type { SimulatedCluster, SimulatedJob } from '../simulator/simulator.ts';

type Kind = { title: string; make: (clusters: { first: string; second: string }, nowMs: number) => Partial<SimulatedJob>; name: string };

const HOUR_MS = 3_600_000;

function runningFor(hours: number, nowMs: number): Pick<SimulatedJob, 'submitted_time' | 'started_time'> {
  const started_time = nowMs - hours * HOUR_MS;
  return { submitted_time: started_time - 17_000, started_time };
}

/** The kinds of jobs that can be added: what they are called is what the rules of policy.yml here go by. */
export const JOB_KINDS: Record<string, Kind> = {
  spark: { title: 'Spark job, running for 2 h', name: 'etl', make: ({ first }, nowMs) => ({ cluster_id: first, user: 'etl', ...runningFor(2, nowMs) }) },
  flink: { title: 'Flink stream: an approver is asked', name: 'clicks', make: ({ first }, nowMs) => ({ cluster_id: first, job_type: 'Flink', user: 'etl', ...runningFor(30, nowMs) }) },
  pending: { title: 'Pending job: has not started', name: 'backfill', make: ({ first }) => ({ cluster_id: first, job_state: 'ACCEPTED', user: 'ana', queue: 'adhoc' }) },
  protected: { title: 'Protected job: is never killed', name: 'billing', make: ({ first }, nowMs) => ({ cluster_id: first, user: 'svc-payroll', queue: 'prod', ...runningFor(4, nowMs) }) },
  sql: { title: 'Spark SQL: MRS cannot stop it', name: 'report', make: ({ first }) => ({ cluster_id: first, job_type: 'SparkSql', user: 'ana', queue: 'adhoc' }) },
  notebook: { title: 'Old notebook in dev: cleanup kills it', name: 'nb', make: ({ second }, nowMs) => ({ cluster_id: second, user: 'ana', queue: 'adhoc', ...runningFor(7, nowMs) }) },
  forgotten: { title: 'Old job of etl_dev in dev: cleanup warns its owner', name: 'dev', make: ({ second }, nowMs) => ({ cluster_id: second, user: 'etl_dev', queue: 'adhoc', ...runningFor(8, nowMs) }) },
};

/** A job of that kind with a number of its own; where there is one cluster only, it stands for both. Throws RangeError for a kind that there is not. */
export function makeJobOf(kindId: string, clusters: readonly SimulatedCluster[], number: number, nowMs: number): Partial<SimulatedJob> {
  const kind = Object.hasOwn(JOB_KINDS, kindId) ? JOB_KINDS[kindId] : undefined;
  if (kind === undefined) throw new RangeError(`there is no kind of job ${kindId}`);
  const [first = '', second = first] = clusters.map(({ id }) => id);
  return { ...kind.make({ first, second }, nowMs), job_name: `${kind.name}-${number}` };
}
