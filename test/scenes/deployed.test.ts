import { randomUUID } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { connectAws } from '../../functions/aws/connect-aws.ts';
import { createLambdaCall } from '../../functions/aws/lambda-call.ts';
import { createLambdaEngine } from '../../functions/aws/lambda-engine.ts';
import { systemClock } from '../../functions/aws/process.ts';
import { realClock } from '../local/clock.ts';
import { createDurableBackend } from '../local/durable-backend.ts';
import { startLambdaServer } from '../local/lambda-server.ts';
import { type Deployed, engineSuite } from './engine-suite.ts';

/** A deployed functions/kill, qualified: `npm run conformance -- --aws <stage>` names it. */
const DEPLOYED = process.env['CONFORMANCE_FUNCTION'];

function connect(functionName: string, env: Record<string, string | undefined>): Deployed {
  const callLambda = createLambdaCall(() => connectAws(env, systemClock, 'lambda'));
  const [region = '', accessKeyId = '', secretAccessKey = '', sessionToken] = [env['AWS_REGION'], env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']];
  const endpoint = env['AWS_ENDPOINT_URL_LAMBDA'];
  const client = new LambdaClient({ region, credentials: { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }, ...(endpoint && { endpoint }) });
  return { engine: createLambdaEngine(callLambda, functionName, systemClock), client, functionName, name: `conformance-${randomUUID()}` };
}

if (DEPLOYED !== undefined) {
  engineSuite(DEPLOYED, async () => connect(DEPLOYED, process.env));
} else {
  engineSuite('this repository, over the wire', async () => {
    const backend = createDurableBackend({ clock: realClock() });
    backend.register('service-test-kill', withDurableExecution(async () => undefined));
    const server = await startLambdaServer(backend);
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test', AWS_ENDPOINT_URL_LAMBDA: server.url };
    return { ...connect('service-test-kill:durable', env), close: async () => (backend.close(), server.close()) };
  });
}
