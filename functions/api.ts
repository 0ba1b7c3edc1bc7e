import { createApi } from '../lib/api/api.ts';
import { http } from '../lib/lambda.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';

const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));

/** GET /health, POST …/kill, GET of a job, and 404 or 405 for everything else. */
export const handler = http(createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) }), createApi(load), load);
