import { systemClock } from './clock.ts';
import type { Clock } from './core/clock.ts';
import { SettingsInvalid } from './core/errors.ts';
import { type Reporter, silentReporter } from './core/report.ts';
import { createGuard } from './http/guard.ts';
import { createSend } from './http/send.ts';
import type { Mrs } from './mrs/client.ts';
import { type Cluster, listedClusters } from './mrs/cluster.ts';
import { connectMrs } from './mrs/connect.ts';
import type { Credentials } from './mrs/credentials.ts';
import { isKnownRegion } from './mrs/endpoints.ts';
import { loadPolicy, PolicyUnreadable } from './policy/load-policy.ts';
import { type Policy, policyHash } from './policy/policy.ts';
import { createParameterStore } from './settings/parameter-store.ts';
import { readPaused } from './settings/paused.ts';
import { createReferences, type References } from './settings/references.ts';
import { readSettings, type Settings } from './settings/settings.ts';
import { createSlackReporter } from './slack/reporter.ts';
import { createSlack } from './slack/web-api.ts';

type Env = Record<string, string | undefined>;

/** What every function works with, built once per instance from settings and policy. */
export type Killswitch = {
  settings: Settings;
  policy: Policy;
  policyHash: string;
  /** The listed clusters, with project and region. */
  clusters: readonly Cluster[];
  /** Who we are ourselves. */
  credentials: Credentials;
  mrsAs: (credentials: Credentials) => Mrs;
  /** The off switch, read now. */
  readPaused: () => boolean | Promise<boolean>;
  /** Where requests are reported. */
  reporter: Reporter;
  clock: Clock;
};

/** Gives the parts, built on first use; throws SettingsInvalid while settings or policy are wrong. */
export type Load = (() => Killswitch) & Pick<References, 'refresh' | 'refreshAfterRefusal'>;

/**
 * The way to the parts, for one environment. They are kept, and built anew when a secret that a reference leads to has changed.
 * `shippedPolicy` is the checked policy in the package; POLICY_FILE wins, which the local start sets to the policy it has
 * checked. `readParameters` is the parameter store of AWS unless a test brings its own.
 */
export function loadKillswitch(env: Env, shippedPolicy: URL, readParameters = createParameterStore()): Load {
  const references = createReferences(env, readParameters, systemClock);
  let built: { version: number; killswitch: Killswitch } | undefined;
  const load = (): Killswitch => {
    const version = references.version();
    if (built?.version !== version) built = { version, killswitch: build(references.env()) };
    return built.killswitch;
  };
  const build = (resolved: Env): Killswitch => {
    const settings = readSettings(resolved);
    const policy = readPolicy(env['POLICY_FILE'] || shippedPolicy);
    const clusters = listedClusters(policy, settings);
    checkRegions(clusters, settings);
    return {
      settings,
      policy,
      policyHash: policyHash(policy),
      clusters,
      ...connectMrs(settings, clusters, systemClock),
      readPaused: () => readPaused(env, readParameters),
      reporter: createReporter(settings, policy),
      clock: systemClock,
    };
  };
  return Object.assign(load, { refresh: references.refresh, refreshAfterRefusal: references.refreshAfterRefusal });
}

function createReporter({ slack: { apiUrl, botToken } }: Settings, { slack: { channel } }: Policy): Reporter {
  if (botToken === undefined) return silentReporter;
  return createSlackReporter(createSlack({ apiUrl, botToken, send: createSend(createGuard([apiUrl])) }), channel, systemClock.now);
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
