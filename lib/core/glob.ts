/**
 * Whether the whole of `text` fits `glob`: `*` is any run of characters (slashes and leading dots too), `?` is exactly one.
 * Case-sensitive. Linear memory and at most length × length steps: a library's globs mean more (`!x`, `{a,b}`) and can hang
 * on hostile input, and job names are written by strangers.
 */
export function matchesGlob(glob: string, text: string): boolean {
  const pattern = Array.from(glob);
  const letters = Array.from(text);
  let p = 0;
  let t = 0;
  let star = -1;
  let resumeAt = 0;
  while (t < letters.length) {
    if (pattern[p] === '*') {
      star = p++;
      resumeAt = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === letters[t])) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1; // let the last star swallow one letter more
      t = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
