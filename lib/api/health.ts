import packageJson from '../../package.json' with { type: 'json' };
import { SettingsInvalid } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { errorReply, type HttpReply } from '../http/reply.ts';
import type { BrakeParts } from '../kill/brake.ts';
import { type Ledger, LedgerFailed } from '../ledger/port.ts';
import { pausedUntil } from '../ledger/switch.ts';
import type { Policy } from '../policy/policy.ts';
import type { Settings } from '../settings/settings.ts';

/** What telling the health needs. */
export type HealthParts = {
  settings: Settings;
  policy: Pick<Policy, 'dryRun'>;
  readPaused: BrakeParts['readPaused'];
  ledger: Ledger;
  clock: Clock;
  /** Whether Slack comes in by Socket Mode, where nothing is signed. */
  socketMode?: boolean;
  /** What only the own home can say is wrong: the file of STORE_FILE, where it takes no writes; the app token of Slack. */
  ownTroubles?: () => SettingsInvalid['problems'];
};

/** Anybody may ask, as often as they like: what costs a call is asked for once in so long. */
const READ_AGAIN_AFTER_MS = 10_000;
const READ_FOR_MS = 2_000;

/**
 * 200 with version, triggers, whether it is paused and what is a dry run, or 503 with the names of the settings that are wrong:
 * also of the ledger's table, where it is missing, has another shape or may not be read, and of the own home's store, where it takes no
 * writes. A ledger that does not answer now, and a
 * `PAUSED` that cannot be read, make `paused` `unreadable`: nothing is killed then. `clock` says what is wrong with the machine's own.
 */
export function createHealth(): (load: () => HealthParts) => Promise<HttpReply> {
  let read: { at: number; paused: Promise<boolean | 'unreadable'> } | undefined;
  return async (load) => {
    try {
      const parts = load();
      const troubles = parts.ownTroubles?.() ?? [];
      if (troubles.length > 0) throw new SettingsInvalid(troubles);
      const triggers = await triggersOf(parts);
      const now = parts.clock.now();
      const clock = parts.clock.state?.();
      if (read === undefined || now - read.at >= READ_AGAIN_AFTER_MS) read = { at: now, paused: readSwitch(parts, now) };
      return { status: 200, body: { status: 'ok', version: packageJson.version, triggers, paused: await read.paused, dry_run: parts.policy.dryRun, ...(clock !== undefined && { clock }) } };
    } catch (error) {
      read = undefined;
      if (!(error instanceof SettingsInvalid)) throw error;
      const reply = errorReply(503, error.message);
      return { ...reply, body: { status: 'error', version: packageJson.version, settings: error.problems, ...reply.body } };
    }
  };
}

/** Both halves of the off switch: either one on is on. The read shows besides whether the table can be used: throws SettingsInvalid where not. */
export async function readSwitch({ readPaused, ledger, ownTroubles }: Pick<HealthParts, 'readPaused' | 'ledger' | 'ownTroubles'>, now: number): Promise<boolean | 'unreadable'> {
  try {
    if ((await pausedUntil(ledger, { now, deadline: now + READ_FOR_MS })) !== undefined) return true;
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    if (error.trouble === 'refused') throw new SettingsInvalid([{ name: ownTroubles ? 'STORE_FILE' : 'LEDGER_TABLE', problem: error.message }]);
    return 'unreadable';
  }
  return readPaused();
}

/** A trigger whose secret is unset is off. */
async function triggersOf({ settings, socketMode = false }: Pick<HealthParts, 'settings' | 'socketMode'>): Promise<Record<string, 'on' | 'off'>> {
  const { ALERT_SOURCES } = await import('../alerts/all-sources.ts'); // a kill does not wait for it
  const { apiTokens, apiPassThrough, slack } = settings;
  const isOn: Record<string, boolean> = {
    api: apiTokens.length > 0 || apiPassThrough,
    slack: (slack.signingSecrets.length > 0 || socketMode) && slack.botToken !== undefined,
    ...Object.fromEntries(Object.entries(ALERT_SOURCES).map(([name, source]) => [name, source.isOn(settings)])),
  };
  return Object.fromEntries(Object.entries(isOn).map(([name, on]) => [name, on ? 'on' : 'off']));
}
