import { createHash, timingSafeEqual } from 'node:crypto';
import { inspect } from 'node:util';

const HIDDEN = '[secret]';

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

  [inspect.custom](): string {
    return HIDDEN;
  }
}

/** Whether `candidate` is the secret; takes the same time wherever the two differ, and whatever their lengths. */
export function matchesSecret(candidate: string, secret: Secret): boolean {
  return timingSafeEqual(sha256(candidate), sha256(secret.reveal()));
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
