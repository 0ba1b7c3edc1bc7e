import { CLOUD_DOMAINS } from '../settings/regions.ts';

/** Where links to confirm were seen to lead: one console for many regions, `<region>-console` for others. */
const CONSOLES = ['console.huaweicloud.com', 'console-intl.huaweicloud.com', 'console.eu.huaweicloud.com', 'console.otc.t-systems.com'];

/** The region of `urn:smn:<region>:<project id>:<topic>`. */
export function regionOf(topicUrn: string): string {
  return /^urn:smn:([a-z0-9-]+):/.exec(topicUrn)?.[1] ?? '';
}

/**
 * `signing_cert_url` of a topic in that region as a URL of SMN itself, or of `smnEndpoint` alone where that is set; undefined for
 * any other, which is never called.
 */
export function readCertificateUrl(text: string, region: string, smnEndpoint?: string): URL | undefined {
  const url = readUrl(text, smnEndpoint === undefined ? smnOrigins(region) : [new URL(smnEndpoint).origin]);
  // One certificate has one name: else each delivery could name it in another way, and each would be a call.
  return url !== undefined && url.pathname.endsWith('.pem') && url.search === '' && url.hash === '' ? url : undefined;
}

/** `subscribe_url` of a topic in that region as a URL of SMN or of a console; undefined for any other, which is never called. */
export function readConfirmationUrl(text: string, region: string): URL | undefined {
  return readUrl(text, confirmationOrigins(region));
}

/** Every origin that SMN may be called back at for these topics. */
export function callBackOrigins(topics: readonly string[], smnEndpoint?: string): string[] {
  const origins = topics.flatMap((topic) => confirmationOrigins(regionOf(topic)));
  return smnEndpoint === undefined ? origins : [...origins, smnEndpoint];
}

function smnOrigins(region: string): string[] {
  return CLOUD_DOMAINS.map((domain) => `https://smn.${region}.${domain}`);
}

function confirmationOrigins(region: string): string[] {
  const consoles = [...CONSOLES, `${region}-console.huaweicloud.com`];
  return [...smnOrigins(region), ...consoles.map((host) => `https://${host}`)];
}

/** Compares what will be called, not how it is written: the whole origin, so that scheme, host and port all count. */
function readUrl(text: string, origins: readonly string[]): URL | undefined {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return undefined;
  return origins.includes(url.origin) ? url : undefined;
}
