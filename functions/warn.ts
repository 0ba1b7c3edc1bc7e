import { compose } from '../lib/house/compose.ts';
import { connectAws } from './aws/connect-aws.ts';
import { createDurableClient } from './aws/durable-client.ts';
import { createDurableHandler } from '../lib/house/durable-handler.ts';
import { outsideOfLambda } from './aws/process.ts';
import { runWarningPayload } from '../lib/start/run-warning.ts';

const outside = outsideOfLambda('warn', new URL('../build/policy.json', import.meta.url));

/** The other durable function: one execution is one round of a warning. It lives for days, and has a time-out of its own, so that a kill that crashes is not hidden as long. */
export const handler = createDurableHandler(outside, compose(outside), runWarningPayload, createDurableClient(() => connectAws(outside.env, outside.clock, 'lambda'), outside.clock));
