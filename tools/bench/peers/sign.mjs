import { AwsV4Signer } from 'aws4fetch';

const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = process.env;

const cache = new Map(); // of the keys derived for a day

/** Signed headers of a POST, by the library that the product signs with. */
export async function signed(service, url, headers, body) {
  const signer = new AwsV4Signer({ method: 'POST', url, headers, body, service, region, accessKeyId, secretAccessKey, sessionToken, cache });
  return Object.fromEntries((await signer.sign()).headers);
}
