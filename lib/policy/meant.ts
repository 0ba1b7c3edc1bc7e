import { asTyped, nearestWord } from '../core/near-names.ts';

/** What to say of a key that a mapping does not have: the keys that it has, and which was meant. */
export function unknownKey(key: string, known: readonly string[]): string {
  const [, glued, value] = /^([\w-]+):(.+)/.exec(key) ?? [];
  if (glued !== undefined && known.includes(glued)) return `a space is missing behind the colon; write ${glued}: ${value}`;
  const typed = asTyped(key).trim();
  if (typed !== key) return `has a wide blank or an invisible sign in it; indent with plain spaces, and type it anew`;
  return `unknown key; known here: ${known.join(', ')}${meant(typed, known)}`;
}

/** The word that was meant most likely: `; did you mean kill?` Empty where none is near. */
export function meant(written: unknown, words: Iterable<string>): string {
  const near = typeof written === 'string' ? nearestWord(written, words) : undefined;
  return near === undefined ? '' : `; did you mean ${near}?`;
}
