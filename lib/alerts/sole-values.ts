/** Labels out of pairs. A name that stands there with two different values gets none: nobody can say which is meant. */
export function soleValues(pairs: readonly (readonly [string, string])[]): Record<string, string> {
  const values = new Map<string, Set<string>>();
  for (const [name, value] of pairs) values.set(name, (values.get(name) ?? new Set()).add(value));
  return Object.fromEntries([...values].flatMap(([name, [value, ...others]]) => (value === undefined || others.length > 0 ? [] : [[name, value]])));
}
