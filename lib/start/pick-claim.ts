import { isDryRun } from '../core/dry-run.ts';
import type { PickRequest } from '../core/request.ts';
import { formatDuration } from '../core/time.ts';
import type { StartId } from '../kill/start-id.ts';
import { Picked, pickedForKey, pickKey } from '../ledger/keys.ts';
import type { Claimed, Entry, Key, Ledger } from '../ledger/port.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';

/** What a rule picks in a cluster is one decision, whatever alerts lead to it: this is the key of it. A dry run decides for itself. */
export function keyOfPick({ policy, clusters }: Keyed, request: PickRequest): Key {
  return pickKey(...rootOf(clusters, request), isDryRun(policy, request));
}

/** The key of what was picked for one occurrence of an alert, whatever its sender says of it later; undefined where nobody knows which it is. */
export function keyOfOccurrence({ policy, clusters }: Keyed, request: PickRequest): Key | undefined {
  const { occurrence } = request;
  return occurrence === undefined ? undefined : pickedForKey(...rootOf(clusters, request), occurrence, isDryRun(policy, request));
}

type Keyed = { policy: Pick<Policy, 'dryRun'>; clusters: readonly Cluster[] };

function rootOf(clusters: readonly Cluster[], { target: { cluster, content }, policyRule = '' }: PickRequest): [content: string, clusterId: string] {
  return [content ?? policyRule, findCluster(clusters, cluster)?.id ?? cluster];
}

/** Claims a key of ours; what an earlier start of the same request left there came to nothing, and is given back first. Throws LedgerFailed. */
export async function claimAnew(ledger: Ledger, key: Key, { name, start }: StartId, wish: { until: number; value?: Picked }, now: number): Promise<Claimed> {
  const claim = () => ledger.claim(key, { owner: name, start, ...wish }, { now });
  const claimed = await claim();
  if (!claimed.mine || (choiceIn(claimed)?.start ?? start) === start) return claimed;
  await ledger.release(key, name, start);
  return claim();
}

/** Whose choice holds now; undefined where nobody's does, or nothing is chosen yet. */
export function choiceIn(entry: Pick<Entry, 'owner' | 'value'> | undefined): (Picked & { owner: string }) | undefined {
  const picked = Picked.safeParse(entry?.value).data;
  return picked && { ...picked, owner: entry?.owner ?? '' };
}

/** `alerts.1 picked 1 job of analytics 3 min ago` */
export function pickedText({ policyRule, target: { cluster } }: PickRequest, { at, ids }: Pick<Picked, 'at' | 'ids'>, now: number): string {
  return `${policyRule ?? 'the rule'} picked ${ids.length === 1 ? '1 job' : `${ids.length} jobs`} of ${cluster} ${formatDuration(now - at)} ago`;
}
