import { join } from 'node:path';
import { createHomeLog } from '../../../home/metrics/home-log.ts';
import { createMetrics } from '../../../home/metrics/metrics.ts';
import { checkStart } from '../../../home/serve/check-start.ts';
import { type Home, openHome } from '../../../home/serve/open-home.ts';
import { systemClock } from '../../../home/serve/system-clock.ts';
import { openSettings } from '../../../home/settings/open-settings.ts';
import { createFileReader } from '../../../home/settings/read-files.ts';

/** Opens a home over that folder's policy and `store` in this process, as `npm run serve` does in one of its own. Throws as openHome does. */
export async function openHere(folder: string, store: string, settings: Record<string, string>): Promise<Home> {
  const env = { ...settings, POLICY_FILE: join(folder, 'policy.yml'), STORE_FILE: store };
  const metrics = createMetrics();
  const log = createHomeLog({ env, wall: Date.now, write: () => undefined }, metrics);
  const readFiles = createFileReader(log);
  const open = openSettings(env, readFiles, systemClock);
  const { home, policy } = await checkStart(open, env);
  const endProcess = (why: string): never => {
    throw new Error(why);
  };
  return openHome({ env, settings: home, openSettings: open, policy, readFiles, log, metrics, standby: false, signal: new AbortController().signal, endProcess, readAgain: () => checkStart(open, env) });
}
