import type { Cloud } from './cloud.ts';
import type { Answer, Call } from './routing.ts';
import { refuseSignature } from './signature.ts';

/** Who calls: `projectId` is the token's scope or what the signature names, undefined where it says none. A refusal says why. */
export type Caller =
  | { known: true; by: 'token' | 'signature'; projectId: string | undefined }
  | { known: true; by: 'foreign-token' }
  | { known: false; because: 'missing' | 'unknown' | 'expired' | 'revoked' }
  | { known: false; because: 'bad-signature'; problem: string };

/** Judges the credentials of a call: a token, or a signature by AK/SK. */
export function authenticate(cloud: Cloud, { request }: Call): Caller {
  const text = request.headers['x-auth-token'];
  if (typeof text === 'string' && text !== '') return authenticateToken(cloud, text);
  if (!request.headers.authorization?.startsWith('SDK-HMAC-SHA256 ')) return { known: false, because: 'missing' };
  const problem = cloud.knowsTokens ? refuseSignature(cloud, request) : undefined;
  if (problem !== undefined) return { known: false, because: 'bad-signature', problem };
  // A key opens every project of its account; the header says which one is meant.
  return { known: true, by: 'signature', projectId: request.headers['x-project-id']?.toString() };
}

function authenticateToken(cloud: Cloud, text: string): Caller {
  if (!cloud.knowsTokens) return { known: true, by: 'foreign-token' };
  const token = cloud.tokens.get(text);
  if (token === undefined) return { known: false, because: 'unknown' };
  if (token.revoked) return { known: false, because: 'revoked' };
  if (cloud.now() >= token.expiresAt) return { known: false, because: 'expired' };
  return { known: true, by: 'token', projectId: token.projectId };
}

/** The gateway's 401 in front of MRS. https://support.huaweicloud.com/devg-apisign/api-sign-errorcode.html */
export function refuseCaller(caller: Extract<Caller, { known: false }>, { requestId }: Call): Answer {
  const refuse = (code: string, message: string): Answer => gatewayError(401, code, message, requestId);
  switch (caller.because) {
    case 'missing':
      return refuse('APIGW.0301', 'Incorrect IAM authentication information: x-auth-token not found');
    case 'unknown':
      return refuse('APIGW.0301', 'Incorrect IAM authentication information: decrypt token fail');
    case 'expired':
      return refuse('APIGW.0301', 'Incorrect IAM authentication information: token expires');
    case 'revoked':
      return refuse('APIGW.0307', 'The token must be updated.');
    case 'bad-signature':
      return refuse('APIGW.0301', `Incorrect IAM authentication information: ${caller.problem}`);
  }
}

/** An error in the gateway's shape. */
export function gatewayError(status: number, code: string, message: string, requestId: string): Answer {
  return { status, body: { error_msg: message, error_code: code, request_id: requestId } };
}
