const HIDDEN = '[secret]';
/** As `util.inspect.custom`, which is this. https://nodejs.org/api/util.html#utilinspectcustom */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** At the first use: see sha256.ts. */
const nodeCrypto = () => process.getBuiltinModule('node:crypto');

/** A text that shows itself only to `reveal()`; templates, JSON, `inspect` and the console get `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [INSPECT](): string {
    return HIDDEN;
  }
}

/** Whether `candidate` is the secret; takes the same time wherever the two differ, and whatever their lengths. */
export function matchesSecret(candidate: string, secret: Secret): boolean {
  return nodeCrypto().timingSafeEqual(sha256(candidate), sha256(secret.reveal()));
}

/**
 * Whether `signature` (64 lower-case hex digits) is the HMAC-SHA256 of `signed`, its parts one after another, by any of the
 * secrets. Tries all of them and compares in constant time; an empty secret, which everybody knows, never fits.
 */
export function matchesHmac(signature: string, secrets: readonly Secret[], signed: readonly (string | Buffer)[]): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const given = Buffer.from(signature, 'hex');
  const known = secrets.filter((secret) => secret.reveal() !== '');
  return known.filter((secret) => nodeCrypto().timingSafeEqual(given, hmac(secret, signed))).length > 0;
}

/** The HMAC-SHA256 of `signed`, its parts one after another, in lower-case hex. */
export function signHmac(secret: Secret, signed: readonly (string | Buffer)[]): string {
  return hmac(secret, signed).toString('hex');
}

function hmac(secret: Secret, signed: readonly (string | Buffer)[]): Buffer {
  const sum = nodeCrypto().createHmac('sha256', secret.reveal());
  for (const part of signed) sum.update(part);
  return sum.digest();
}

function sha256(text: string): Buffer {
  return nodeCrypto().createHash('sha256').update(text, 'utf8').digest();
}
