import { SettingsInvalid, Unauthorized } from '../core/errors.ts';
import { matchesSecret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';
import type { AlertSource, Delivery } from './source.ts';

/** All of a source that a token of ALERT_TOKENS lets in as bearer, but for what it sends: its name is all there is to say. */
export function byBearer(source: string) {
  return {
    trust: 'bearer (a token of `ALERT_TOKENS`)',
    proofs: ['bearer'],
    settings: ['ALERT_TOKENS'],
    isOn: (settings) => tokensFor(settings, source).length > 0,
    verify: (delivery, settings) => verifyBearer(delivery, settings, source),
    sign(rawBody, { settings }) {
      const [token] = tokensFor(settings, source);
      if (token === undefined) throw new SettingsInvalid([{ name: 'ALERT_TOKENS', problem: `has no token for ${source}` }]);
      return { headers: { authorization: `Bearer ${token.reveal()}` }, rawBody };
    },
  } satisfies Partial<AlertSource>;
}

/** The same for a source that may send the token as the password of basic authentication too: its senders know little else. */
export function byBearerOrBasic(source: string) {
  return {
    ...byBearer(source),
    trust: 'bearer (a token of `ALERT_TOKENS`), or basic with the token as password',
    proofs: ['bearer', 'basic'],
    verify(delivery, settings) {
      const password = readBasicPassword(delivery.headers['authorization'] ?? '');
      if (password === undefined) verifyBearer(delivery, settings, source);
      else verifyToken(password, settings, source);
    },
  } satisfies Partial<AlertSource>;
}

/** Throws Unauthorized unless `token` is one of those for `source`. Compares with all of them, whichever fits. */
function verifyToken(token: string, settings: Settings, source: string): void {
  const fits = tokensFor(settings, source).filter((known) => matchesSecret(token, known));
  if (token !== '' && fits.length > 0) return;
  if (tokensFor(settings, source).length === 0) throw new Unauthorized('trigger is off: its secret is not set', 'ALERT_TOKENS has no token for this source');
  if (token === '') throw new Unauthorized('no token', 'it takes Authorization: Bearer and a token of ALERT_TOKENS');
  const isForOther = settings.alertTokens.filter((known) => matchesSecret(token, known.token)).length > 0;
  throw new Unauthorized('wrong token', isForOther ? 'ALERT_TOKENS binds this token to another source' : undefined);
}

function verifyBearer({ headers }: Delivery, settings: Settings, source: string): void {
  const token = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';
  verifyToken(token, settings, source);
}

/** Undefined where the header speaks of something else than basic. The user may have any name. */
function readBasicPassword(authorization: string): string | undefined {
  const credentials = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(authorization)?.[1];
  return credentials === undefined ? undefined : (/^[^:]*:(.*)$/.exec(Buffer.from(credentials, 'base64').toString('utf8'))?.[1] ?? '');
}

/** Tokens that are bound to no source are for all of them. */
function tokensFor({ alertTokens }: Settings, source: string) {
  return alertTokens.filter((entry) => entry.source === undefined || entry.source === source).map(({ token }) => token);
}
