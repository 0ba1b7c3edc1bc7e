import fc from 'fast-check';
import { anyText, anyValue } from './hostile.ts';

/** One change of a value: at one of its places, counted through. */
export type Change = { at: number; how: 'replace' | 'remove' | 'add' | 'double' | 'wrap' | 'rename' | 'borrow'; value: unknown };
/** One change of bytes or text. */
export type Slip = { at: number; how: 'cut' | 'double' | 'insert' | 'flip' | 'drop'; text: string };

const anyPlace = fc.nat(100_000);

export const anyChange: fc.Arbitrary<Change> = fc.record({
  at: anyPlace,
  how: fc.oneof({ weight: 5, arbitrary: fc.constant<Change['how']>('replace') }, { weight: 4, arbitrary: fc.constantFrom<Change['how']>('remove', 'add', 'double', 'wrap', 'rename', 'borrow') }),
  value: anyValue,
});

export const anySlip: fc.Arbitrary<Slip> = fc.record({ at: anyPlace, how: fc.constantFrom<Slip['how']>('cut', 'double', 'insert', 'flip', 'drop'), text: anyText });

type Holder = Record<string, unknown> | unknown[];
type Place = { holder: Holder; key: string | number };
const MOST_PLACES = 2_000;
const MOST_DOUBLES = 40;

/** The value with these changes made in it; `borrowed` gives a part of another one. Does not touch what it is given. */
export function change(value: unknown, changes: readonly Change[], borrowed: (at: number) => unknown): unknown {
  const root: [unknown] = [structuredClone(value)];
  for (const one of changes) makeChange(root, one, borrowed);
  return root[0];
}

function makeChange(root: [unknown], { at, how, value: given }: Change, borrowed: (at: number) => unknown): void {
  const value = structuredClone(given);
  const places = placesIn(root);
  const place = places[at % places.length];
  if (place === undefined) return;
  const there = Reflect.get(place.holder, place.key);
  const put = (next: unknown): void => void Object.defineProperty(place.holder, place.key, { value: next, writable: true, enumerable: true, configurable: true });
  switch (how) {
    case 'replace':
      return put(value);
    case 'borrow':
      return put(structuredClone(borrowed(at)));
    case 'wrap':
      return put(at % 2 === 0 ? [there] : { value: there });
    case 'remove':
      return removeAt(place);
    case 'rename':
      removeAt(place);
      return Array.isArray(place.holder) ? undefined : void (place.holder[typeof value === 'string' ? value : 'renamed'] = there);
    case 'add':
      return Array.isArray(there) ? void there.push(value) : isHolder(there) ? void Reflect.set(there, `more${at % 7}`, value) : put([there, value]);
    case 'double':
      return Array.isArray(there) && there.length > 0 ? void there.push(...Array.from({ length: at % MOST_DOUBLES }, () => there[0])) : put(typeof there === 'string' ? there + there : [there, there]);
  }
}

function removeAt({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else delete holder[key];
}

function placesIn(root: [unknown]): Place[] {
  const places: Place[] = [];
  const walk = (holder: Holder): void => {
    for (const [key, inner] of Object.entries(holder)) {
      if (places.length >= MOST_PLACES) return;
      places.push({ holder, key });
      if (isHolder(inner)) walk(inner);
    }
  };
  walk(root);
  return places;
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null;
}

/** The bytes with these slips in them. */
export function slip(bytes: Buffer, slips: readonly Slip[]): Buffer {
  return slips.reduce(makeSlip, bytes);
}

function makeSlip(bytes: Buffer, { at, how, text }: Slip): Buffer {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (how) {
    case 'cut':
      return before;
    case 'double':
      return Buffer.concat([before, after, after]);
    case 'insert':
      return Buffer.concat([before, Buffer.from(text), after]);
    case 'flip':
      return Buffer.concat([before, Buffer.from([(after[0] ?? 0) ^ (1 << at % 8)]), after.subarray(1)]);
    case 'drop':
      return Buffer.concat([before, after.subarray(1 + (at % 9))]);
  }
}
