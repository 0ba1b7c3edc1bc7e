import { matchesGlob } from './glob.ts';
import { isOver, isWaiting, type Job, runningForMs } from './job.ts';

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

/** Whether `job` fits all given fields, as far as MRS tells: what it left out never fits. An empty selector fits nothing: it is refused in policy.yml, and here too. */
export function matchesSelector(selector: Selector, job: Job, now: Date): boolean {
  return matchSelector(selector, job, now) === 'yes';
}

/** Whether a job fits; `open` where that hangs on what MRS left out. */
export type Match = 'yes' | 'no' | 'open';

/** The same with what MRS left out told apart: `open` says that there are values of those fields with which the job would fit. */
export function matchSelector(selector: Selector, job: Job, now: Date): Match {
  const matches = Object.values(matchFields(selector, job, now));
  if (matches.length === 0 || matches.includes('no')) return 'no';
  return matches.includes('open') ? 'open' : 'yes';
}

/** The fields that leave open whether a job fits, in MRS's own words: what MRS left out. */
export function fieldsLeftOut(selector: Selector, job: Job, now: Date): string[] {
  const open = Object.entries(matchFields(selector, job, now)).filter(([, match]) => match === 'open');
  return [...new Set(open.map(([field]) => (field === 'olderThanMs' ? 'start time' : field === 'pendingLongerThanMs' ? pendingLeftOut(job) : field)))];
}

/** For each field that is given, whether the job fits it. */
function matchFields({ name, user, queue, type, state, olderThanMs, pendingLongerThanMs }: Selector, job: Job, now: Date): Partial<Record<keyof Selector, Match>> {
  return {
    ...(name !== undefined && { name: fits(name, job.job_name) }),
    ...(user !== undefined && { user: fits(user, job.user) }),
    ...(queue !== undefined && { queue: fits(queue, job.queue) }),
    ...(type !== undefined && { type: fits(type.toLowerCase(), job.job_type.toLowerCase()) }),
    ...(state !== undefined && { state: fits(state.toLowerCase(), job.job_state.toLowerCase()) }),
    ...(olderThanMs !== undefined && { olderThanMs: hasRunFor(olderThanMs, job, now) }),
    ...(pendingLongerThanMs !== undefined && { pendingLongerThanMs: waitsFor(pendingLongerThanMs, job, now) }),
  };
}

function fits(glob: string, value: string): Match {
  if (value === '') return 'open';
  return matchesGlob(glob, value) ? 'yes' : 'no';
}

/** A job that waits, or is over, has no start to leave out; any other one without has. */
function hasRunFor(limitMs: number, job: Job, now: Date): Match {
  const ageMs = runningForMs(job, now);
  if (ageMs === undefined) return isWaiting(job) || isOver(job) ? 'no' : 'open';
  return ageMs > limitMs ? 'yes' : 'no';
}

/** Whether a job without a state still waits is not known, nor for how long one waits that has no submission. */
function waitsFor(limitMs: number, job: Job, now: Date): Match {
  if (job.started_time > 0 || job.job_state === 'RUNNING' || isOver(job)) return 'no';
  if (job.submitted_time > 0 && now.getTime() - job.submitted_time <= limitMs) return 'no';
  return isWaiting(job) && job.submitted_time > 0 ? 'yes' : 'open';
}

function pendingLeftOut(job: Job): string {
  return isWaiting(job) ? 'submission time' : 'state';
}
