/** The value of a JSON text; undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
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
