// npm run conformance -- --aws <stage>: the tests of ledger and engine against a deployed stack. Exit code 0 only if all of them pass.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { connectDynamo } from '../functions/aws/dynamo-ledger.ts';
import { systemClock } from '../functions/aws/process.ts';
import { createDynamoLedger } from '../lib/ledger/dynamodb.ts';
import type { DynamoConnection } from '../lib/ledger/dynamodb-call.ts';
import { LedgerFailed } from '../lib/ledger/port.ts';
import { findAwsEnvironment, NO_AWS_KEYS } from './aws-keys.ts';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';
import { DEFAULT_REGION, functionOfStage, isAwsRegion, tableOfStage } from './deployed-table.ts';
import { loadEnvFiles } from './env-files.ts';
import { tryLedger } from './try-ledger.ts';

const HELP = `Usage: npm run conformance -- --aws <stage> [options]

Runs the tests that hold for every store of the ledger against the deployed table <service>-<stage>-ledger, or the one that
LEDGER_TABLE names. They write entries under test/, for some cents, which the table deletes by itself within days. Then those that
hold for every engine against <service>-<stage>-kill: one execution that does nothing is started, started again (the same bytes, then
others: 409), read and stopped when it is over. What asks, waits or kills would need a job of yours and is not played there: those
scenes run on the engines of \`npm test\`. The part of the engine was never tried on a real account: tell us what it says.
Nothing else is read or written. Credentials come from where AWS's own tools take them: the environment, a profile, single sign-on.

Options:
  --aws <stage>       reads .env.<stage> before .env, as deploy does
  --region <region>   default eu-west-1, as deploy does
  --only <part>       ledger or engine; default both
  --help

Exit code: 0 all of them pass, 1 otherwise.

Examples:
  npm run conformance -- --aws prod
  npm run conformance -- --aws prod --only ledger
`;

const ROOT = join(import.meta.dirname, '..');
const SUITES = { ledger: 'test/ledger/aws.test.ts', engine: 'test/scenes/deployed.test.ts' };

/** Asks the table, so that what is wrong is said in a line and not by a hundred tests. */
async function tryTable(connection: DynamoConnection): Promise<void> {
  await tryLedger(createDynamoLedger({ ...connection, timeoutMs: 10_000 }), systemClock.now()).catch((error: unknown) => {
    throw error instanceof LedgerFailed ? new WrongUsage(`${connection.table} in ${connection.region}: ${error.message}.`) : error;
  });
}

async function main(): Promise<number> {
  const read = readArgs(process.argv.slice(2), { name: 'npm run conformance', options: { aws: { type: 'string' }, region: { type: 'string', default: DEFAULT_REGION }, only: { type: 'string' } } });
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { aws: stage, region, only } = read.values;
  if (stage === undefined) throw new WrongUsage('Give the stage that was deployed: npm run conformance -- --aws <stage>');
  if (!isAwsRegion(region)) throw new WrongUsage('--region has to be an AWS region, such as eu-west-1.');
  if (only !== undefined && only !== 'ledger' && only !== 'engine') throw new WrongUsage('--only has to be ledger or engine.');
  loadEnvFiles(stage);
  const table = tableOfStage(stage, process.env);
  const { endpoint } = connectDynamo({ ...process.env, AWS_REGION: region }, systemClock, table);
  const aws = await findAwsEnvironment(region);
  if (aws === undefined) throw new WrongUsage(NO_AWS_KEYS);
  if (only !== 'engine') await tryTable(connectDynamo({ ...process.env, ...aws }, systemClock, table));

  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...Object.entries(SUITES).flatMap(([part, file]) => (only === undefined || only === part ? [file] : [])), '--testTimeout=180000'];
  const child = spawn(process.execPath, jest, {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...aws,
      CONFORMANCE_TABLE: table,
      CONFORMANCE_REGION: region,
      CONFORMANCE_ENDPOINT: endpoint.href,
      CONFORMANCE_FUNCTION: functionOfStage(stage),
    },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? 0 : 1;
}

await runCommand(main);
