import { createHash } from 'node:crypto';
import type { Secret } from '../settings/secret.ts';
import type { Cluster } from './cluster.ts';

/** Who we are towards MRS, for one cluster. */
export type Credentials = {
  /** The project id for the path, and the headers that prove who calls. Throws UpstreamFailed where IAM refuses. */
  authorize(cluster: Cluster, signal?: AbortSignal): Promise<Authorization>;
  /** After a 401 on `used`: forgets it and says whether a new try can be better. */
  renew(cluster: Cluster, used: Authorization): boolean;
};

export type Authorization = { projectId: string; headers: Record<string, string> };

/** The caller's own IAM token, handed through as it came: for one request, never renewed, never kept. */
export function callerToken(token: Secret, projectId: string): Credentials {
  return {
    authorize: async () => ({ projectId, headers: { 'x-auth-token': token.reveal() } }),
    renew: () => false,
  };
}

/** How a foreign token is called in the audit: the first 8 hex digits of its SHA-256. */
export function tokenFingerprint(token: Secret): string {
  return createHash('sha256').update(token.reveal()).digest('hex').slice(0, 8);
}
