import { createRequire } from 'node:module';
import { sdkDate, signRequest } from '../../lib/mrs/sign.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { compare } from './compare.ts';

type Signer = { sign: (request: object, credential: object) => Record<string, string> };
// Huawei's own signer, the one that the tests hold ours against. It is CommonJS and brings no types for this path.
const { AKSKSigner } = createRequire(import.meta.url)('@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js') as { AKSKSigner: Signer };

const NOW_MS = Date.UTC(2026, 10, 22, 10, 15);
const PATH = '/v2/0a1b2c3d4e5f60718293a4b5c6d7e8f9/clusters/2b460e01-3351-4170-b0a7-57b9dd5ffef3/job-executions/431b135e-c090-489f-b1db-0abe3822b855/kill';
const ENDPOINT = `https://mrs.eu-west-101.myhuaweicloud.eu${PATH}`;
const HEADERS = { 'content-type': 'application/json', 'x-project-id': '0a1b2c3d4e5f60718293a4b5c6d7e8f9' };

/** Signing one kill request, ours beside Huawei's. */
export function benchSigning(): void {
  const keys = { accessKey: 'AccessKey', secretKey: new Secret('SecretKey') };
  compare('Signing a kill (SDK-HMAC-SHA256)', [
    {
      name: 'mrs-killswitch',
      run(times) {
        for (let n = 0; n < times; n++) signRequest({ method: 'POST', url: new URL(ENDPOINT), headers: HEADERS }, keys, NOW_MS + n);
      },
    },
    {
      name: '@huaweicloud/huaweicloud-sdk-core',
      run(times) {
        for (let n = 0; n < times; n++) {
          const headers = { ...HEADERS, 'X-Sdk-Date': sdkDate(NOW_MS + n) };
          AKSKSigner.sign({ endpoint: ENDPOINT, method: 'POST', headers, queryParams: {} }, { getAk: () => 'AccessKey', getSk: () => 'SecretKey' });
        }
      },
    },
  ]);
}
