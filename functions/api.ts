import { createApi } from '../lib/api/api.ts';
import { compose } from '../lib/house/compose.ts';
import { http } from './aws/http.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda('api', new URL('../build/policy.json', import.meta.url));
const house = compose(outside);

/** GET /health, POST …/kill, GET of a job, and 404 or 405 for everything else. */
export const handler = http(outside, createApi(house.load), house);
