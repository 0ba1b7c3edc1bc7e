import { createAwsSigner } from '../../../lib/aws/sign-aws.ts';
import { Secret } from '../../../lib/settings/secret.ts';

const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
const keys = { accessKeyId, secretAccessKey: new Secret(AWS_SECRET_ACCESS_KEY), ...(AWS_SESSION_TOKEN && { sessionToken: new Secret(AWS_SESSION_TOKEN) }) };
const sign = createAwsSigner();

/** Signed headers of a POST, by the signer of the product. */
export function signed(service, url, headers, body) {
  return sign({ method: 'POST', service, region, url: new URL(url), headers, body }, keys, Date.now());
}
