import type { Trouble, UpstreamFailed } from '../core/errors.ts';
import { sha256 } from '../core/sha256.ts';
import type { HttpAnswer, HttpCall, Send } from '../http/send.ts';
import type { Secret } from '../settings/secret.ts';
import type { Cluster } from './cluster.ts';
import { troubleOf, troubleOfNoAnswer } from './trouble.ts';

/** Who we are towards MRS, for one cluster. */
export type Credentials = {
  /** The project id for the path, and the proof of who calls. Throws UpstreamFailed where IAM refuses. */
  authorize(cluster: Cluster, signal?: AbortSignal): Promise<Authorization>;
  /** After a 401 on `used`: forgets it and says whether a new try can be better. */
  renew(cluster: Cluster, used: Authorization): boolean;
};

export type Authorization = Proof & { projectId: string };

/** A request without the headers that prove who sends it; names of headers in lower case. */
export type UnsignedRequest = Pick<HttpCall, 'method' | 'url' | 'headers' | 'body'>;

/** How a request proves who sends it. */
export type Proof = {
  /**
   * All headers to send, and what of them must never be shown. Made directly before the request goes out, since a signature
   * has a time in it. Throws UpstreamFailed where nothing may be sent now.
   */
  sign(request: UnsignedRequest): { headers: Record<string, string>; secrets: string[] };
  /** Takes note of an answer that refused the proof, and returns what to throw: the refusal, perhaps with an explanation. */
  refused(refusal: UpstreamFailed, answer: HttpAnswer): UpstreamFailed;
};

/** Signs a request, sends it once, and returns its answer if it is a 2xx. Throws UpstreamFailed for every other end. */
export async function sendSigned(
  send: Send,
  service: Trouble['service'],
  proof: Proof,
  request: UnsignedRequest,
  limits: { timeoutMs: number; signal?: AbortSignal | undefined; statusIsEnough?: boolean },
): Promise<HttpAnswer> {
  const { headers, secrets } = proof.sign(request);
  let answer: HttpAnswer;
  try {
    answer = await send({ ...request, headers, ...limits });
  } catch (error) {
    throw troubleOfNoAnswer(service, error);
  }
  if (answer.status >= 200 && answer.status <= 299) return answer;
  const failed = troubleOf(service, answer, secrets);
  throw failed.trouble.kind === 'unauthorized' ? proof.refused(failed, answer) : failed;
}

/** An IAM token as proof. */
export function tokenProof(token: Secret): Proof {
  return {
    sign: ({ headers }) => ({ headers: { ...headers, 'x-auth-token': token.reveal() }, secrets: [token.reveal()] }),
    refused: (refusal) => refusal,
  };
}

/** The caller's own IAM token, handed through as it came: for one request, never renewed, never kept. */
export function callerToken(token: Secret, projectId: string): Credentials {
  return {
    authorize: async () => ({ projectId, ...tokenProof(token) }),
    renew: () => false,
  };
}

/** How a foreign token is called in the audit: the first 8 hex digits of its SHA-256. */
export function tokenFingerprint(token: Secret): string {
  return sha256(token.reveal()).slice(0, 8);
}
