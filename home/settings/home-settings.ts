import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Secret } from '../../lib/settings/secret.ts';
import { readSettings, unreadReferences } from '../../lib/settings/settings.ts';
import { checkTokenSources } from '../../lib/settings/token-sources.ts';
import { HomeVariables, isLoopbackHost } from './home-variables.ts';

/** What the own home needs besides the settings that both homes have; frozen. */
export type HomeSettings = {
  /** An address or a name of this machine; `::1` without brackets. */
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** As given: relative to the folder where the process was started. */
  storeFile: string;
  /** Both files in PEM. Left out: plain HTTP. */
  tls?: { certFile: string; keyFile: string };
  /** Who reaches us has TLS already. */
  behindProxy: boolean;
  /** Five fields of cron, in UTC; left out: cleanup runs by hand only. */
  cleanupSchedule?: string;
  /** Left out: no Socket Mode. */
  slackAppToken?: Secret;
  /** On loopback; 0 takes a free one. Left out: no metrics. */
  metricsPort?: number;
  /** For tests: where the keys of the agency are; origin on loopback. */
  metadataUrl?: string;
};

type Problem = { name: string; problem: string };
type Given = Record<string, string>;

/**
 * Reads the settings of the own home. `env` is the environment with its references resolved (lib/settings/references.ts). Throws
 * SettingsInvalid, which names every bad variable, those of both homes too, and never a value. Opens no file.
 */
export function readHomeSettings(env: Record<string, string | undefined>): HomeSettings {
  const given: Given = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== '') given[name] = value;
  const unread = unreadReferences(given, ['SLACK_APP_TOKEN'], 'own');
  const parsed = HomeVariables.safeParse(given);
  const own = (parsed.error?.issues ?? [])
    .map(({ path, message }) => ({ name: String(path[0]), problem: message }))
    .filter(({ name }) => !unread.some((reference) => reference.name === name));
  const problems = [...problemsOfBothHomes(env), ...unread, ...own, ...checkTls(given), ...checkPorts(given), ...checkTokenSources(given['ALERT_TOKENS'], SOURCE_NAMES)];
  if (!parsed.success || problems.length > 0) throw new SettingsInvalid(problems);
  const { HOST, PORT, STORE_FILE, TLS_CERT_FILE, TLS_KEY_FILE, BEHIND_PROXY, CLEANUP_SCHEDULE, SLACK_APP_TOKEN, METRICS_PORT, HW_METADATA_URL } = parsed.data;
  return Object.freeze({
    host: HOST,
    port: PORT,
    storeFile: STORE_FILE,
    ...(TLS_CERT_FILE !== undefined && TLS_KEY_FILE !== undefined && { tls: { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE } }),
    behindProxy: BEHIND_PROXY === 'true',
    ...(CLEANUP_SCHEDULE !== undefined && { cleanupSchedule: CLEANUP_SCHEDULE }),
    ...(SLACK_APP_TOKEN !== undefined && { slackAppToken: SLACK_APP_TOKEN }),
    ...(METRICS_PORT !== undefined && { metricsPort: METRICS_PORT }),
    ...(HW_METADATA_URL !== undefined && { metadataUrl: HW_METADATA_URL }),
  });
}

function problemsOfBothHomes(env: Record<string, string | undefined>): readonly Problem[] {
  try {
    readSettings({ ...env, KILL_FUNCTION: undefined, WARN_FUNCTION: undefined, LEDGER_TABLE: undefined }, 'own'); // these three are AWS's
    return [];
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return error.problems;
  }
}

/** The routes carry tokens: without TLS they stay on this machine. */
function checkTls(given: Given): Problem[] {
  const { HOST: host, TLS_CERT_FILE: cert, TLS_KEY_FILE: key, BEHIND_PROXY: behindProxy } = given;
  if (cert !== undefined && key === undefined) return [{ name: 'TLS_KEY_FILE', problem: 'is required: TLS_CERT_FILE is given, and TLS needs both' }];
  if (cert === undefined && key !== undefined) return [{ name: 'TLS_CERT_FILE', problem: 'is required: TLS_KEY_FILE is given, and TLS needs both' }];
  if (host === undefined || isLoopbackHost(host) || cert !== undefined || behindProxy === 'true') return [];
  return [{ name: 'HOST', problem: 'is not loopback: give TLS_CERT_FILE and TLS_KEY_FILE, or BEHIND_PROXY=true where a proxy in front of it has TLS' }];
}

function checkPorts({ PORT: port = '3000', METRICS_PORT: metricsPort }: Given): Problem[] {
  if (metricsPort === undefined || Number(metricsPort) === 0 || Number(metricsPort) !== Number(port)) return [];
  return [{ name: 'METRICS_PORT', problem: 'is the same as PORT; give it another one' }];
}
