// npm start, npm run build, deploy and remove: osls (https://github.com/oss-serverless/serverless) with our options, after all that can be
// wrong was looked at. Everything else that osls can do: npx serverless.
import { createRequire } from 'node:module';
import { findAwsEnvironment, NO_AWS_KEYS } from './aws-keys.ts';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';
import { DEFAULT_REGION, isAwsRegion } from './deployed-table.ts';
import { loadEnvFiles } from './env-files.ts';
import { findPackagingProblems } from './osls/check-packaging.ts';
import { COMMANDS } from './osls/commands.ts';
import { checkPackagingVariables } from './osls/packaging-variables.ts';
import { SettingsInvalid } from '../lib/core/errors.ts';

const LOCAL = 'local'; // of serverless.yml
type Name = keyof typeof COMMANDS;

async function main([name, ...args]: string[]): Promise<number> {
  const { words, options, help } = COMMANDS[name as Name];
  const read = readArgs(args, { name: name === 'start' ? 'npm start' : `npm run ${name}`, options });
  if (read === 'help') {
    process.stdout.write(help);
    return 0;
  }
  await check(name as Name, read.values as Record<string, string | undefined>);
  process.argv.splice(2, Infinity, ...words, ...args);
  createRequire(import.meta.url)('serverless/bin/serverless.js'); // goes on in this process, which gets the signals
  return 0;
}

/** Throws WrongUsage and SettingsInvalid, before osls reads anything. */
async function check(name: Name, { stage, region = DEFAULT_REGION, 'aws-profile': profile, 'package': folder }: Record<string, string | undefined>): Promise<void> {
  const goesToAws = name === 'deploy' || name === 'remove';
  if (goesToAws && (stage === undefined || stage === LOCAL)) {
    throw new WrongUsage(`Name the stage: npm run ${name} -- --stage prod${stage === LOCAL ? '. The stage local is for npm start' : ''}`);
  }
  if (!isAwsRegion(region)) throw new WrongUsage(`--region has to be an AWS region, such as ${DEFAULT_REGION}, and is ${region}.`);
  loadEnvFiles(stage ?? LOCAL);
  // What else a local start needs is checked by test/local/start.ts, which knows what is simulated.
  const ofPackaging = name === 'start' ? checkPackagingVariables(process.env) : [];
  if (ofPackaging.length > 0) throw new SettingsInvalid(ofPackaging);
  // What was packaged before has its settings and its policy already.
  const isPackaged = name === 'build' || (name === 'deploy' && folder === undefined);
  const problems = isPackaged ? findPackagingProblems(process.env, { stage: stage ?? LOCAL, isDeployed: goesToAws }) : [];
  if (problems.length > 0) throw new WrongUsage(problems.join('\n'));
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
  if (goesToAws && (await findAwsEnvironment(region)) === undefined) throw new WrongUsage(NO_AWS_KEYS);
}

await runCommand(() => main(process.argv.slice(2)));
