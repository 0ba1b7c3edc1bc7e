import { matchesGlob } from './glob.ts';
import { type Job, pendingForMs, runningForMs } from './job.ts';

/** Picks jobs; every field that is given has to match. The same everywhere in policy.yml, where the ages are `6h` and the like. */
export type Selector = {
  name?: string | undefined;
  user?: string | undefined;
  queue?: string | undefined;
  /** Without regard to case, as is `state`: MRS itself prints `New` and `NEW`. */
  type?: string | undefined;
  state?: string | undefined;
  /** Running for longer than this. */
  olderThanMs?: number | undefined;
  /** Submitted longer ago than this and not running yet. */
  pendingLongerThanMs?: number | undefined;
};

export const PICK_ORDERS = ['longest-running', 'newest'] as const;

/** A pick chooses nothing else for so long after it chose, unless its rule says otherwise. */
export const COOLDOWN_MS = 15 * 60_000;

/** Which of the jobs that fit are meant: so many of them, in this order; nothing else is chosen in the cluster for `cooldownMs`. */
export type JobPick = Selector & { order: (typeof PICK_ORDERS)[number]; count: number; cooldownMs?: number | undefined };

/** Whether `job` fits all given fields. An empty selector fits nothing: it is refused in policy.yml, and here too. */
export function matchesSelector(selector: Selector, job: Job, now: Date): boolean {
  const { name, user, queue, type, state, olderThanMs, pendingLongerThanMs } = selector;
  const checks = [
    name === undefined ? undefined : fits(name, job.job_name),
    user === undefined ? undefined : fits(user, job.user),
    queue === undefined ? undefined : fits(queue, job.queue),
    type === undefined ? undefined : fits(type.toLowerCase(), job.job_type.toLowerCase()),
    state === undefined ? undefined : fits(state.toLowerCase(), job.job_state.toLowerCase()),
    olderThanMs === undefined ? undefined : exceeds(runningForMs(job, now), olderThanMs),
    pendingLongerThanMs === undefined ? undefined : exceeds(pendingForMs(job, now), pendingLongerThanMs),
  ].filter((check) => check !== undefined);
  return checks.length > 0 && checks.every(Boolean);
}

/** A value that MRS left out never fits, not even `*`. */
function fits(glob: string, value: string): boolean {
  return value !== '' && matchesGlob(glob, value);
}

function exceeds(ageMs: number | undefined, limitMs: number): boolean {
  return ageMs !== undefined && ageMs > limitMs;
}
