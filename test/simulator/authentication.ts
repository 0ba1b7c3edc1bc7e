import type { Cloud } from './cloud.ts';
import type { Answer, Call } from './routing.ts';

/** Who calls: `projectId` is the token's scope, undefined where it cannot be known. A refusal says why. */
export type Caller =
  | { known: true; by: 'token'; projectId: string | undefined }
  | { known: true; by: 'signature' | 'foreign-token' }
  | { known: false; because: 'missing' | 'unknown' | 'expired' | 'revoked' };

/** Judges the credentials of a call. AK/SK signatures are taken unseen. */
export function authenticate(cloud: Cloud, { request: { headers } }: Call): Caller {
  const text = headers['x-auth-token'];
  if (typeof text !== 'string' || text === '') {
    const signed = headers.authorization?.startsWith('SDK-HMAC-SHA256 ') ?? false;
    return signed ? { known: true, by: 'signature' } : { known: false, because: 'missing' };
  }
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
  }
}

/** An error in the gateway's shape. */
export function gatewayError(status: number, code: string, message: string, requestId: string): Answer {
  return { status, body: { error_msg: message, error_code: code, request_id: requestId } };
}
