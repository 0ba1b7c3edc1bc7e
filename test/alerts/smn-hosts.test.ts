import { describe, expect, it } from '@jest/globals';
import { smn } from '../../lib/alerts/smn.ts';
import { readCertificateUrl, readConfirmationUrl, regionOf } from '../../lib/alerts/smn-hosts.ts';
import { settingsOf } from './senders.ts';

const SMN = 'https://smn.eu-de.otc.t-systems.com';

describe('the region of a topic', () => {
  it.each([
    ['urn:smn:eu-de:0a1b:alarms', 'eu-de'],
    ['xurn:smn:eu-de:0a1b:alarms', ''],
    ['urn:smn:eu-de', ''],
    ['urn:smn:EU:0a1b:alarms', ''],
    ['', ''],
  ])('of %j is %j', (topic, region) => {
    expect(regionOf(topic)).toBe(region);
  });
});

describe("a URL of SMN's", () => {
  it.each([`${SMN}/smn/SMN.pem`, 'https://smn.eu-de.myhuaweicloud.com:443/a.pem', 'HTTPS://SMN.EU-DE.OTC.T-SYSTEMS.COM/a.pem'])('may have a certificate: %s', (url) => {
    expect(readCertificateUrl(url, 'eu-de')?.href).toBe(new URL(url).href);
  });

  it.each([`${SMN}/smn/SMN.pem?a`, `${SMN}/smn/SMN.pem#a`, `${SMN}/smn/SMN`, `https://user@${SMN.slice(8)}/a.pem`, `https://:x@${SMN.slice(8)}/a.pem`, 'https://console.huaweicloud.com/a.pem', 'http://smn.eu-de.otc.t-systems.com/a.pem', 'a.pem', ''])('has none: %j', (url) => {
    expect(readCertificateUrl(url, 'eu-de')).toBeUndefined();
  });

  it('may be another one where SMN_ENDPOINT says so, and then no other', () => {
    expect(readCertificateUrl('http://127.0.0.1:8080/a.pem', 'eu-de', 'http://127.0.0.1:8080/')?.href).toBe('http://127.0.0.1:8080/a.pem');
    expect(readCertificateUrl(`${SMN}/a.pem`, 'eu-de', 'http://127.0.0.1:8080/')).toBeUndefined();
  });

  it.each([`${SMN}/confirm?token=1#x`, 'https://console.huaweicloud.com/', 'https://console-intl.huaweicloud.com/', 'https://console.eu.huaweicloud.com/', 'https://console.otc.t-systems.com/', 'https://eu-de-console.huaweicloud.com/'])('may confirm: %s', (url) => {
    expect(readConfirmationUrl(url, 'eu-de')?.href).toBe(url);
  });

  it('is all that may be called back', () => {
    const consoles = ['console.huaweicloud.com', 'console-intl.huaweicloud.com', 'console.eu.huaweicloud.com', 'console.otc.t-systems.com', 'eu-de-console.huaweicloud.com'].map((host) => `https://${host}`);
    const SMN_TOPICS = 'urn:smn:eu-de:0a1b:alarms';
    const origins = smn.callsBack?.(settingsOf({ SMN_TOPICS })) ?? [];
    expect(origins).toEqual([...['myhuaweicloud.com', 'myhuaweicloud.cn', 'myhuaweicloud.eu', 'otc.t-systems.com'].map((domain) => `https://smn.eu-de.${domain}`), ...consoles]);
    expect(smn.callsBack?.(settingsOf({ SMN_TOPICS, SMN_ENDPOINT: 'http://127.0.0.1:8080' }))).toEqual([...origins, 'http://127.0.0.1:8080']);
    expect(smn.callsBack?.(settingsOf({}))).toEqual([]);
  });
});
