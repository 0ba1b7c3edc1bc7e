import { handleEvent } from '../lib/events/handle-event.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';

const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));
const log = createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) });

/** Events from inside AWS: executions that ended without a report, and CloudWatch's alarms. */
export const handler = async (event: unknown): Promise<void> => {
  await load.refresh();
  return handleEvent(load, log, event);
};
