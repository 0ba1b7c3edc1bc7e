import { type End, refusedEnd } from '../core/end.ts';
import { describeTrouble, type Trouble, troubleCode } from '../core/errors.ts';
import type { Job } from '../core/job.ts';
import type { KeptBy } from '../core/report.ts';
import { formatDuration, utcText } from '../core/time.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { expiredEnd, koocliLine } from './examine.ts';
import { endOfOver } from './follow.ts';
import type { Pace } from './parts.ts';
import type { KillEnd } from './post.ts';

const MAY_TAKE_EFFECT = '; a kill was sent before and may still take effect';

/** An end of a request by an earlier POST of which nobody knows what it came to. */
export function withUnknownEffect(end: End): End {
  return { ...end, reason: `${end.reason}${MAY_TAKE_EFFECT}`, mayTakeEffect: true };
}

/** The end of a request whose POST was not accepted. */
export function endOfKill(ended: Exclude<KillEnd, { end: 'accepted' }>, cluster: Cluster, job: Job): End {
  const isUnknown = 'effectUnknown' in ended && ended.effectUnknown;
  const unsure = (end: End): End => (isUnknown ? withUnknownEffect(end) : end);
  // These name a command after it.
  const mayTakeEffect = isUnknown ? ({ mayTakeEffect: true } as const) : {};
  const unknown = isUnknown ? MAY_TAKE_EFFECT : '';
  switch (ended.end) {
    case 'over':
      return endOfOver(ended.job);
    case 'braked':
      return unsure(refusedEnd(ended.brake.rule, ended.brake.reason, job));
    case 'expired':
      return unsure({ ...expiredEnd(), job });
    case 'refused':
      return unsure(ended.refusal);
    case 'not-found':
      return { outcome: 'not-found', reason: 'MRS does not know this job any more', job };
    case 'unready':
      return { outcome: 'failed', code: ended.code, reason: `${ended.reason}${unknown}; by hand: ${koocliLine(cluster, job.job_id)}`, job, ...mayTakeEffect };
    case 'unanswered':
      return unansweredEnd(ended.trouble, cluster, job);
    case 'trouble': {
      const reason = `${describeTrouble(ended.trouble)}${unknown}; by hand: ${koocliLine(cluster, job.job_id)}`;
      return { outcome: 'failed', code: troubleCode(ended.trouble), trouble: ended.trouble, reason, job, ...mayTakeEffect };
    }
  }
}

/** All POSTs were spent, MRS answered none, and the job lives. */
export function unansweredEnd(trouble: Trouble, cluster: Cluster, job: Job): End {
  const reason = `${describeTrouble(trouble)}; MRS answered none of our kills, and the job still runs; by hand: ${koocliLine(cluster, job.job_id)}`;
  return { outcome: 'failed', code: 'unanswered', trouble, reason, job, mayTakeEffect: true };
}

/** The end of a request whose job was alive still when it was followed long enough. */
export function aliveEnd({ ifStillAlive, followTimeoutSec }: Pace, job: Job): End {
  switch (ifStillAlive) {
    case 'accepted':
      return { outcome: 'accepted', job, reason: 'MRS took the kill; the job ends within seconds, or minutes while its logs are copied' };
    case 'still-running': {
      const reason = `MRS took the kill, but the job was still ${job.job_state} after ${formatDuration(followTimeoutSec * 1_000)}; copying its logs can take that long; look again with /mrs status ${job.job_id} on ${job.cluster}`;
      return { outcome: 'still-running', job, reason };
    }
  }
}

/** A keep holds no person back, and no alert that names the job: its card says whose it was. */
export function withKeep(end: End, kept: KeptBy | undefined): End {
  return kept === undefined ? end : { ...end, reason: `${end.reason}; it was kept until ${utcText(kept.until)} by ${kept.by}` };
}
