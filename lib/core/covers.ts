/**
 * Whether `glob` fits every text that `other` fits, in the words of glob.ts. Exact: neither a text that it forgot nor one that there
 * is not. `other` is walked sign by sign with all places of `glob` that a text so far may lead to; for what it leaves open the
 * hardest letter stands, one that neither of the two names.
 */
export function coversGlob(glob: string, other: string): boolean {
  const wide = Array.from(glob);
  const narrow = Array.from(other);
  const seen = new Set<string>();

  /** Whether each text that the rest of `other` fits leads from one of these places to the end of `glob`. */
  const coversFrom = (at: number, places: number[]): boolean => {
    const state = `${at} ${places.join()}`;
    if (seen.has(state)) return true; // looked at already: had it not been covered, that would have been the end
    seen.add(state);
    const sign = narrow[at];
    if (sign === undefined) return places.includes(wide.length);
    if (places.length === 0) return false;
    if (sign !== '*') return coversFrom(at + 1, step(wide, places, sign));
    // No letter, one, two … until one more makes no difference: then only stars of `glob` are left to take them.
    let before: number[];
    do {
      if (!coversFrom(at + 1, places)) return false;
      before = places;
      places = step(wide, places, '?');
    } while (places.join() !== before.join());
    return true;
  };
  return coversFrom(0, withoutStars(wide, [0]));
}

/** The places of a glob that one letter more leads to; `?` stands for a letter that it does not name. */
function step(glob: string[], places: number[], letter: string): number[] {
  return withoutStars(
    glob,
    places.flatMap((place) => {
      if (glob[place] === '*') return [place];
      return glob[place] === '?' || glob[place] === letter ? [place + 1] : [];
    }),
  );
}

/** The same places and those behind their stars, which may stand for nothing; in order, each once. */
function withoutStars(glob: string[], places: number[]): number[] {
  const all = new Set<number>();
  for (let place of places) {
    all.add(place);
    while (glob[place] === '*') all.add(++place);
  }
  return [...all].toSorted((a, b) => a - b);
}
