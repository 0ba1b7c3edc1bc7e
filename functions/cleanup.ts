import { handleCleanup } from '../lib/cleanup/handle-event.ts';
import type { CleanupReport } from '../lib/core/cleanup-report.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';

const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));
const log = createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) });

/** The scheduled run of the cleanup rules. */
export const handler = async (event: unknown): Promise<CleanupReport> => {
  await load.refresh();
  return handleCleanup(load, log, event);
};
