import { createAlertRoute } from '../lib/alerts/receive.ts';
import { http } from '../lib/lambda.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log.ts';

const log = createProcessLog(process.env);
const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));

/** POST or PUT /alerts/{source}: deliveries of alert senders. */
export const handler = http(log, createAlertRoute(load, log), load);
