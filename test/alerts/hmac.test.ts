import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { grafana } from '../../lib/alerts/grafana.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { matchesHmac, Secret } from '../../lib/settings/secret.ts';

type Vector = { name: string; body_file: string; secret: string; headers: Record<string, string> };

const FOLDER = join(import.meta.dirname, '../fixtures/signatures');
const { vectors } = JSON.parse(readFileSync(join(FOLDER, 'alert-vectors.json'), 'utf8')) as { vectors: Vector[] };
const vector = (name: string): Vector & { body: Buffer } => {
  const found = vectors.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no vector ${name}`);
  return { ...found, body: readFileSync(join(FOLDER, found.body_file)) };
};

const SECRET = 'a-secret-of-this-test';
const BODY = Buffer.from('{"alerts":[]}');
const sign = (body: Buffer | string, secret = SECRET): string => createHmac('sha256', secret).update(body).digest('hex');
const matches = (signature: string, secrets = [SECRET], body = BODY): boolean => matchesHmac(signature, secrets.map((secret) => new Secret(secret)), [body]);

describe('a known signature fits its bytes and no others', () => {
  it.each([
    ['grafana:body-only', 'X-Grafana-Alerting-Signature', ''],
    ['grafana:with-timestamp-header', 'X-Grafana-Alerting-Signature', '1700000000:'],
    ['pagerduty:two-signatures-during-rotation', 'X-PagerDuty-Signature', ''],
  ])('%s', (name, header, before) => {
    const { secret, headers, body } = vector(name);
    const signatures = (headers[header] ?? '').split(',').map((signature) => signature.replace('v1=', ''));
    const fits = (signed: (string | Buffer)[]): boolean => signatures.some((signature) => matchesHmac(signature, [new Secret(secret)], signed));
    expect(fits([before, body])).toBe(true);
    expect(fits([before, body.subarray(0, -1)])).toBe(false);
    expect(fits([before, body, '\n'])).toBe(false);
    expect(fits([`${before}:`, body])).toBe(false);
  });

  it.each([
    ['grafana:body-only', undefined],
    ['grafana:with-timestamp-header', 'X-Grafana-Timestamp'],
  ])('and Grafana gets in with it: %s', async (name, timestampHeader) => {
    const { secret, headers, body } = vector(name);
    const settings = readSettings({
      HW_REGION_NAME: 'eu-west-101',
      HW_USER_NAME: 'killswitch',
      HW_USER_PASSWORD: 'password',
      HW_DOMAIN_NAME: 'domain',
      GRAFANA_HMAC_SECRET: secret,
      GRAFANA_TIMESTAMP_HEADER: timestampHeader,
    });
    const lowerCase = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));
    const verify = async (receivedAt: number): Promise<void> => grafana.verify({ headers: lowerCase, rawBody: body, receivedAt }, settings);
    await expect(verify(1_700_000_000_000)).resolves.toBeUndefined();
    if (timestampHeader !== undefined) await expect(verify(1_700_000_300_001)).rejects.toThrow('authentication failed');
  });
});

describe('a signature', () => {
  it('fits by any of the secrets, and by none where there is none', () => {
    expect(matches(sign(BODY), ['another-secret', SECRET])).toBe(true);
    expect(matches(sign(BODY), [SECRET, 'another-secret'])).toBe(true);
    expect(matches(sign(BODY), ['another-secret'])).toBe(false);
    expect(matches(sign(BODY), [])).toBe(false);
  });

  it('does not fit by an empty secret, which everybody knows', () => {
    expect(matches(sign(BODY, ''), [''])).toBe(false);
    expect(matches(sign(BODY, ''), ['', SECRET])).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['upper case', sign(BODY).toUpperCase()],
    ['a prefix', `sha256=${sign(BODY)}`],
    ['one digit less', sign(BODY).slice(0, -1)],
    ['a digit more', `${sign(BODY)}0`],
    ['a line end', `${sign(BODY)}\n`],
    ['a blank before', ` ${sign(BODY)}`],
    ['two of them', `${sign(BODY)},${sign(BODY)}`],
    ['zeros', '0'.repeat(64)],
    ['letters that are no hex', 'z'.repeat(64)],
    ['base64', Buffer.from(sign(BODY), 'hex').toString('base64')],
  ])('does not fit with %s', (_, signature) => {
    expect(matches(signature)).toBe(false);
  });

  it('covers the bytes, not the letters', () => {
    for (const body of [Buffer.alloc(0), Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a]), Buffer.from('ジョブ-🦀')]) expect(matches(sign(body), [SECRET], body)).toBe(true);
    expect(matches(sign(Buffer.from([0xff])), [SECRET], Buffer.from([0xfe]))).toBe(false);
  });

  it('does not fit once any byte is another', () => {
    const signature = sign(BODY);
    fc.assert(
      fc.property(fc.nat(BODY.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(BODY);
        changed[at] = ((changed[at] ?? 0) + by) % 256;
        return !matches(signature, [SECRET], changed);
      }),
    );
    const digits = '0123456789abcdef';
    fc.assert(
      fc.property(fc.nat(63), fc.integer({ min: 1, max: 15 }), (at, by) => {
        const other = digits[(digits.indexOf(signature[at] ?? '') + by) % 16] ?? '';
        return !matches(signature.slice(0, at) + other + signature.slice(at + 1));
      }),
    );
  });
});
