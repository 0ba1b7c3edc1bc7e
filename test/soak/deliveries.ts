import type { Simulator } from '../simulator/simulator.ts';

/** What an alert of the soak means, by the name that it has in front of its number. */
export const KINDS = ['Stuck', 'Slow', 'Guarded', 'Gone', 'Unruled', 'Aimless', 'Resolved'] as const;
export type Kind = (typeof KINDS)[number];

/** One alert, and each delivery of it so far. */
export type Sent = {
  /** `Stuck-17`: its key, and the name by which the audit knows it. */
  name: string;
  kind: Kind;
  jobId: string | undefined;
  body: string;
  /** What each answer that its sender saw said of it. */
  told: string[];
  /** Deliveries whose last try was not answered with 202. */
  untaken: number;
};

/** Of twenty alerts so many are of a kind; the others are stuck jobs that are to be killed. */
const OF_TWENTY: readonly Kind[] = ['Slow', 'Guarded', 'Gone', 'Unruled', 'Aimless', 'Resolved'];
/** Every third delivery is one that came before. */
const EVERY = 3;
/** A sender repeats what is new: the delivery before it, or one a little older. */
const REPEATS_WITHIN = 100;

/** The rules for them; none takes what is unruled, and nobody answers what is asked. */
export const RULES = `
alerts:
  - { match: { alertname: "Slow-*" }, cluster: analytics, job: job_id, action: ask }
${['Stuck', 'Guarded', 'Gone', 'Aimless', 'Resolved'].map((kind) => `  - { match: { alertname: "${kind}-*" }, cluster: analytics, job: job_id, action: kill }`).join('\n')}
`;

/** Gives the alert of each next delivery, and puts its job into the cluster. */
export function planDeliveries(simulator: Simulator, random: () => number): { next: () => Sent; all: readonly Sent[] } {
  const all: Sent[] = [];
  let count = 0;
  const make = (): Sent => {
    const number = all.length + 1;
    const kind = OF_TWENTY[number % 20] ?? 'Stuck';
    const name = `${kind}-${number}`;
    const hasJob = kind !== 'Gone' && kind !== 'Aimless';
    const jobId = hasJob ? simulator.addJob({ job_name: kind === 'Guarded' ? `billing-${number}` : `job-${number}` }).job_id : undefined;
    const labels = { alertname: name, ...(kind === 'Gone' ? { job_id: goneId(number) } : jobId !== undefined && { job_id: jobId }) };
    const body = JSON.stringify({ id: name, labels, ...(kind === 'Resolved' && { status: 'resolved' }) });
    return { name, kind, jobId, body, told: [], untaken: 0 };
  };
  return {
    all,
    next() {
      count += 1;
      const earlier = count % EVERY === 0 ? all[all.length - 1 - Math.floor(random() * Math.min(REPEATS_WITHIN, all.length))] : undefined;
      if (earlier !== undefined) return earlier;
      const made = make();
      all.push(made);
      return made;
    },
  };
}

/** An id that no job has. */
const goneId = (number: number): string => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`;
