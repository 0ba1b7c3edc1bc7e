import { systemClock } from '../clock.ts';
import { SettingsInvalid } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';
import { type Cluster, listedClusters } from '../mrs/cluster.ts';
import { connectMrs } from '../mrs/connect.ts';
import { isKnownRegion } from '../mrs/endpoints.ts';
import { policyHash } from '../policy/hash.ts';
import { loadPolicy, PolicyUnreadable } from '../policy/load.ts';
import { readPaused } from '../settings/paused.ts';
import { readSettings, type Settings } from '../settings/settings.ts';
import type { Api } from './api.ts';

type Env = Record<string, string | undefined>;

/**
 * A function that builds the API's parts on first use and keeps them; while settings or policy are wrong it throws
 * SettingsInvalid at each use. `shippedPolicy` is the checked policy in the package; POLICY_FILE wins, which the local start
 * sets to the policy it has checked.
 */
export function loadApi(env: Env, shippedPolicy: URL): () => Api {
  let api: Api | undefined;
  return () => {
    if (api) return api;
    const settings = readSettings(env);
    const policy = readPolicy(env['POLICY_FILE'] || shippedPolicy);
    const clusters = listedClusters(policy, settings);
    checkRegions(clusters, settings);
    api = {
      settings,
      policy,
      policyHash: policyHash(policy),
      clusters,
      ...connectMrs(settings, clusters, systemClock),
      readPaused: () => readPaused(env),
      clock: systemClock,
    };
    return api;
  };
}

function readPolicy(path: string | URL): Policy {
  try {
    return loadPolicy(path);
  } catch (error) {
    if (!(error instanceof PolicyUnreadable)) throw error;
    throw new SettingsInvalid([{ name: 'POLICY_FILE', problem: error.message }]);
  }
}

/** A region of the policy that is not in our table needs endpoints from the settings, as the settings' own region does. */
function checkRegions(clusters: readonly Cluster[], { mrsEndpoint, iamEndpoint }: Settings): void {
  const unknown = clusters.find(({ region }) => !isKnownRegion(region));
  if (unknown === undefined || (mrsEndpoint !== undefined && iamEndpoint !== undefined)) return;
  const problem = `is required, with HW_AUTH_URL: no endpoints are known for region ${unknown.region} of cluster ${unknown.name}`;
  throw new SettingsInvalid([{ name: 'MRS_ENDPOINT', problem }]);
}
