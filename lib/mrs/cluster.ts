import type { Policy } from '../policy/policy.ts';

/** The project that MRS calls are made in: by id, or by name where only that is known. */
export type Project = { id: string } | { name: string };

/** A listed cluster with everything a call needs. */
export type Cluster = { name: string; id: string; region: string; project: Project };

/** The policy's clusters with project and region filled in from the settings. */
export function listedClusters(policy: Policy, defaults: { region: string; project: Project }): Cluster[] {
  return Object.entries(policy.clusters).map(([name, { id, project, region }]) => ({
    name,
    id,
    region: region ?? defaults.region,
    project: project === undefined ? projectIn(region ?? defaults.region, defaults) : { id: project },
  }));
}

/** By name in the policy or by cluster id; undefined where it is not listed. */
export function findCluster(clusters: readonly Cluster[], nameOrId: string): Cluster | undefined {
  return clusters.find(({ name }) => name === nameOrId) ?? clusters.find(({ id }) => id === nameOrId);
}

/** A project belongs to one region, so the settings' project serves their region only; elsewhere it is the region's own. */
function projectIn(region: string, defaults: { region: string; project: Project }): Project {
  return region === defaults.region ? defaults.project : { name: region };
}
