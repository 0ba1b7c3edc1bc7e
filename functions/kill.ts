import { compose } from '../lib/house/compose.ts';
import { connectAws } from './aws/connect-aws.ts';
import { createDurableClient } from './aws/durable-client.ts';
import { createDurableHandler } from '../lib/house/durable-handler.ts';
import { outsideOfLambda } from './aws/process.ts';
import { runPayload } from '../lib/start/run-payload.ts';

const outside = outsideOfLambda('kill', new URL('../build/policy.json', import.meta.url));

/** The durable function: one execution is one kill, from the first look to the report. */
export const handler = createDurableHandler(outside, compose(outside), runPayload, createDurableClient(() => connectAws(outside.env, outside.clock, 'lambda'), outside.clock));
