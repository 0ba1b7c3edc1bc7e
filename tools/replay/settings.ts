import { SettingsInvalid } from '../../lib/core/errors.ts';
import { referenceIn } from '../../lib/settings/references.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { WrongUsage } from '../command-line.ts';

/** What was typed makes no sense, or a setting for it is missing; the message says what to do. */
export class UsageError extends WrongUsage {}

export type Env = Record<string, string | undefined>;

/** What the settings cannot be read without, and no sender needs. */
const ANY_CLUSTER = { HW_REGION_NAME: 'eu-west-101', HW_ACCESS_KEY: 'none', HW_SECRET_KEY: 'of-no-matter-here' };

/** The settings of these variables alone: the others may be as they like. Throws UsageError for what the server would not take either. */
export function settingsFrom(env: Env, names: readonly string[]): Settings {
  const reference = names.find((name) => referenceIn(env[name]) !== undefined);
  if (reference !== undefined) throw new UsageError(`${reference} is an ssm: reference; give the value itself to this command`);
  try {
    return readSettings({ ...Object.fromEntries(names.map((name) => [name, env[name]])), ...ANY_CLUSTER });
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    throw new UsageError(error.problems.map(({ name, problem }) => `${name}: ${problem}`).join('; '));
  }
}
