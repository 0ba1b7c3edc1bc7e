// npm run conformance -- --aws <stage>: the ledger's tests against a deployed table. Exit code 0 only if all of them pass.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { parse } from 'yaml';
import { systemClock } from '../functions/aws/process.ts';
import { createGuard, isSafeProtocol } from '../lib/http/guard.ts';
import { createSend } from '../lib/http/send.ts';
import { createDynamoLedger } from '../lib/ledger/dynamodb.ts';
import { LedgerFailed } from '../lib/ledger/port.ts';
import { Secret } from '../lib/settings/secret.ts';
import { loadEnvFiles } from './env-files.ts';

const HELP = `npm run conformance -- --aws <stage> [options]

Runs the tests that hold for every store of the ledger against the deployed table <service>-<stage>-ledger, or the one that
LEDGER_TABLE names. They write entries under test/, for some cents, which the table deletes by itself within days; nothing else
is read or written. Exit code 0 if all pass, else 1.

  --aws <stage>       reads .env.<stage> before .env, as deploy does
  --region <region>   default eu-west-1, as deploy does
  --help

Credentials come from where AWS's own tools take them: the environment, a profile, single sign-on.
`;

const ROOT = join(import.meta.dirname, '..');
const NO_CREDENTIALS = 'No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

/** Trouble that one line says it all of. */
class Refused extends Error {}

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };

async function findKeys(region: string): Promise<Keys> {
  process.env['AWS_EC2_METADATA_DISABLED'] ??= 'true'; // elsewhere than on EC2 it would be waited for
  try {
    return await new LambdaClient({ region }).config.credentials();
  } catch {
    throw new Refused(NO_CREDENTIALS);
  }
}

/** Asks the table for one key, so that what is wrong is said in a line and not by a hundred tests. */
async function tryTable(table: string, region: string, endpoint: URL, keys: Keys): Promise<void> {
  const { accessKeyId, sessionToken } = keys;
  const credentials = { accessKeyId, secretAccessKey: new Secret(keys.secretAccessKey), ...(sessionToken && { sessionToken: new Secret(sessionToken) }) };
  const ledger = createDynamoLedger({
    send: createSend(createGuard([endpoint.origin])), clock: systemClock, credentials: async () => credentials, region, endpoint, table, timeoutMs: 10_000,
  });
  await ledger.get([{ partition: 'test', rest: 'conformance' }], { now: Date.now() }).catch((error: unknown) => {
    throw error instanceof LedgerFailed ? new Refused(`${table} in ${region}: ${error.message}.`) : error;
  });
}

async function main(): Promise<number> {
  const options = { aws: { type: 'string' }, region: { type: 'string', default: 'eu-west-1' }, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: process.argv.slice(2), options });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const { aws: stage, region } = values;
  if (stage === undefined || !/^[A-Za-z][A-Za-z0-9-]*$/.test(stage)) throw new Refused('Give the stage that was deployed: --aws <stage>. --help says more.');
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region)) throw new Refused(`--region has to be an AWS region, such as eu-west-1.`);
  loadEnvFiles(stage);
  const { service } = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8'), { logLevel: 'error' }) as { service: string };
  const table = process.env['LEDGER_TABLE'] || `${service}-${stage}-ledger`;
  const endpoint = URL.parse(process.env['AWS_ENDPOINT_URL_DYNAMODB'] || `https://dynamodb.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}/`);
  if (endpoint === null || !isSafeProtocol(endpoint)) throw new Refused('AWS_ENDPOINT_URL_DYNAMODB has to be a URL: https, or http on this machine.');
  const keys = await findKeys(region);
  await tryTable(table, region, endpoint, keys);

  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', 'test/ledger/aws.test.ts', '--testTimeout=180000'];
  const child = spawn(process.execPath, jest, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_SESSION_TOKEN: keys.sessionToken ?? '',
      CONFORMANCE_TABLE: table,
      CONFORMANCE_REGION: region,
      CONFORMANCE_ENDPOINT: endpoint.href,
    },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  const { code, message } = error as { code?: unknown; message: string };
  if (!(error instanceof Refused) && !String(code).startsWith('ERR_PARSE_ARGS')) throw error;
  console.error(message);
  return 1;
});
