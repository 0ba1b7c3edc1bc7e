import { createAlertRoute } from '../lib/alerts/receive.ts';
import { http } from '../lib/lambda.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';

const log = createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) });
const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));

/** POST or PUT /alerts/{source}: deliveries of alert senders. */
export const handler = http(log, createAlertRoute(load, log), load);
