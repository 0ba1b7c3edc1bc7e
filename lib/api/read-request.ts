import { InvalidRequest, TooLarge, Unauthorized } from '../core/errors.ts';
import { type JobId, parseJobId } from '../core/target.ts';
import { parseJson } from '../http/json.ts';
import { tokenFingerprint } from '../mrs/credentials.ts';
import { matchesSecret, Secret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';

/** Who calls the REST API: somebody with one of our tokens, or somebody with their own IAM token, which MRS has to judge. */
export type Caller = { kind: 'api-token'; name: string } | { kind: 'iam-token'; name: string; token: Secret };

/**
 * Reads exactly one of `Authorization: Bearer` and `X-Auth-Token`. Throws InvalidRequest where both are given, and
 * Unauthorized for everything else that is not a known caller, with the same words for every cause.
 */
export function authenticate(
  headers: Record<string, string>,
  { apiTokens, apiPassThrough }: Pick<Settings, 'apiTokens' | 'apiPassThrough'>,
): Caller {
  const authorization = headers['authorization'] ?? '';
  const iamToken = headers['x-auth-token'] ?? '';
  if (authorization !== '' && iamToken !== '') {
    throw new InvalidRequest('send either Authorization or X-Auth-Token, not both');
  }
  // What no header can carry on to MRS proves nothing there either.
  if (/^[\x21-\x7e]+$/.test(iamToken) && apiPassThrough) {
    const token = new Secret(iamToken);
    return { kind: 'iam-token', name: `token:${tokenFingerprint(token)}`, token };
  }
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  // All are compared, so that the time taken does not tell which one came close.
  const known = apiTokens.filter(({ token }) => matchesSecret(bearer, token));
  if (bearer !== '' && known[0] !== undefined) return { kind: 'api-token', name: known[0].name };
  throw new Unauthorized(bearer === '' ? 'no token' : 'wrong token', hintFor(headers, { apiTokens, apiPassThrough }));
}

function hintFor(headers: Record<string, string>, { apiTokens, apiPassThrough }: Pick<Settings, 'apiTokens' | 'apiPassThrough'>): string | undefined {
  if ((headers['x-auth-token'] ?? '') !== '') return apiPassThrough ? 'X-Auth-Token holds what no header can carry on' : 'API_PASS_THROUGH is false: X-Auth-Token is not taken';
  if (apiTokens.length === 0) return 'API_TOKENS is not set';
  return /^Bearer /i.test(headers['authorization'] ?? '') ? undefined : 'it takes Authorization: Bearer and a token of API_TOKENS';
}

export type PathIds = { projectId: string; cluster: string; job: JobId };

/** Checks the ids of a job's path before they reach any other path. Throws InvalidRequest naming the one that is wrong. */
export function readIds(params: Record<string, string>): PathIds {
  const { project_id: projectId = '', cluster_id: cluster = '', job_execution_id: jobId = '' } = params;
  if (!/^[A-Za-z0-9]{1,64}$/.test(projectId)) throw new InvalidRequest('project_id: expected 1 to 64 letters and digits');
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(cluster)) throw new InvalidRequest('cluster_id: expected 1 to 64 letters, digits, _ and -');
  const job = parseJobId(jobId);
  if (job === undefined) {
    throw new InvalidRequest('job_execution_id: expected an MRS job id (UUID) or a YARN id (application_<ms>_<n>)');
  }
  return { projectId, cluster, job };
}

export type KillWish = { reason: string; dryRun: boolean };

const MOST_BYTES = 1024 * 1024;
const LONGEST_REASON = 500;

/**
 * Reads the optional body of a kill: nothing, or `{"reason"?: "…", "dry_run"?: true}`. Unlike elsewhere an unknown field is
 * refused: who misspells `dry_run` would kill. Throws InvalidRequest naming the field, TooLarge over 1 MiB.
 */
export function readKillBody(rawBody: Buffer): KillWish {
  if (rawBody.length > MOST_BYTES) throw new TooLarge('the body is larger than 1 MiB');
  const text = rawBody.toString('utf8').trim();
  if (text === '') return { reason: '', dryRun: false };
  const body = parseObject(text);
  for (const name of Object.keys(body)) {
    if (name !== 'reason' && name !== 'dry_run') throw new InvalidRequest(`body: unknown field ${quoted(name)}; reason and dry_run are known`);
  }
  const { reason = '', dry_run: dryRun = false } = body;
  if (typeof reason !== 'string' || reason.length > LONGEST_REASON) {
    throw new InvalidRequest(`reason: expected a text of at most ${LONGEST_REASON} characters`);
  }
  if (typeof dryRun !== 'boolean') throw new InvalidRequest('dry_run: expected true or false');
  return { reason, dryRun };
}

function parseObject(text: string): Record<string, unknown> {
  const body = parseJson(text);
  if (body === undefined) throw new InvalidRequest('body: expected JSON, or no body at all');
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new InvalidRequest('body: expected a JSON object');
  return body as Record<string, unknown>;
}

function quoted(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 39)}…` : name);
}

const LONGEST_WAIT_SEC = 25;

/**
 * Seconds that the caller is ready to wait, from `Prefer: wait=N` (also among other preferences); more than 25 counts as 25,
 * anything else as 0. https://www.rfc-editor.org/rfc/rfc7240#section-4.3
 */
export function readPreferredWaitSec(prefer: string | undefined): number {
  const wait = /(?:^|[,;])\s*wait\s*=\s*"?(\d+)"?\s*(?=$|[,;])/i.exec(prefer ?? '')?.[1];
  return wait === undefined ? 0 : Math.min(Number(wait), LONGEST_WAIT_SEC);
}
