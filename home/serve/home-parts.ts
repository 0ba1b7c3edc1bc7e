import type { Log } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import type { MachineClocks } from '../clock/machine-clock.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { HomeSettings } from '../settings/home-settings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';

/** What a home is opened with: its process, and settings and policy as they were checked at the start. */
export type HomeParts = {
  env: Record<string, string | undefined>;
  settings: HomeSettings;
  openSettings: OpenSettings;
  policy: Policy;
  readFiles: ReadParameters;
  log: Log;
  metrics: Metrics;
  standby: boolean;
  /** Settings and policy once more: they may have changed while this process waited. Throws as at the start. */
  readAgain: () => Promise<{ home: HomeSettings; policy: Policy }>;
  /** Ends the wait for the store. */
  signal: AbortSignal;
  /** Ends the process at once, after a line. */
  endProcess: (why: string, fields: Record<string, unknown>) => void;
  /** Where the time is not this machine's own: the playground pushes it forward. */
  clocks?: MachineClocks;
};
