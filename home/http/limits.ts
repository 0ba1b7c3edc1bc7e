import { MAX_HEADER_BYTES } from '../../lib/http/send.ts';

export type Limits = Record<'bodyBytes' | 'headerBytes' | 'headers' | 'connections' | 'headMs' | 'requestMs' | 'handleMs' | 'silentMs' | 'keepAliveMs' | 'drainMs', number>;

/**
 * What a client of the own home may take up. Headers may hold a caller's own IAM token, of several KB; a body is as large as the
 * largest that any route takes. https://nodejs.org/docs/latest-v24.x/api/http.html#class-httpserver
 */
export const LIMITS: Limits = {
  bodyBytes: 1024 * 1024,
  headerBytes: MAX_HEADER_BYTES,
  headers: 100,
  connections: 256,
  /** For the head of a request, and for all of it. */
  headMs: 10_000,
  requestMs: 20_000,
  /** As a function has on AWS. */
  handleMs: 29_000,
  /** Without a byte in either direction; longer than any answer takes. */
  silentMs: 60_000,
  /** Longer than proxies keep a connection, so that none of them sends into one that is being closed. */
  keepAliveMs: 65_000,
  /** For what a client still sends after it was told that it is too much. */
  drainMs: 1_000,
};
