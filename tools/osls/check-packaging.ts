import { existsSync } from 'node:fs';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { AppError, SettingsInvalid } from '../../lib/core/errors.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import { findProblems } from '../../lib/settings/settings.ts';
import { checkTokenSources } from '../../lib/settings/token-sources.ts';
import { stagesHere } from '../env-files.ts';
import { checkPackagingVariables } from './packaging-variables.ts';

type Env = Record<string, string | undefined>;
type Packaging = { stage: string; isDeployed: boolean };

/**
 * What is wrong with settings and policy of a package, a line for each part. A deployment needs them whole; a package that goes
 * nowhere may leave out what it likes.
 */
export function findPackagingProblems(env: Env, { stage, isDeployed }: Packaging): string[] {
  const ofFunctions = findProblems(env).filter(({ name }) => isDeployed || env[name]);
  const problems = [...ofFunctions, ...checkTokenSources(env['ALERT_TOKENS'], SOURCE_NAMES), ...checkPackagingVariables(env)];
  const isUnknown = isDeployed && ofFunctions.some(({ name }) => !env[name]) && !existsSync(`.env.${stage}`);
  return [
    ...(isUnknown ? [describeStage(stage)] : []),
    ...(problems.length > 0 ? [new SettingsInvalid(problems).message] : []),
    ...policyProblems(env),
  ];
}

function describeStage(stage: string): string {
  const stages = stagesHere();
  return `--stage ${stage}: there is no .env.${stage} here; ${stages.length === 0 ? `write its settings there` : `there is ${stages.map((name) => `.env.${name}`).join(', ')}`}`;
}

function policyProblems(env: Env): string[] {
  try {
    readPolicyFile(env, SOURCE_NAMES);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return [error.message];
  }
}
