import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../settings/secret.ts';

/**
 * Whether `signature` (64 lower-case hex digits) is the HMAC-SHA256 of `signed`, its parts one after another, by any of the
 * secrets. Tries all of them and compares in constant time; an empty secret, which everybody knows, never fits.
 */
export function matchesHmac(signature: string, secrets: readonly Secret[], signed: readonly (string | Buffer)[]): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  const known = secrets.filter((secret) => secret.reveal() !== '');
  return known.filter((secret) => timingSafeEqual(given, sign(secret, signed))).length > 0;
}

function sign(secret: Secret, signed: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', secret.reveal());
  for (const part of signed) hmac.update(part);
  return hmac.digest();
}
