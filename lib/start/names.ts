import { createHash } from 'node:crypto';
import { isDryRun } from '../core/decide.ts';
import type { Policy } from '../policy/policy.ts';
import { isPick, type Requested } from '../core/request.ts';

/**
 * The idempotency key of a request: `<trigger>-<dry|live>-<hash of deployment, delivery key and target>`. A dry run has a name
 * of its own, so that switching dry run off is no repeat. What kills nothing itself, a notice or a pick, is named `dry` too:
 * only `live` counts against the limits. `deployment` is the qualified function name: service and stage.
 */
export function nameExecution(policy: Policy, deployment: string, request: Requested, deliveryKey: string): string {
  const isLive = !isDryRun(policy, request);
  const killsItself = isLive && request.action !== 'notify' && !isPick(request);
  // The delivery key says which occurrence it is; a time in the target could differ between two deliveries of one.
  const target = isPick(request) ? [request.target.cluster, request.target.pick, isLive] : [request.target.cluster ?? null, request.target.job];
  return `${request.trigger}-${killsItself ? 'live' : 'dry'}-${hash([deployment, deliveryKey, ...target])}`;
}

/** The name of a message to the channel that is to be sent once in an hour (`2026112213`). */
export function nameNotice(deployment: string, subject: string, hour: string): string {
  return `notice-${hash([deployment, subject, hour])}`;
}

function hash(parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}

/** Whether an execution counts against `perHour`: started live by alerts or cleanup. Its name is all that a list tells. */
export function isLimitedLive(executionName: string): boolean {
  return executionName.startsWith('alerts-live-') || executionName.startsWith('cleanup-live-');
}

/** The names under which an alert's request may start anew after a bad end: the first one and four more. */
export function namesOfRestarts(executionName: string): string[] {
  return [2, 3, 4, 5].map((attempt) => `${executionName}-${attempt}`);
}
