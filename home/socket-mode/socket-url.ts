import { UrlForbidden } from '../../lib/http/guard.ts';

/**
 * Checks the address that `apps.connections.open` gave: a `wss:` host of Slack's, or the very machine and port that the Web API is
 * called at, which is how tests and proxies of one's own do it. Throws UrlForbidden, without the URL: its ticket is a secret.
 */
export function checkSocketUrl(given: string | undefined, apiUrl: string): void {
  const url = URL.parse(given ?? '');
  if (url === null) throw new UrlForbidden('Slack gave no address to connect to');
  if (url.username !== '' || url.password !== '') throw new UrlForbidden('a URL with credentials in it is never called');
  const api = new URL(apiUrl);
  const isOfApi = url.host === api.host && url.protocol === api.protocol.replace('http', 'ws');
  const isOfSlack = url.protocol === 'wss:' && url.port === '' && /\.slack(?:-gov)?\.com$/.test(url.hostname);
  if (!isOfApi && !isOfSlack) throw new UrlForbidden(`${url.hostname} is no host of Slack's, or not reached by wss`);
}
