import { LOCAL_PROOFS } from '../../test/local/local-secrets.ts';
import type { RunningStart } from '../../test/local/running-start.ts';
import type { Env } from './settings.ts';

/** The settings, and what a running npm start has left word of. */
export type Local = { env: Env; findStart: (port: string) => RunningStart | undefined };

/** Where npm start serves. */
export function serverUrl(env: Env): URL {
  return new URL(`http://127.0.0.1:${portOf(env)}`);
}

/** Where npm start has functions invoked that have no route. */
export function lambdaUrl(env: Env): URL {
  return new URL(`http://127.0.0.1:${env['LAMBDA_PORT'] || '3002'}`);
}

/** npm start, where it runs on the port of the settings. */
export function startOf({ env, findStart }: Local): RunningStart | undefined {
  return findStart(portOf(env));
}

/** The settings, and for the secrets that are not given those that a running npm start takes in their place. */
export function envOfStart({ env, findStart }: Local): Env {
  if (startOf({ env, findStart }) === undefined) return env;
  return { ...LOCAL_PROOFS, ...Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '' && value !== undefined)) };
}

function portOf(env: Env): string {
  return env['PORT'] || '3000';
}
