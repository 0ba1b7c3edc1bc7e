import type { Clock } from '../../lib/core/time.ts';
import { createReferences, type ReadParameters, type References } from '../../lib/settings/references.ts';
import { settingsIn } from '../../lib/settings/settings.ts';
import { type HomeSettings, readHomeSettings } from './home-settings.ts';

type Env = Record<string, string | undefined>;

/** The settings of this process as environment and files have them. `refresh` before the first `read`, which throws SettingsInvalid. */
export type OpenSettings = Pick<References, 'refresh' | 'refreshAfterRefusal'> & { read(): HomeSettings };

/** `readFiles` reads what `file:` references lead to; what they are read into is read anew as lib/settings/references.ts says. */
export function openSettings(env: Env, readFiles: ReadParameters, clock: Pick<Clock, 'now'>): OpenSettings {
  const mayRefer = { ...settingsIn(env), SLACK_APP_TOKEN: env['SLACK_APP_TOKEN'] };
  const { refresh, refreshAfterRefusal, env: resolved } = createReferences(mayRefer, readFiles, clock, 'own');
  return { refresh, refreshAfterRefusal, read: () => readHomeSettings({ ...env, ...resolved() }) };
}
