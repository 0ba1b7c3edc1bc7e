import { createApi } from '../lib/api/api.ts';
import { loadApi } from '../lib/api/load.ts';
import { http } from '../lib/lambda.ts';
import { createProcessLog } from '../lib/log.ts';

const load = loadApi(process.env, new URL('../build/policy.json', import.meta.url));

/** GET /health, POST …/kill, GET of a job, and 404 or 405 for everything else. */
export const handler = http(createProcessLog(process.env), createApi(load));
