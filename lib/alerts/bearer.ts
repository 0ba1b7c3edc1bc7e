import { Unauthorized } from '../core/errors.ts';
import { matchesSecret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';
import type { Delivery } from './source.ts';

/** Whether any token is valid for `source`: unbound ones are for all of them. */
export function hasAlertToken(settings: Settings, source: string): boolean {
  return tokensFor(settings, source).length > 0;
}

/** Checks `Authorization: Bearer` against ALERT_TOKENS. Throws Unauthorized. */
export function verifyBearer({ headers }: Delivery, settings: Settings, source: string): void {
  const token = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1] ?? '';
  verifyToken(token, settings, source);
}

/** Throws Unauthorized unless `token` is one of those for `source`. Compares with all of them, whichever fits. */
export function verifyToken(token: string, settings: Settings, source: string): void {
  const fits = tokensFor(settings, source).filter((known) => matchesSecret(token, known));
  if (token === '' || fits.length === 0) throw new Unauthorized();
}

function tokensFor({ alertTokens }: Settings, source: string) {
  return alertTokens.filter((entry) => entry.source === undefined || entry.source === source).map(({ token }) => token);
}
