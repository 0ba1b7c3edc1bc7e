import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { canonicalHeaders, canonicalQuery, signedHeaders } from '../../lib/http/canonical.ts';
import type { UnsignedRequest } from '../../lib/mrs/credentials.ts';
import {
  authorization, canonicalRequest, canonicalUri, sdkDate, signature, signRequest, stringToSign,
} from '../../lib/mrs/sign.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { runs } from '../support/full-size.ts';

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** All stages of a request whose headers, `x-sdk-date` included, are all signed and nothing else. */
function stages(request: UnsignedRequest, secretKey: string): { canonical: string; hash: string; text: string; signature: string } {
  const canonical = canonicalRequest(request);
  const text = stringToSign(request.headers['x-sdk-date'] ?? '', canonical);
  return { canonical, hash: sha256(canonical), text, signature: signature(new Secret(secretKey), text) };
}

describe("the published vectors of Huawei's Go SDK are met", () => {
  const headers = { 'x-sdk-date': '20060102T150405Z' };

  it('A: a GET without a body, only the date signed', () => {
    const signed = stages({ method: 'GET', url: new URL('https://host.example/path?limit=1'), headers }, 'SecretKey');
    expect(signed.canonical).toBe(`GET\n/path/\nlimit=1\nx-sdk-date:20060102T150405Z\n\nx-sdk-date\n${EMPTY_HASH}`);
    expect(signed.text).toBe(`SDK-HMAC-SHA256\n20060102T150405Z\n${signed.hash}`);
    expect(signed.signature).toBe('5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624');
    expect(authorization('AccessKey', signedHeaders(headers), signed.signature)).toBe(
      'SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=x-sdk-date, Signature=5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624',
    );
  });

  it('B: a POST with a body', () => {
    const body = '{"Name":"test","Id":1}\n';
    const signed = stages({ method: 'POST', url: new URL('https://host.example/path?key=value'), headers, body }, 'SecretKey');
    expect(signed.canonical).toBe(`POST\n/path/\nkey=value\nx-sdk-date:20060102T150405Z\n\nx-sdk-date\n${sha256(body)}`);
    expect(signed.signature).toBe('cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59');
  });
});

describe("the published vectors of Huawei's Java SDK are met", () => {
  const url = (path: string): URL =>
    new URL(`https://service.region.example.com${path}?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0`);
  const headers = { 'content-type': 'application/json', host: 'service.region.example.com', 'x-sdk-date': '20191115T033655Z' };
  const project = '77b6a44cba5143ab91d13ab9a8ff44fd';

  it('C: host and content type signed', () => {
    const request: UnsignedRequest = { method: 'GET', url: url(`/v1/${project}/vpcs`), headers };
    const signed = stages(request, 'testSK');
    expect(signed.hash).toBe('b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a');
    expect(signed.text).toBe(`SDK-HMAC-SHA256\n20191115T033655Z\nb25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a`);
    expect(signed.signature).toBe('1ce02ffed91dfc294aed8863aaf0fec29ccbf2f45ddcca7f120baabddba29782');
    const keys = { accessKey: 'testAK', secretKey: new Secret('testSK') };
    const whole = signRequest({ ...request, headers: { 'content-type': 'application/json' } }, keys, Date.parse('2019-11-15T03:36:55Z'));
    expect(whole).toEqual({
      'content-type': 'application/json',
      'x-sdk-date': '20191115T033655Z',
      authorization: `SDK-HMAC-SHA256 Access=testAK, SignedHeaders=content-type;host;x-sdk-date, Signature=${signed.signature}`,
    });
  });

  it('D: another path', () => {
    const signed = stages({ method: 'GET', url: url(`/v5/iotps/${project}/certificates`), headers }, 'testSK');
    expect(signed.signature).toBe('2f1e228b4e2c68e428f7377c12a15526f26c27795dcf4cb641cc90c5b3fba962');
  });

  it('E: a query in any order, with several values of one name, in other scripts and with every awkward character', () => {
    const search = new URLSearchParams([
      ['test', '一 (&=?!#%.*)'], ['path', '/tmp/123'], ['multi', '3'], ['limit', '1'], ['multi', '1'], ['enable', 'true'], ['multi', '2'],
    ]);
    expect(canonicalQuery(new URL(`https://host.example/?${search}`))).toBe(
      'enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29',
    );
  });
});

describe("our own calls are signed as the implementation that meets the published vectors does", () => {
  const PROJECT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
  const JOBS = `https://mrs.eu-west-101.myhuaweicloud.eu/v2/${PROJECT}/clusters/bc134369-294c-42b7-a707-b2036ba38524/job-executions`;
  const KILL = new URL(`${JOBS}/431b135e-c090-489f-b1db-0abe3822b855/kill`);
  const given = { 'content-type': 'application/json', 'x-project-id': PROJECT };
  const headers = { ...given, host: 'mrs.eu-west-101.myhuaweicloud.eu', 'x-sdk-date': '20261122T101500Z' };
  const keys = { accessKey: 'AccessKey', secretKey: new Secret('SecretKey') };
  const now = Date.parse('2026-11-22T10:15:00Z');

  it('F: a kill', () => {
    const signed = stages({ method: 'POST', url: KILL, headers }, 'SecretKey');
    expect(signed.hash).toBe('7e77afe08b741951ff4d88fe667248d275dbaa286c9959b1224bf20f0f7b9d69');
    expect(signed.signature).toBe('747f112a75d0822b3b2c7c60d3f4e8145dac9138df81d0bbf9f8c43fe9df5be3');
    expect(signRequest({ method: 'POST', url: KILL, headers: given }, keys, now)['authorization']).toBe(
      'SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=content-type;host;x-project-id;x-sdk-date, ' +
        'Signature=747f112a75d0822b3b2c7c60d3f4e8145dac9138df81d0bbf9f8c43fe9df5be3',
    );
  });

  it('G: a kill with temporary keys, whose security token is sent and signed', () => {
    const signed = stages({ method: 'POST', url: KILL, headers: { ...headers, 'x-security-token': 'EXAMPLE-SESSION-TOKEN' } }, 'SecretKey');
    expect(signed.hash).toBe('bd6bce505533e283eb6a7fa168df7c7d9ed8eece07f26fe84b94bb45c2d4ce4f');
    expect(signed.signature).toBe('a4b9a8beb324691cebccca10e95cd9cbd7eeb7cd62395e095e23f1819e840605');
    const temporary = { ...keys, securityToken: new Secret('EXAMPLE-SESSION-TOKEN') };
    expect(signRequest({ method: 'POST', url: KILL, headers: given }, temporary, now)).toMatchObject({
      'x-security-token': 'EXAMPLE-SESSION-TOKEN',
      authorization:
        'SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=content-type;host;x-project-id;x-sdk-date;x-security-token, ' +
        'Signature=a4b9a8beb324691cebccca10e95cd9cbd7eeb7cd62395e095e23f1819e840605',
    });
  });

  it.each(['etl+daily', 'etl%20daily'])('H: a list by name, the blank written as %s', (name) => {
    const url = new URL(`${JOBS}?limit=100&offset=1&job_state=RUNNING&job_name=${name}`);
    const signed = stages({ method: 'GET', url, headers }, 'SecretKey');
    expect(canonicalQuery(url)).toBe('job_name=etl%20daily&job_state=RUNNING&limit=100&offset=1');
    expect(signed.hash).toBe('1eb6c1e52f9b4cab342984cf9b91ff09a442b6c19aac10424c2e491e18c958f5');
    expect(signed.signature).toBe('c8c88a6c00bf800170156ddfe701305e33499739d5a3e1c376a05cbfbd5cbe0d');
    expect(signRequest({ method: 'GET', url, headers: given }, keys, now)['authorization']).toMatch(new RegExp(`Signature=${signed.signature}$`));
  });
});

describe('a stage of the signature', () => {
  it.each([
    ['https://h', '/'],
    ['https://h/', '/'],
    ['https://h/a/b', '/a/b/'],
    ['https://h/a/b/', '/a/b/'],
    ["https://h/it's/(a)/*!", '/it%27s/%28a%29/%2A%21/'],
    ['https://h/a%20b/%e4%b8%80', '/a%20b/%E4%B8%80/'],
    ['https://h/a%2Fb', '/a%2Fb/'],
    ['https://h/-_.~', '/-_.~/'],
  ])('takes the path of %s for %s: each segment encoded once, a slash at the end', (url, path) => {
    expect(canonicalUri(new URL(url))).toBe(path);
  });

  it.each([
    ['', ''],
    ['?', ''],
    ['?a', 'a='],
    ['?a=', 'a='],
    ['?b=2&a=1', 'a=1&b=2'],
    ['?a-b=1&a=2', 'a=2&a-b=1'],
    ['?a=10&a=9', 'a=10&a=9'],
    ['?A=1&a=1&B=1', 'A=1&B=1&a=1'],
  ])('takes the query %j for %j: sorted by name, then by value, each with its =', (search, query) => {
    expect(canonicalQuery(new URL(`https://h/${search}`))).toBe(query);
  });

  it('writes headers in lower case, sorted and trimmed, each on its own line', () => {
    const headers = { 'X-Sdk-Date': ' 20261122T101500Z ', Host: 'h', 'Content-Type': 'application/json' };
    expect(canonicalHeaders(headers)).toBe('content-type:application/json\nhost:h\nx-sdk-date:20261122T101500Z\n');
    expect(signedHeaders(headers)).toBe('content-type;host;x-sdk-date');
  });

  it('writes the time without its milliseconds', () => {
    expect(sdkDate(Date.parse('2026-01-02T03:04:05.999Z'))).toBe('20260102T030405Z');
  });

  it('signs a port that is not the usual one, as the HTTP client sends it', () => {
    const keys = { accessKey: 'AK', secretKey: new Secret('SK') };
    const at = (url: string): string | undefined => signRequest({ method: 'GET', url: new URL(url), headers: {} }, keys, 0)['authorization'];
    expect(at('https://h:443/')).toBe(at('https://h/'));
    expect(at('https://h:8443/')).not.toBe(at('https://h/'));
  });
});

type OracleRequest = { endpoint: string; method: string; headers: Record<string, string>; queryParams: Record<string, string[]>; data?: object };
type Oracle = { AKSKSigner: { sign: (request: OracleRequest, credential: object) => Record<string, string> } };

describe("Huawei's own signer for Node.js", () => {
  const { AKSKSigner } = createRequire(import.meta.url)('@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner.js') as Oracle;

  // Characters that both URL parsers leave as they are: Huawei's encodes the others twice.
  const segment = fc.stringMatching(/^[A-Za-z0-9_~!$&()*+,;=:@-]{1,12}$/);
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((text) => text.isWellFormed());
  // A name of the prototype would be lost by their plain object.
  const query = fc.dictionary(word.filter((name) => name !== '__proto__'), fc.array(word, { minLength: 1, maxLength: 3 }), { maxKeys: 4 });
  const header = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const key = fc.stringMatching(/^[A-Za-z0-9]{10,40}$/);

  it('gives the same signature to any request', () => {
    const request = fc.record({
      method: fc.constantFrom('GET' as const, 'POST' as const),
      host: fc.constantFrom('mrs.eu-west-101.myhuaweicloud.eu', 'iam.example:8443', '127.0.0.1:9001'),
      segments: fc.array(segment, { maxLength: 6 }),
      query,
      headers: fc.dictionary(fc.stringMatching(/^x-[a-z0-9]{1,6}(-[a-z0-9]{1,6})?$/), header, { maxKeys: 3 }),
      data: fc.option(fc.dictionary(word, fc.oneof(word, fc.integer())), { nil: undefined }),
      now: fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true }),
      accessKey: key,
      secretKey: key,
      securityToken: fc.option(key, { nil: undefined }),
    });
    fc.assert(
      fc.property(request, ({ method, host, segments, query: parameters, headers, data, now, accessKey, secretKey, securityToken }) => {
        const search = new URLSearchParams(Object.entries(parameters).flatMap(([name, values]) => values.map((value) => [name, value])));
        const endpoint = `https://${host}/${segments.join('/')}`;
        const given = { 'content-type': 'application/json', ...headers };
        const body = data && { body: JSON.stringify(data) };
        const keys = { accessKey, secretKey: new Secret(secretKey), ...(securityToken !== undefined && { securityToken: new Secret(securityToken) }) };
        const ours = signRequest({ method, url: new URL(`${endpoint}?${search}`), headers: given, ...body }, keys, now.getTime());
        const theirs = AKSKSigner.sign(
          {
            endpoint,
            method,
            headers: { ...given, 'X-Sdk-Date': sdkDate(now.getTime()), ...(securityToken !== undefined && { 'X-Security-Token': securityToken }) },
            queryParams: structuredClone(parameters),
            ...(data && { data }),
          },
          { getAk: () => accessKey, getSk: () => secretKey },
        );
        expect(ours['authorization']).toBe(theirs['Authorization']);
      }),
      { numRuns: runs(500) },
    );
  });
});
