import { AppError } from '../core/errors.ts';

/** A URL that we do not call; the message never repeats the URL, which may carry a secret. */
export class UrlForbidden extends AppError {
  readonly code = 'url_forbidden';

  override get name(): string {
    return 'UrlForbidden';
  }
}

/**
 * Where a Huawei Cloud server hands out the temporary keys of its agency: plain HTTP, answered by the server's own host. Called
 * only where it is listed, and only HW_CREDENTIALS=ecs lists it. No setting can: their URLs have to pass isSafeProtocol.
 */
export const METADATA_ORIGIN = 'http://169.254.169.254';

/** Says of each URL whether it may be called, and throws UrlForbidden where not. */
export type Guard = (url: URL) => void;

/**
 * The one place that decides which URL may be called: only the origins that settings and policy lead to, https except on
 * loopback and for METADATA_ORIGIN, and no credentials in the URL. Ids are checked before they reach a path; this holds where that ever fails.
 * https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html
 */
export function createGuard(allowedOrigins: Iterable<string>): Guard {
  const allowed = new Set([...allowedOrigins].map((origin) => new URL(origin).origin));
  return (url) => {
    if (url.username !== '' || url.password !== '') throw new UrlForbidden('a URL with credentials in it is never called');
    if (!isSafeProtocol(url) && url.origin !== METADATA_ORIGIN) throw new UrlForbidden('only https is called, except on loopback');
    if (!allowed.has(url.origin)) throw new UrlForbidden(`${url.hostname} is none of the hosts that the settings lead to`);
  };
}

/** https, or http that does not leave this machine. */
export function isSafeProtocol(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
