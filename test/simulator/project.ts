import { authenticate, refuseCaller } from './authentication.ts';
import type { Cloud } from './cloud.ts';
import { mrsError } from './mrs-error.ts';
import type { Answer, Call } from './routing.ts';

/** MRS's answer to a caller that is unknown or has no business in this project; undefined for a good one. */
export function refuseProject(cloud: Cloud, call: Call, projectId: string): Answer | undefined {
  const caller = authenticate(cloud, call);
  if (!caller.known) return refuseCaller(caller, call);
  const exists = cloud.projects.some(({ id }) => id === projectId);
  const inScope = caller.by === 'foreign-token' || caller.projectId === projectId;
  return exists && inScope ? undefined : mrsError(400, '12000107', 'Invalid project ID.');
}
