import { isDryRun } from '../core/dry-run.ts';
import { isPick, type Requested, type Trigger } from '../core/request.ts';
import { sha256 } from '../core/sha256.ts';
import type { Policy } from '../policy/policy.ts';

/**
 * The name of a request, which its repeats share, and of its first execution: `<trigger>-<dry|live>-<hash of deployment, delivery
 * key and target>`. A dry run has a name of its own, so that switching dry run off is no repeat; what kills nothing itself, a
 * notice or a pick, is named `dry` too. `deployment` is the qualified function name: service and stage.
 */
export function nameExecution(policy: Policy, deployment: string, request: Requested, deliveryKey: string): string {
  // What a warning hands on to has one name, whatever the policy says by then: its dry run ended before.
  const isLive = request.warning !== undefined || !isDryRun(policy, request);
  const killsItself = isLive && request.action !== 'notify' && !isPick(request);
  // The delivery key says which occurrence it is; a time in the target could differ between two deliveries of one.
  const target = isPick(request) ? [request.target.cluster, request.target.pick, isLive] : [request.target.cluster ?? null, request.target.job, ...(request.warns ? ['warn'] : [])];
  return `${request.trigger}-${killsItself ? 'live' : 'dry'}-${hash([deployment, deliveryKey, ...target])}`;
}

/** The name of what was refused or ignored at the door, by which its repeats are known. */
export function nameAtDoor(deployment: string, trigger: Trigger, deliveryKey: string): string {
  return `${trigger}-door-${hash([deployment, deliveryKey])}`;
}

/** The name of a message to the channel that is to be sent once in an hour (`2026112213`). */
export function nameNotice(deployment: string, subject: string, hour: string): string {
  return `notice-${hash([deployment, subject, hour])}`;
}

/** The execution that closes another one in its place. */
export function nameEndOf(executionName: string): string {
  return `end-${executionName}`;
}

/** An occurrence of an alert as keys and requests have it; `words` are the sender's own. */
export function nameOccurrence(source: string, words: string): string {
  return hash([source, words]);
}

function hash(parts: unknown[]): string {
  return sha256(JSON.stringify(parts)).slice(0, 32);
}
