import { describe, expect, it } from '@jest/globals';
import { createGuard, isSafeProtocol, METADATA_ORIGIN, UrlForbidden } from '../../lib/http/guard.ts';

const guard = createGuard(['https://mrs.eu-west-101.myhuaweicloud.eu', 'https://iam.example:8443/base', 'http://127.0.0.1:4010']);

describe('an outbound call', () => {
  it.each([
    ['https://mrs.eu-west-101.myhuaweicloud.eu/v2/p/clusters'],
    ['https://mrs.eu-west-101.myhuaweicloud.eu:443/v2'],
    ['https://MRS.EU-WEST-101.myhuaweicloud.eu/'],
    ['https://iam.example:8443/v3/auth/tokens?nocatalog=true'],
    ['http://127.0.0.1:4010/v2'],
  ])('may go to %s, an origin that the settings lead to', (url) => {
    expect(() => guard(new URL(url))).not.toThrow();
  });

  it.each([
    ['another host', 'https://evil.example/v2'],
    ['a longer host', 'https://mrs.eu-west-101.myhuaweicloud.eu.evil.example/'],
    ['a subdomain', 'https://x.mrs.eu-west-101.myhuaweicloud.eu/'],
    ['a host with a trailing dot', 'https://mrs.eu-west-101.myhuaweicloud.eu./'],
    ['another port', 'https://mrs.eu-west-101.myhuaweicloud.eu:8443/'],
    ['the default port of a listed host with another one', 'https://iam.example/v3'],
    ['plain http to a listed host', 'http://mrs.eu-west-101.myhuaweicloud.eu/'],
    ['another port of this machine', 'http://127.0.0.1:4011/'],
    ['another name of this machine', 'http://localhost:4010/'],
    ['https to a port listed for http', 'https://127.0.0.1:4010/'],
    ['the metadata service', 'http://169.254.169.254/openstack/latest/securitykey'],
    ['a file', 'file:///etc/passwd'],
    ['a data URL', 'data:text/plain,x'],
  ])('never goes to %s', (_, url) => {
    expect(() => guard(new URL(url))).toThrow(UrlForbidden);
  });

  it.each([['https://bot:hunter2hunter2@mrs.eu-west-101.myhuaweicloud.eu/'], ['https://bot@mrs.eu-west-101.myhuaweicloud.eu/'], ['https://:hunter2hunter2@mrs.eu-west-101.myhuaweicloud.eu/']])(
    'never carries credentials in its URL, even to a listed host (%#), and the refusal does not repeat them',
    (url) => {
      expect(() => guard(new URL(url))).toThrow(/^a URL with credentials in it is never called$/);
    },
  );

  it('names the refused host and nothing else of the URL', () => {
    expect(() => guard(new URL('https://evil.example/path?token=hunter2hunter2'))).toThrow(
      /^evil\.example is none of the hosts that the settings lead to$/,
    );
  });

  it('goes nowhere where nothing is listed', () => {
    expect(() => createGuard([])(new URL('https://mrs.eu-west-101.myhuaweicloud.eu/'))).toThrow(UrlForbidden);
  });
});

describe("the server's own metadata service", () => {
  const guardOfKeys = createGuard([METADATA_ORIGIN]);

  it.each(['http://169.254.169.254/openstack/latest/securitykey', 'http://169.254.169.254:80/'])('may be called by plain http where it is listed: %s', (url) => {
    expect(() => guardOfKeys(new URL(url))).not.toThrow();
    expect(() => guard(new URL(url))).toThrow(UrlForbidden);
  });

  it.each(['http://169.254.169.254:8080/', 'http://169.254.169.253/', 'http://[::ffff:169.254.169.254]/', 'https://169.254.169.254/', 'http://169.254.169.254.evil.example/', 'http://user@169.254.169.254/'])(
    'is that one address: not %s',
    (url) => {
      expect(() => guardOfKeys(new URL(url))).toThrow(UrlForbidden);
    },
  );

  it('is none that a setting may lead to', () => {
    expect(isSafeProtocol(new URL(METADATA_ORIGIN))).toBe(false);
  });
});

describe('plain http', () => {
  it.each(['http://localhost:1/', 'http://127.0.0.1/', 'http://127.8.9.10/', 'http://[::1]:80/', 'http://0x7f.1/', 'http://2130706433/'])(
    'stays on this machine: %s is called',
    (url) => {
      expect(isSafeProtocol(new URL(url))).toBe(true);
    },
  );

  it.each([
    'http://127.0.0.1.evil.example/',
    'http://localhost.evil.example/',
    'http://evil.example/?127.0.0.1',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://[::]/',
    'http://[fe80::1]/',
    'ws://127.0.0.1/',
    'ftp://127.0.0.1/',
  ])('would leave this machine: %s is not called', (url) => {
    expect(isSafeProtocol(new URL(url))).toBe(false);
  });
});

it('a URL that is not called is refused under its name', () => {
  expect(new UrlForbidden('no')).toMatchObject({ name: 'UrlForbidden', code: 'url_forbidden', message: 'no', retryable: false });
});
