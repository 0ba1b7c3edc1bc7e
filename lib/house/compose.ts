import type { Clock } from '../core/time.ts';
import { SettingsInvalid } from '../core/errors.ts';
import type { Policy } from '../policy/policy.ts';
import { type Reporter, silentReporter } from '../core/report.ts';
import type { Secrets } from '../http/reply.ts';
import type { OpenSend } from '../http/send.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { type Cluster, listedClusters } from '../mrs/cluster.ts';
import type { ForMany } from '../mrs/connect.ts';
import { connectLater } from '../mrs/connect-later.ts';
import type { Mrs } from '../mrs/mrs.ts';
import { policyHash } from '../policy/policy.ts';
import { PolicyUnreadable } from '../policy/load-policy.ts';
import { createReferences, type Home, type Paused, readPaused, type ReadParameters } from '../settings/references.ts';
import { isKnownRegion } from '../settings/regions.ts';
import type { FunctionName } from '../settings/calls-mrs.ts';
import { readSettings, type Settings, settingsIn } from '../settings/settings.ts';
import type { Engine } from '../start/engine.ts';
import { createRecent } from '../start/recent.ts';
import type { Starter } from '../start/start-all.ts';

type Env = Record<string, string | undefined>;

/** Everything that comes from outside of the house: of this process, or of a test. */
export type Outside = {
  home: Home;
  /** On AWS the function that this is, which gets its own secrets only; left out, all are read. */
  functionName?: FunctionName;
  env: Env;
  clock: Clock;
  /** A new random id. */
  createId: () => string;
  log: Log;
  /** The way out to the hosts that settings and policy name. */
  openSend: OpenSend;
  /** Clock and way out of what is asked of MRS and IAM once for many runs; left out: as for each of them. */
  forMany?: ForMany;
  /** Where the keys of the server's agency are, where it is not the server's own host; for tests, on loopback. */
  metadataUrl?: string | undefined;
  /** Epoch ms at which this process began, where what it finds on record may be older than the world: a restored store. */
  bornAt?: number;
  /** Where many follows look at once, MRS as they see it. */
  followTogether?: (mrs: Mrs) => Mrs;
  /** What references in the environment lead to: the parameters of AWS, at home the files. */
  readParameters: ReadParameters;
  /** The engine of the durable function of that qualified name. */
  openEngine: (functionName: string) => Engine;
  /** The ledger in the table of that name. */
  openLedger: (table: string) => Ledger;
  /** Invokes this very function once more and does not wait for it. */
  invokeSelf: (payload: unknown) => Promise<void>;
  /** The checked policy. Throws PolicyUnreadable. */
  readPolicy: () => Policy;
};

/**
 * Puts the house together. What it returns gives the parts at each call, built on first use and anew when a secret that a
 * reference leads to has changed; they throw SettingsInvalid while settings or policy are wrong. `loadStarting` has what starts
 * kills besides.
 */
export function compose(outside: Outside) {
  const { home, env, clock, readParameters, createId, log, followTogether = (mrs) => mrs } = outside;
  const references = createReferences(settingsIn(env), readParameters, clock, home);
  let built: { version: number; parts: ReturnType<typeof build> } | undefined;
  // Made once: they hold connections.
  let engine: Engine | undefined;
  let warnEngine: Engine | undefined;
  let ledger: Ledger | undefined;
  const recent = createRecent();

  function build(resolved: Env) {
    const settings = readSettings(resolved, home, outside.functionName);
    const policy = policyOf(outside);
    const clusters = listedClusters(policy, settings);
    checkRegions(clusters, settings);
    const table = required(settings.ledgerTable, 'LEDGER_TABLE', 'the name of the ledger\'s table');
    ledger ??= outside.openLedger(table);
    const { credentials, mrsAs } = connectLater({ settings, clusters, clock, openSend: outside.openSend, forMany: outside.forMany, metadataUrl: outside.metadataUrl });
    return {
      settings,
      policy,
      policyHash: policyHash(policy),
      clusters,
      credentials,
      mrsAs,
      mrs: followTogether(mrsAs(credentials)),
      readPaused: (): Paused | Promise<Paused> => readPaused(env, readParameters, clock, home),
      bornAt: outside.bornAt,
      ledger,
      reporter: createReporter(outside, settings, policy),
      clock,
      createId,
      log,
      openSend: outside.openSend,
    };
  }

  const load = () => {
    const version = references.version();
    if (built?.version !== version) built = { version, parts: build(references.env()) };
    return built.parts;
  };
  const loadStarting = () => {
    const parts = load();
    const killFunction = required(parts.settings.killFunction, 'KILL_FUNCTION', 'the qualified name of the durable function');
    engine ??= outside.openEngine(killFunction);
    const warnFunction = warns(parts.policy) ? required(parts.settings.warnFunction, 'WARN_FUNCTION', 'the qualified name of the durable function that warns') : parts.settings.warnFunction;
    if (warnFunction !== undefined) warnEngine ??= outside.openEngine(warnFunction);
    const starter: Starter = { ...parts, engine, warnEngine, killFunction, recent };
    return { ...parts, engine, starter, handOver: outside.invokeSelf };
  };
  const secrets: Secrets = { refresh: references.refresh, refreshAfterRefusal: references.refreshAfterRefusal };
  return { load, loadStarting, ...secrets };
}

/** Loaded when there is something to say: what answers first says nothing. */
function createReporter({ openSend, clock }: Outside, { slack: { apiUrl, botToken } }: Settings, { slack: { channel } }: Policy): Reporter {
  if (botToken === undefined) return silentReporter;
  let loaded: Promise<Reporter> | undefined;
  const load = async (): Promise<Reporter> => {
    const [{ createSlackReporter }, { createSlack }] = await Promise.all([import('../slack/reporter.ts'), import('../slack/web-api.ts')]);
    return createSlackReporter(createSlack({ apiUrl, botToken, send: openSend([apiUrl]) }), channel, clock.now);
  };
  const reporter = (): Promise<Reporter> => (loaded ??= load());
  return {
    show: async (...given) => (await reporter()).show(...given),
    say: async (...given) => (await reporter()).say(...given),
    showCleanup: async (...given) => (await reporter()).showCleanup(...given),
    showDigest: async (...given) => (await reporter()).showDigest(...given),
  };
}

function required(value: string | undefined, name: string, what: string): string {
  if (value !== undefined) return value;
  throw new SettingsInvalid([{ name, problem: `is required here: ${what}; serverless.yml sets it` }]);
}

function warns({ alerts, cleanup }: Policy): boolean {
  return [...alerts, ...cleanup].some(({ warnMs }) => warnMs !== undefined);
}

function policyOf({ readPolicy }: Outside): Policy {
  try {
    return readPolicy();
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
