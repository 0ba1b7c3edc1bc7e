// npm run smoke -- <url>: what a deployment has to answer, asked from outside. Exit code 0 only if all of it is right.
import { isSafeProtocol } from '../lib/http/guard.ts';
import { readPolicyFile } from '../lib/policy/policy-file.ts';
import { referenceIn } from '../lib/settings/references.ts';
import { ApiTokens } from '../lib/settings/tokens.ts';
import { SOURCE_NAMES } from '../lib/alerts/sources.ts';
import { nearestWord } from '../lib/core/near-names.ts';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';
import { loadEnvFiles } from './env-files.ts';
import { printFindings } from './findings.ts';
import { type Deployment, smoke } from './smoke/checks.ts';

const HELP = `Usage: npm run smoke -- <url> [options]

Asks a deployment, from outside: health, a forged Slack signature (401), an unknown route (404), and a dry-run kill of a job
that does not exist (404). Nothing is killed.
The ledger's table (LEDGER_TABLE) is tried through them: one that cannot be used shows as a switch that health cannot read, and as
503 or 500 of the kill, whose end is written there.
The token for the dry-run kill: SMOKE_TOKEN, or the first of API_TOKENS. The policy: POLICY_FILE, or policy.yml.

Options:
  <url>               as the deployment printed it (HttpApiUrl); https, except on this machine
  --stage <stage>     reads .env.<stage> before .env, as deploy does
  --cluster <name>    a cluster of the policy; default the first one there
  --project <id>      its project id; default the policy's, then HW_PROJECT_ID
  --no-kill           leaves the dry-run kill out, where no REST client has a token
  --help

Exit code: 0 every line is ok, 1 otherwise.

Examples:
  npm run smoke -- https://abc123.execute-api.eu-west-1.amazonaws.com --stage prod
  npm run smoke -- http://127.0.0.1:3000 --no-kill
`;

/** What was asked for. Throws WrongUsage, PolicyInvalid and PolicyUnreadable. */
function readDeployment(args: string[], env: Record<string, string | undefined>): Deployment | 'help' {
  const options = { 'stage': { type: 'string' }, 'cluster': { type: 'string' }, 'project': { type: 'string' }, 'no-kill': { type: 'boolean' } } as const;
  const read = readArgs(args, { name: 'npm run smoke', options, mostWords: 1 });
  if (read === 'help') return read;
  const { values, positionals } = read;
  const url = URL.parse(positionals[0] ?? '');
  if (url === null || !isSafeProtocol(url)) throw new WrongUsage('Give one URL: https, or http on this machine. npm run smoke -- --help says more.');
  loadEnvFiles(values.stage);
  const address = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (values['no-kill']) return { url: address, kill: undefined };

  const token = env['SMOKE_TOKEN'] || firstToken(env['API_TOKENS']);
  if (!token) throw new WrongUsage('No token for the dry-run kill: set SMOKE_TOKEN (one token, no name), or leave the kill out with --no-kill.');
  const { clusters } = readPolicyFile({ ...env, SLACK_BOT_TOKEN: 'of no matter here' }, SOURCE_NAMES);
  const names = Object.keys(clusters);
  const name = values.cluster ?? names[0] ?? '';
  const cluster = Object.hasOwn(clusters, name) ? clusters[name] : undefined;
  const file = env['POLICY_FILE'] || 'policy.yml';
  if (cluster === undefined) throw new WrongUsage(`--cluster ${name}: ${file} lists no such cluster; it lists ${names.join(', ')}${didYouMean(name, names)}`);
  const projectId = values.project ?? cluster.project ?? env['HW_PROJECT_ID'];
  if (!projectId) throw new WrongUsage(`No project id for ${name}: give --project, or project: in ${file}.`);
  return { url: address, kill: { token, projectId, clusterId: cluster.id } };
}

function didYouMean(typed: string, names: readonly string[]): string {
  const near = nearestWord(typed, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

/** Undefined for a reference too: its value is not looked up here. */
function firstToken(apiTokens: string | undefined): string | undefined {
  return referenceIn(apiTokens) === undefined ? ApiTokens.safeParse(apiTokens).data?.[0]?.token.reveal() : undefined;
}

async function main(): Promise<number> {
  const deployment = readDeployment(process.argv.slice(2), process.env);
  if (deployment === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const badOnes = await printFindings(smoke(deployment, Date.now), console.log);
  console.log(badOnes === 0 ? '\nAll as it should be.' : `\n${badOnes} not as it should be.`);
  return badOnes === 0 ? 0 : 1;
}

await runCommand(main);
