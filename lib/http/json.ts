/** The value of a JSON text, or of its bytes in UTF-8; undefined where it is neither JSON nor, as bytes, UTF-8. */
export function parseJson(json: string | Buffer): unknown {
  try {
    // Not toString: bytes that are no UTF-8 would all become the same letter, and two ids one.
    return JSON.parse(typeof json === 'string' ? json : new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch {
    return undefined;
  }
}

/** The fields of a value; undefined where it is no object. */
export function fieldsOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

/** The fields of a JSON text; none where it is no JSON, or no object. For answers whose fields are looked at one by one. */
export function parseJsonObject(text: string): Record<string, unknown> {
  return fieldsOf(parseJson(text)) ?? {};
}
