import { isDryRun } from '../core/decide.ts';
import type { PickRequest } from '../core/request.ts';
import { formatDuration } from '../core/time.ts';
import { Picked, pickKey } from '../ledger/keys.ts';
import type { Entry, Key } from '../ledger/port.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import type { Policy } from '../policy/policy.ts';

/** What a rule picks in a cluster is one decision, whatever alerts lead to it: this is the key of it. A dry run decides for itself. */
export function keyOfPick(policy: Pick<Policy, 'dryRun'>, clusters: readonly Cluster[], request: PickRequest): Key {
  const { cluster, content = request.policyRule ?? '' } = request.target;
  return pickKey(content, findCluster(clusters, cluster)?.id ?? cluster, isDryRun(policy, request));
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
