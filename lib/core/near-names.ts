/** Levenshtein distance: letters replaced, added or left out. */
export function countTypos(typed: string, name: string): number {
  const wanted = Array.from(name);
  let row = Array.from({ length: wanted.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(typed).entries()) {
    const next = [index + 1];
    for (const [at, other] of wanted.entries()) {
      next.push(Math.min((row[at] ?? 0) + (letter === other ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

const MOST_TYPOS = 2;

/** The one of `words` that was meant most likely: it differs in two letters at most, whatever their case. Undefined where none does. */
export function nearestWord(typed: string, words: Iterable<string>): string | undefined {
  const wanted = comparable(typed.slice(0, LONGEST_COMPARED));
  const near = Array.from(words, (word) => ({ word, typos: countTypos(wanted, comparable(word)) })).filter(({ typos }) => typos <= MOST_TYPOS && typos < Array.from(wanted).length);
  return near.toSorted((a, b) => a.typos - b.typos)[0]?.word;
}

const MOST_NEAR = 3;
/** Longer ones are passed over: a comparison takes as many steps as both names are long, multiplied. */
const LONGEST_COMPARED = 128;

/** The names nearest to one that was not found; it sees them one by one and keeps only the best three. */
export type NearNames = { see(name: string): void; nearest(): string[] };

/**
 * Near are names that differ from what was typed in a few letters, at most a third of them, or contain it; case, and what phones
 * and Slack make of typed signs, count for nothing. The nearest come first.
 */
export function createNearNames(typed: string): NearNames {
  const wanted = comparable(typed.slice(0, LONGEST_COMPARED));
  const mostTypos = Math.max(1, Math.floor(wanted.length / 3));
  let best: { name: string; typos: number }[] = [];
  return {
    see(name) {
      if (name === '' || name.length > LONGEST_COMPARED || name === typed || best.some((known) => known.name === name)) return;
      const typos = distance(wanted, comparable(name), mostTypos);
      if (typos === undefined || (best.length === MOST_NEAR && typos >= (best.at(-1)?.typos ?? 0))) return;
      best = [...best, { name, typos }].toSorted((a, b) => a.typos - b.typos).slice(0, MOST_NEAR);
    },
    nearest: () => best.map(({ name }) => name),
  };
}

/** How far a name is from what was typed; undefined where it is not near. What contains it comes after what was mistyped. */
function distance(wanted: string, name: string, mostTypos: number): number | undefined {
  if (Math.abs(name.length - wanted.length) <= mostTypos) {
    const typos = countTypos(wanted, name);
    if (typos <= mostTypos) return typos;
  }
  return wanted.length >= 3 && name.includes(wanted) ? mostTypos + name.length - wanted.length : undefined;
}

function comparable(name: string): string {
  return asTyped(name).toLowerCase();
}

// What phones and Slack put in place of what people type.
const REPLACED: [what: string, found: RegExp, typed: string][] = [
  ['a link', /^(?:https?:\/\/|mailto:)(\S+?)\/?$/i, '$1'],
  ['a long dash', /[\u2014\u2015]/g, '--'],
  ['a long dash', /[\u2012\u2013]/g, '-'],
  ['a curly quote', /[\u2018\u2019\u201a\u201b]/g, "'"],
  ['a curly quote', /[\u201c\u201d\u201e\u201f]/g, '"'],
  ['three dots in one character', /\u2026/g, '...'],
  ['a space of another width', /[\u00a0\u2007\u202f]/g, ' '],
  ['an invisible character', /[\u200b-\u200d\u2060\ufeff]/g, ''],
];

/** The name as it was typed most likely. */
export function asTyped(name: string): string {
  return REPLACED.reduce((text, [, found, typed]) => text.replace(found, typed), name);
}

/** What stands in a name in place of what people type, in words: `a long dash`. */
export function replacedIn(name: string): string[] {
  return [...new Set(REPLACED.filter(([, found]) => name.search(found) >= 0).map(([what]) => what))];
}
