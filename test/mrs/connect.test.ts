import { describe, expect, it } from '@jest/globals';
import type { OpenSend } from '../../lib/http/send.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { connectLater } from '../../lib/mrs/connect-later.ts';
import { sendSigned, tokenProof } from '../../lib/mrs/credentials.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { AGENCY, ANALYTICS, DEV, KEYS, ONCE } from './connected.ts';

const PASSWORD = { HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'never shown', HW_DOMAIN_NAME: 'simulator' };

/** What is opened, and where to; whatever is sent is answered so. */
function parts(keys: Record<string, string>, status = 500) {
  const [opened, sent]: [unknown[][], string[]] = [[], []];
  const openSend: OpenSend = (origins, most) => {
    opened.push([[...origins], ...(most === undefined ? [] : [most])]);
    return async ({ method, url }) => (sent.push(`${method} ${url}`), { status, headers: {}, text: '{"error_code":"12000136"}' });
  };
  const settings = readSettings({ HW_REGION_NAME: 'eu-west-101', ...keys }, 'own');
  const clusters = [ANALYTICS, { ...DEV, region: 'ap-southeast-1' }];
  return { opened, sent, given: { settings, clusters, clock: createFakeClock('2026-11-22T12:00:00Z'), openSend } };
}

describe('the way to MRS', () => {
  const ORIGINS = ['https://mrs.eu-west-101.myhuaweicloud.eu', 'https://iam.eu-west-101.myhuaweicloud.eu', 'https://mrs.ap-southeast-1.myhuaweicloud.cn', 'https://iam.ap-southeast-1.myhuaweicloud.com'];

  it.each<[string, Record<string, string>, unknown[][]]>([
    ['a password', PASSWORD, [[ORIGINS]]],
    ['a pair of keys', KEYS, [[ORIGINS]]],
    ["the server's agency, whose keys come from the server", AGENCY, [[ORIGINS], [['http://169.254.169.254'], 65_536]]],
  ])('by %s leads to the hosts of the listed regions, and to no other', (_, keys, ways) => {
    const { opened, given } = parts(keys);
    connectMrs(given);
    expect(opened).toEqual(ways);
  });

  it('is another one for what many wait for', () => {
    const [own, many] = [parts(AGENCY), parts(AGENCY)];
    connectMrs({ ...own.given, forMany: { clock: many.given.clock, openSend: many.given.openSend } });
    expect([own.opened, many.opened]).toEqual([[[ORIGINS]], [[ORIGINS], [['http://169.254.169.254'], 65_536]]]);
  });

  it('is not there for a function without a key to MRS', () => {
    const { given } = parts(KEYS);
    expect(() => connectMrs({ ...given, settings: { ...given.settings, credentials: { kind: 'none' } } as never })).toThrow('this function has no key to MRS: see lib/settings/calls-mrs.ts');
  });
});

describe('a way to MRS that is opened at its first call', () => {
  it('is not opened before, has nothing to renew, and knows no clock', () => {
    const { opened, given } = parts(KEYS);
    const { credentials, mrsAs } = connectLater(given);
    const mrs = mrsAs(credentials);
    expect([credentials.renew(DEV, undefined as never), mrs.clockSkewMs(DEV), opened]).toEqual([false, undefined, []]);
  });

  it('is opened once, for whatever comes first', async () => {
    const { opened, sent, given } = parts(KEYS);
    const { credentials, mrsAs } = connectLater(given);
    const mrs = mrsAs(credentials);
    const firstOf = async (all: AsyncIterable<unknown>): Promise<void> => {
      for await (const _ of all) return;
    };
    const all = [
      mrs.job(DEV, 'j1', ONCE), mrs.recentJobs(DEV, ONCE), mrs.kill(DEV, 'j1'),
      firstOf(mrs.activeJobs(DEV, ONCE)), firstOf(mrs.clusters(DEV, ONCE)),
    ];
    const settled = await Promise.allSettled(all);
    expect(settled.map(({ status }) => status)).toEqual(all.map(() => 'rejected'));
    expect(opened).toEqual([[expect.any(Array)]]);
    const paths = sent.map((line) => line.replace(/^(\w+) https:\/\/[^/]+\/([^/]+)\/[^/]+/, '$1 $2 ').replace(/\?.*/, '')).toSorted();
    expect(paths).toEqual([
      'GET v1.1 /cluster_infos', `GET v2 /clusters/${DEV.id}/job-executions`, `GET v2 /clusters/${DEV.id}/job-executions`, `GET v2 /clusters/${DEV.id}/job-executions/j1`, `POST v2 /clusters/${DEV.id}/job-executions/j1/kill`,
    ].toSorted());
  });

  it('hands what is to be authorized on', async () => {
    const { sent, given } = parts(PASSWORD, 403);
    const { credentials } = connectLater(given);
    await expect(credentials.authorize(DEV)).rejects.toMatchObject({ trouble: { service: 'IAM' } });
    expect(sent).toEqual(['POST https://iam.eu-west-101.myhuaweicloud.eu/v3/auth/tokens?nocatalog=true']);
  });
});

describe('an answer to a signed request', () => {
  const send = (status: number) => sendSigned(async () => ({ status, headers: {}, text: '' }), 'MRS', tokenProof(new Secret('token')), { method: 'GET', url: new URL('https://a.test'), headers: {} }, { timeoutMs: 1 });
  it.each([200, 202, 299])('of %d is one', async (status) => expect(await send(status)).toEqual({ status, headers: {}, text: '' }));
  it.each([[199, 'rejected'], [300, 'rejected'], [401, 'unauthorized'], [500, 'unavailable']])('of %d is trouble: %s', async (status, kind) => {
    await expect(send(status)).rejects.toMatchObject({ trouble: { service: 'MRS', kind, status } });
  });
});
