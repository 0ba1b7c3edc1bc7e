import { createAlertRoute } from '../lib/alerts/receive.ts';
import { compose } from '../lib/house/compose.ts';
import { http } from './aws/http.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda('alerts', new URL('../build/policy.json', import.meta.url));
const house = compose(outside);

/** POST or PUT /alerts/{source}: deliveries of alert senders. */
export const handler = http(outside, createAlertRoute(house.loadStarting), house);
