import { createRequire } from 'node:module';
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
const TIMES = 1_000;

/** The SDK-HMAC-SHA256 signature of one kill, in one process. */
export const sign: Part = {
  name: 'sign',
  about: 'Signing a kill with AK/SK',
  async measure({ rounds }) {
    const keys = { accessKey: 'AccessKey', secretKey: new Secret('SecretKey') };
    const signOurs = (n: number): void => void signRequest({ method: 'POST', url: new URL(ENDPOINT), headers: HEADERS }, keys, NOW_MS + n);
    const signTheirs = (n: number): void => {
      const headers = { ...HEADERS, 'X-Sdk-Date': sdkDate(NOW_MS + n) };
      AKSKSigner.sign({ endpoint: ENDPOINT, method: 'POST', headers, queryParams: {} }, { getAk: () => 'AccessKey', getSk: () => 'SecretKey' });
    };
    const contenders = [async () => usOf(signOurs), async () => usOf(signTheirs)];
    await interleave(3, contenders); // what runs often is compiled by now
    const [ours = [], theirs = []] = await interleave(rounds, contenders);
    return [{ what: 'one signature', unit: 'µs', ours, peer: { name: '@huaweicloud/huaweicloud-sdk-core', values: theirs } }];
  },
};

function usOf(run: (n: number) => void): number {
  const begun = performance.now();
  for (let n = 0; n < TIMES; n++) run(n);
  return ((performance.now() - begun) * 1_000) / TIMES;
}
