// npm run smoke -- <url>: what a deployment has to answer, asked from outside. Exit code 0 only if all of it is right.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { isSafeProtocol } from '../lib/http/guard.ts';
import { parsePolicy } from '../lib/policy/parse.ts';
import { referenceIn } from '../lib/settings/references.ts';
import { ApiTokens } from '../lib/settings/tokens.ts';
import { SOURCE_NAMES } from '../lib/alerts/sources.ts';
import { loadEnvFiles } from './env-files.ts';
import { printFindings } from './findings.ts';
import { type Deployment, smoke } from './smoke/checks.ts';

const HELP = `npm run smoke -- <url> [options]

Asks a deployment, from outside: health, a forged Slack signature (401), an unknown route (404), and a dry-run kill of a job
that does not exist (404). Nothing is killed. Exit code 0 if every line is ok, else 1.
The ledger's table (LEDGER_TABLE) is tried through them: one that cannot be used shows as a switch that health cannot read, and as
503 or 500 of the kill, whose end is written there.

  <url>               as the deployment printed it (HttpApiUrl); https, except on this machine
  --stage <stage>     reads .env.<stage> before .env, as deploy does
  --cluster <name>    a cluster of the policy; default the first one there
  --project <id>      its project id; default the policy's, then HW_PROJECT_ID
  --no-kill           leaves the dry-run kill out, where no REST client has a token
  --help

The token for the dry-run kill: SMOKE_TOKEN, or the first of API_TOKENS. The policy: POLICY_FILE, or policy.yml.
`;

/** What was asked for, or a sentence that says what is missing. */
function readDeployment(args: string[], env: Record<string, string | undefined>): Deployment | string | undefined {
  const options = { stage: { type: 'string' }, cluster: { type: 'string' }, project: { type: 'string' }, 'no-kill': { type: 'boolean' }, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.help) return undefined;
  const url = URL.parse(positionals[0] ?? '');
  if (positionals.length !== 1 || url === null || !isSafeProtocol(url)) return 'Give one URL: https, or http on this machine. --help says more.';
  loadEnvFiles(values.stage);
  const address = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (values['no-kill']) return { url: address, kill: undefined };

  const token = env['SMOKE_TOKEN'] || firstToken(env['API_TOKENS']);
  if (!token) return 'No token for the dry-run kill: set SMOKE_TOKEN (one token, no name), or leave the kill out with --no-kill.';
  const file = env['POLICY_FILE'] || 'policy.yml';
  const { clusters } = parsePolicy(readFileSync(file, 'utf8'), { hasBotToken: true, file: basename(file), sources: SOURCE_NAMES });
  const name = values.cluster ?? Object.keys(clusters)[0] ?? '';
  const cluster = Object.hasOwn(clusters, name) ? clusters[name] : undefined;
  if (cluster === undefined) return `No cluster ${name} in ${file}.`;
  const projectId = values.project ?? cluster.project ?? env['HW_PROJECT_ID'];
  if (!projectId) return `No project id for ${name}: give --project, or project: in ${file}.`;
  return { url: address, kill: { token, projectId, clusterId: cluster.id } };
}

/** Undefined for a reference too: its value is not looked up here. */
function firstToken(apiTokens: string | undefined): string | undefined {
  return referenceIn(apiTokens) === undefined ? ApiTokens.safeParse(apiTokens).data?.[0]?.token.reveal() : undefined;
}

async function main(): Promise<number> {
  let deployment: ReturnType<typeof readDeployment>;
  try {
    deployment = readDeployment(process.argv.slice(2), process.env);
  } catch (error) {
    deployment = (error as Error).message;
  }
  if (deployment === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  if (typeof deployment === 'string') {
    console.error(deployment);
    return 1;
  }
  const badOnes = await printFindings(smoke(deployment, Date.now), console.log);
  console.log(badOnes === 0 ? '\nAll as it should be.' : `\n${badOnes} not as it should be.`);
  return badOnes === 0 ? 0 : 1;
}

process.exitCode = await main();
