/** A job by its MRS id, or by the YARN application id of itself or its launcher. */
export type JobId = { by: 'mrs-id'; id: string } | { by: 'yarn-id'; id: string };

/** How a job was named: by an id or by its name. */
export type JobRef = JobId | { by: 'name'; name: string };

const MRS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const YARN_IDS = /application_\d{1,19}_\d{1,10}(?!\d)/g;

/** Reads an id exactly as it stands; undefined where it is neither an MRS id (UUID) nor a YARN id. For paths of our own API. */
export function parseJobId(text: string): JobId | undefined {
  if (MRS_ID.test(text)) return { by: 'mrs-id', id: text };
  return yarnIdsIn(text)[0] === text ? { by: 'yarn-id', id: text } : undefined;
}

/**
 * Reads what a person or an alert calls a job: an MRS id, a YARN id (also inside a URL or a metric name such as
 * `application_1564622673393_0007_driver_heap`), else a name. Undefined for empty text.
 */
export function parseJobRef(text: string): JobRef | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const id = parseJobId(trimmed);
  if (id) return id;
  const [yarnId] = yarnIdsIn(trimmed);
  return yarnId === undefined ? { by: 'name', name: trimmed } : { by: 'yarn-id', id: yarnId };
}

/** Every YARN id that stands somewhere in a text, as often as it stands there. */
export function yarnIdsIn(text: string): string[] {
  return text.match(YARN_IDS) ?? [];
}

/** The YARN id that stands somewhere in the texts; undefined where there is none, or two to choose from. */
export function soleYarnIdIn(texts: readonly string[]): string | undefined {
  const [id, ...others] = new Set(texts.flatMap(yarnIdsIn));
  return others.length === 0 ? id : undefined;
}

/** The reference as its giver wrote it. */
export function jobRefText(ref: JobRef): string {
  return ref.by === 'name' ? ref.name : ref.id;
}
