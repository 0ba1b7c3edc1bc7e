import { type Document, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';

// Where the parts of a policy stand in its text, by offset.

/** Offset of the value (or the key) at `path`; of the closest one around it where the path leads to nothing. */
export function findOffset(document: Document, path: readonly PropertyKey[], wanted?: 'key'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      if (wanted === 'key' && depth === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}

/** The keys that lead to `offset`, for trouble that only knows its place. */
export function findPath(node: unknown, offset: number): PropertyKey[] {
  const isBefore = (other: unknown): boolean => (startOf(other) ?? Infinity) <= offset;
  if (isMap(node)) {
    const pair = node.items.findLast(({ key }) => isBefore(key));
    if (pair === undefined) return [];
    return [isScalar(pair.key) ? String(pair.key.value) : '?', ...findPath(pair.value, offset)];
  }
  if (isSeq(node)) {
    const index = node.items.findLastIndex(isBefore);
    return index < 0 ? [] : [index, ...findPath(node.items[index], offset)];
  }
  return [];
}

/** The key directly above the one that `path` leads to, where it has no value. */
export function findEmptyKeyAbove(document: Document, path: readonly PropertyKey[]): string | undefined {
  const parent = document.getIn(path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const above = parent.items[parent.items.findIndex(({ key }) => isScalar(key) && key.value === path.at(-1)) - 1];
  return above && isScalar(above.key) && isScalar(above.value) && above.value.value === null ? String(above.key.value) : undefined;
}

export function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
