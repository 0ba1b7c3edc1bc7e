// What the signatures of Huawei Cloud and of AWS have in common: how parts of a request are written before they are signed.

/** The query sorted by name, then by value, each pair with its `=`; '' where there is none. */
export function canonicalQuery(url: URL): string {
  return [...url.searchParams]
    .toSorted(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue))
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .join('&');
}

/** One line for each header, sorted by name in lower case, values trimmed, with a newline after the last one too. */
export function canonicalHeaders(headers: Record<string, string>): string {
  return sortHeaders(headers).map(([name, value]) => `${name}:${value.trim()}\n`).join('');
}

/** The names of the signed headers: `content-type;host;x-sdk-date`. */
export function signedHeaders(headers: Record<string, string>): string {
  return sortHeaders(headers).map(([name]) => name).join(';');
}

function sortHeaders(headers: Record<string, string>): [string, string][] {
  return Object.entries(headers)
    .map(([name, value]): [string, string] => [name.toLowerCase(), value])
    .toSorted(([name], [other]) => compare(name, other));
}

/** By code units, as the gateway sorts; localeCompare would follow the language. */
function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Everything but `A-Za-z0-9-_.~`, in upper-case hex; encodeURIComponent leaves five more characters as they are. */
export function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
