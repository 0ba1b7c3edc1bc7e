import { AwsV4Signer } from 'aws4fetch';
import type { Secret } from '../settings/secret.ts';

/** Keys of a role or a person; those of a role come with a session token. */
export type AwsCredentials = { accessKeyId: string; secretAccessKey: Secret; sessionToken?: Secret | undefined };

/** One request to an AWS service, as it is about to be sent. */
export type AwsRequest = { method: 'GET' | 'POST'; service: string; region: string; url: URL; headers: Record<string, string>; body: string };

/** Signs requests; `now` is epoch ms. */
export type SignAws = (request: AwsRequest, keys: AwsCredentials, now: number) => Promise<Record<string, string>>;

/** A signer keeps the keys that it derives, one for each day and key of AWS: these many, then it begins anew. */
const MOST_DERIVED = 8;

/** A signer for one connection. */
export function createAwsSigner(): SignAws {
  const derived = new Map<string, ArrayBuffer>();
  return (request, keys, now) => {
    if (derived.size >= MOST_DERIVED) derived.clear();
    return signAwsRequest(request, keys, now, derived);
  };
}

/**
 * The headers of a request signed by Signature Version 4 at `now` (epoch ms; AWS allows 5 min either way): those it came with,
 * `x-amz-date`, `x-amz-security-token` and `authorization`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
async function signAwsRequest(request: AwsRequest, keys: AwsCredentials, now: number, cache: Map<string, ArrayBuffer>): Promise<Record<string, string>> {
  const { method, url, service, region, headers, body } = request;
  const signer = new AwsV4Signer({
    method,
    url: url.href,
    headers,
    body,
    service,
    region,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey.reveal(),
    ...(keys.sessionToken && { sessionToken: keys.sessionToken.reveal() }),
    cache,
    datetime: new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, ''),
  });
  return Object.fromEntries((await signer.sign()).headers);
}
