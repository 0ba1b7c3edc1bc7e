import { openDynamoLedger } from '../../functions/aws/dynamo-ledger.ts';
import { systemClock } from '../../functions/aws/process.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { findAwsEnvironment } from '../aws-keys.ts';
import { DEFAULT_REGION, isAwsRegion, tableOfStage } from '../deployed-table.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';
import { tryLedger } from '../try-ledger.ts';

type Env = Record<string, string | undefined>;

const ABOUT = 'LEDGER_TABLE';

/**
 * Reads what is never there from the ledger's table, with our own AWS credentials. One finding, whatever is wrong: a table that
 * is missing or of another shape, another region, credentials.
 */
export async function checkLedger(env: Env, stage: string | undefined, region = DEFAULT_REGION): Promise<Finding> {
  const given = env['LEDGER_TABLE'];
  if (!given && stage === undefined) return warning(ABOUT, 'not looked at: give --stage, whose deployment makes the table, or set it');
  if (!isAwsRegion(region)) return bad(ABOUT, '--region has to be an AWS region, such as eu-west-1');
  const aws = await findAwsEnvironment(region);
  if (aws === undefined) return warning(ABOUT, 'not looked at, without AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const table = tableOfStage(stage ?? '', env);
  try {
    await tryLedger(openDynamoLedger({ ...env, ...aws }, systemClock, table), systemClock.now());
    return ok(ABOUT, `${table} in ${region} can be read`);
  } catch (error) {
    if (error instanceof SettingsInvalid) return bad(ABOUT, error.problems.map(({ name, problem }) => `${name} ${problem}`).join('; '));
    if (!(error instanceof LedgerFailed)) throw error;
    // Before the first deployment it is not there yet.
    if (!given && error.message.includes('names no table')) return warning(ABOUT, `${table} is not in ${region} yet: npm run deploy makes it; where it is deployed already, see --region`);
    return bad(ABOUT, `${table} in ${region}: ${error.message}`);
  }
}
