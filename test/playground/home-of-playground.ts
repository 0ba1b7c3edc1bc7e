import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHomeLog } from '../../home/metrics/home-log.ts';
import { createMetrics } from '../../home/metrics/metrics.ts';
import { type Home, openHome } from '../../home/serve/open-home.ts';
import { openSettings } from '../../home/settings/open-settings.ts';
import { createFileReader } from '../../home/settings/read-files.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { PushedClock } from './pushed-clock.ts';

type Env = Record<string, string | undefined>;

/** The own home as `npm run serve` opens it, in this process, over a store of its own that is gone at the end. */
export type PlaygroundHome = {
  /** With where its store is. */
  env: Env;
  url: () => string;
  /** Stops it and begins anew over the same store, as where policy.yml was changed: what is open goes on. */
  restart(policy: Policy): Promise<void>;
  isPaused(): boolean;
  /** Writes the file that PAUSED names. */
  setPaused(isPaused: boolean): void;
  close(): Promise<void>;
};

const STOP_WITHIN_MS = 2_000;

/** `settings` lead to what is around it; each line of its log goes to `onLine`. */
export async function openPlaygroundHome(settings: Env, policy: Policy, clock: PushedClock, onLine: (line: string) => void): Promise<PlaygroundHome> {
  const folder = mkdtempSync(join(tmpdir(), 'playground-'));
  const pausedFile = join(folder, 'paused');
  let paused = false;
  const setPaused = (isPaused: boolean): void => {
    writeFileSync(pausedFile, String(isPaused), { mode: 0o600 });
    paused = isPaused;
  };
  setPaused(false);
  const env = { ...settings, PAUSED: `file:${pausedFile}`, STORE_FILE: join(folder, 'killswitch.sqlite'), PORT: '0', FOLLOW_INTERVAL_SEC: '1' };
  const metrics = createMetrics();
  const log = createHomeLog({ env, wall: clock.wall, write: onLine }, metrics);
  const readFiles = createFileReader(log);
  const never = new AbortController().signal;

  const open = async (now: Policy): Promise<Home> => {
    const opened = openSettings(env, readFiles, { now: clock.wall });
    await opened.refresh();
    const home = opened.read();
    const endProcess = (why: string): void => log.error('a home of its own would end its process now', { why });
    return openHome({ env, settings: home, openSettings: opened, policy: now, readFiles, log, metrics, standby: false, readAgain: async () => ({ home, policy: now }), signal: never, endProcess, clocks: clock });
  };
  let home = await open(policy);
  return {
    env,
    url: () => home.url,
    async restart(changed) {
      await home.stop(STOP_WITHIN_MS);
      home = await open(changed);
    },
    isPaused: () => paused,
    setPaused,
    async close() {
      await home.stop(STOP_WITHIN_MS);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
