import { createRequire } from 'node:module';
import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../../test/aws/sha256.ts';
import { createAwsSigner } from '../../../lib/aws/sign-aws.ts';
import { sdkDate, signRequest } from '../../../lib/mrs/sign.ts';
import { Secret } from '../../../lib/settings/secret.ts';
import { interleave, type Part } from '../part.ts';

type Signer = { sign: (request: object, credential: object) => Record<string, string> };
// Huawei's own signer, the one that the tests hold ours against. It is CommonJS and brings no types for this path.
const { AKSKSigner } = createRequire(import.meta.url)('@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js') as { AKSKSigner: Signer };

const NOW_MS = Date.UTC(2026, 10, 22, 10, 15);
const PATH = '/v2/0a1b2c3d4e5f60718293a4b5c6d7e8f9/clusters/2b460e01-3351-4170-b0a7-57b9dd5ffef3/job-executions/431b135e-c090-489f-b1db-0abe3822b855/kill';
const ENDPOINT = `https://mrs.eu-west-101.myhuaweicloud.eu${PATH}`;
const HEADERS = { 'content-type': 'application/json', 'x-project-id': '0a1b2c3d4e5f60718293a4b5c6d7e8f9' };
const LAMBDA = 'https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/kill%3Adurable/invocations';
const AWS_HEADERS = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event' };
const BODY = JSON.stringify({ request: 'x'.repeat(600) });
const TIMES = 1_000;

/** One signature of each kind, in one process: of a kill to MRS, of a start to Lambda. */
export const sign: Part = {
  name: 'sign',
  about: 'Signing',
  async measure({ rounds }) {
    const keys = { accessKey: 'AccessKey', secretKey: new Secret('SecretKey') };
    const signOurs = (n: number): void => void signRequest({ method: 'POST', url: new URL(ENDPOINT), headers: HEADERS }, keys, NOW_MS + n);
    const signTheirs = (n: number): void => {
      const headers = { ...HEADERS, 'X-Sdk-Date': sdkDate(NOW_MS + n) };
      AKSKSigner.sign({ endpoint: ENDPOINT, method: 'POST', headers, queryParams: {} }, { getAk: () => 'AccessKey', getSk: () => 'SecretKey' });
    };
    const signAws = createAwsSigner();
    const aws = { accessKeyId: 'AccessKey', secretAccessKey: 'SecretKey' };
    const signer = new SignatureV4({ service: 'lambda', region: 'eu-west-1', credentials: aws, sha256: Sha256, applyChecksum: false });
    const awsOurs = (n: number): void => void signAws({ method: 'POST', service: 'lambda', region: 'eu-west-1', url: new URL(LAMBDA), headers: AWS_HEADERS, body: BODY }, { accessKeyId: aws.accessKeyId, secretAccessKey: keys.secretKey }, NOW_MS + n);
    const awsTheirs = async (n: number): Promise<void> => {
      const { hostname, pathname, host } = new URL(LAMBDA);
      await signer.sign({ method: 'POST', protocol: 'https:', hostname, path: pathname, headers: { host, ...AWS_HEADERS }, body: BODY }, { signingDate: new Date(NOW_MS + n) });
    };
    const contenders = [signOurs, signTheirs, awsOurs, awsTheirs].map((run) => () => usOf(run));
    await interleave(3, contenders); // what runs often is compiled by now
    const [ours = [], theirs = [], oursOfAws = [], theirsOfAws = []] = await interleave(rounds, contenders);
    return [
      { what: 'a kill to MRS with AK/SK', unit: 'µs', ours, peer: { name: '@huaweicloud/huaweicloud-sdk-core', values: theirs } },
      { what: 'a start to Lambda', unit: 'µs', ours: oursOfAws, peer: { name: '@smithy/signature-v4', values: theirsOfAws } },
    ];
  },
};

async function usOf(run: (n: number) => void | Promise<void>): Promise<number> {
  const begun = performance.now();
  for (let n = 0; n < TIMES; n++) await run(n);
  return ((performance.now() - begun) * 1_000) / TIMES;
}
