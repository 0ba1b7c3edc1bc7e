import packageJson from '../../package.json' with { type: 'json' };
import { ALERT_SOURCES } from '../alerts/sources.ts';
import { SettingsInvalid } from '../core/errors.ts';
import { errorReply, type HttpReply } from '../http/reply.ts';
import type { Settings } from '../settings/settings.ts';

/** 200 with version and triggers, or 503 with the names of the settings that are wrong. Asks nobody outside. */
export function showHealth(load: () => { settings: Settings }): HttpReply {
  try {
    const triggers = triggersOf(load());
    return { status: 200, body: { status: 'ok', version: packageJson.version, triggers } };
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    const reply = errorReply(503, error.message);
    return { ...reply, body: { status: 'error', version: packageJson.version, settings: error.problems, ...reply.body } };
  }
}

/** A trigger whose secret is unset is off. */
function triggersOf({ settings }: { settings: Settings }): Record<string, 'on' | 'off'> {
  const { apiTokens, apiPassThrough, slack } = settings;
  const isOn: Record<string, boolean> = {
    api: apiTokens.length > 0 || apiPassThrough,
    slack: slack.signingSecrets.length > 0 && slack.botToken !== undefined,
    ...Object.fromEntries(Object.entries(ALERT_SOURCES).map(([name, source]) => [name, source.isOn(settings)])),
  };
  return Object.fromEntries(Object.entries(isOn).map(([name, on]) => [name, on ? 'on' : 'off']));
}
