import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { KillRequest } from '../core/request.ts';
import { examine } from '../kill/examine.ts';
import { waitPast } from './wait-past.ts';
import type { Warner } from './warner.ts';

/** The end of a warning that is only played: when its time (epoch ms) is up the job is looked at and decided once more, and told what would have been. */
export async function endDryWarning(parts: Warner, request: KillRequest, job: Job, until: number): Promise<End> {
  const { moves, clusters } = parts;
  await waitPast(parts, 'dry', until);
  const cluster = clusters.find(({ name }) => name === job.cluster)?.id ?? job.cluster;
  const again = await moves.step('look-again', () => examine(parts, request, { cluster, job: { by: 'mrs-id', id: job.job_id } }, Infinity));
  if (again.go === 'end') return again.end;
  return { outcome: 'would-kill', job: again.job, reason: again.dryRun ?? 'it was a dry run when people were told; nothing was killed' };
}
