/** One start of a request: the request's name, which its repeats share, and the number of the start, 1 for the first. */
export type StartId = { name: string; start: number };

/** Under which start a request claims what is one for each request: all rounds of a warning, and its kill, as its first round. */
export function claimsAs(id: StartId, { warning }: { warning?: { first: StartId } | undefined }): StartId {
  return warning?.first ?? id;
}

/** The name of a start's execution. */
export function executionName({ name, start }: StartId): string {
  return start === 1 ? name : `${name}-${start}`;
}

/** `alerts-live-<hash>-3` is the third start of `alerts-live-<hash>`. */
export function startIn(executionName: string): StartId {
  const [, name, start] = /^(.*?-[0-9a-f]{32})-(\d+)$/.exec(executionName) ?? [];
  return name === undefined ? { name: executionName, start: 1 } : { name, start: Number(start) };
}
