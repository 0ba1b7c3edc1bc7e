// npm run check-config: settings and policy, and whether the real endpoints agree with them. Reads only.
import { existsSync } from 'node:fs';
import { readArgs, runCommand } from './command-line.ts';
import { checkAll } from './check-config/check-all.ts';
import { hasSettings } from './check-config/names.ts';
import { DEFAULT_REGION } from './deployed-table.ts';
import { loadEnvFiles } from './env-files.ts';
import { bad, printFindings, warning } from './findings.ts';

const HELP = `Usage: npm run check-config -- [options]

Checks settings and policy as a deployment would read them, then asks MRS, IAM, Slack and DynamoDB, reading only: who we are,
each listed cluster, the rights to list and read its jobs, clocks, the bot's scopes and channel, whether each of slack.people can be told,
the ledger's table (LEDGER_TABLE, or <service>-<stage>-ledger). Warns of rules that can never match, that kill more than is
likely to be meant, or that no schedule runs, and of ids and names that look wrong.
One line a finding: ok, warning or BAD with what to do, and skipped with why: what was not looked at. Nothing is killed, nothing is
posted, nothing is written. Where no setting is given, the policy alone is checked.

Options:
  --stage <stage>     reads .env.<stage> before .env, as deploy does, and says which table
  --region <region>   AWS region of the table; default ${DEFAULT_REGION}, as deploy does
  --home              for the own home (npm run serve): file: references, its own settings, no AWS
  --offline           settings and policy only; of the outside, only the parameters that ssm: references lead to are read
  --help

Exit code: 0 nothing is BAD, 1 something is.

Examples:
  npm run check-config -- --offline
  npm run check-config -- --stage prod
  npm run check-config -- --home
`;

async function main(): Promise<number> {
  const options = { home: { type: 'boolean' }, stage: { type: 'string' }, region: { type: 'string' }, offline: { type: 'boolean' } } as const;
  const read = readArgs(process.argv.slice(2), { name: 'npm run check-config', options });
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { stage } = read.values;
  loadEnvFiles(stage);
  const isMissing = stage !== undefined && !existsSync(`.env.${stage}`);
  // Settings may come from the environment alone, as in a pipeline; where there are none either, the stage is most likely mistyped.
  const found = isMissing ? [(process.env['HW_REGION_NAME'] ? warning : bad)('--stage', `there is no .env.${stage} here: the settings are those of the environment and of .env`)] : [];
  const badOnes = (await printFindings(found, console.log)) + (await printFindings(checkAll(process.env, read.values), console.log));
  console.log(badOnes > 0 ? `\n${badOnes} BAD.` : `\nNothing is BAD.${hasSettings(process.env) ? '' : ' Settings were not checked.'}`);
  return badOnes === 0 ? 0 : 1;
}

await runCommand(main);
