/** A job by its MRS id, or by the YARN application id of itself or its launcher. */
export type JobId = { by: 'mrs-id'; id: string } | { by: 'yarn-id'; id: string };

/** How a job was named: by an id or by its name. */
export type JobRef = JobId | { by: 'name'; name: string };

const MRS_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/**
 * All that YARN, MapReduce and Tez write of an application with its start (epoch ms) and its number: its own id, the id of its
 * MapReduce job, of an attempt at it, of one of its containers, of a task and an attempt at that, of a DAG and a vertex of it. What
 * is no word of YARN's own has 13 digits and a job's stands by itself: names of people are made like it (`etl_job_20260301_01`),
 * and Spark writes `attempt_20260301120000_0001_m_000000_0` of a stage.
 * https://hadoop.apache.org/docs/stable/hadoop-yarn/hadoop-yarn-site/ResourceManagerRest.html,
 * https://hadoop.apache.org/docs/stable/api/org/apache/hadoop/mapreduce/TaskAttemptID.html,
 * https://github.com/apache/tez/blob/master/tez-common/src/main/java/org/apache/tez/dag/records/TezTaskAttemptID.java
 */
const YARN_ID = [
  /application_(\d{1,19}_\d{1,10})(?!\d)/,
  /(?<![\w-])job_(\d{13}_\d{4,10})(?!\d)/,
  /(?<![a-z\d])appattempt_(\d{1,19}_\d{1,10})(?:_\d{1,10})?(?!\d)/,
  /(?<![a-z\d])container_(?:e\d{1,10}_)?(\d{1,19}_\d{1,10})_\d{1,10}_\d{1,19}(?!\d)/,
  /(?<![a-z\d])(?:task|attempt)_(\d{13}_\d{4,10})_(?:[mrsct]|\d{1,10}_\d{2,10})_\d{6,10}(?:_\d{1,10})?(?!\d)/,
  /(?<![a-z\d])dag_(\d{13}_\d{4,10})_\d{1,10}(?!\d)/,
  /(?<![a-z\d])vertex_(\d{13}_\d{4,10})_\d{1,10}_\d{2,10}(?!\d)/,
];
const YARN_IDS = new RegExp(YARN_ID.map(({ source }) => source).join('|'), 'g');

/**
 * Reads an id exactly as it stands; undefined where it is neither an MRS id (UUID) nor one of YARN's, of which the application's
 * comes out. For paths of our own API.
 */
export function parseJobId(text: string): JobId | undefined {
  if (MRS_ID.test(text)) return { by: 'mrs-id', id: text };
  const [first] = text.matchAll(YARN_IDS);
  return first?.[0] === text ? { by: 'yarn-id', id: applicationOf(first) } : undefined;
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

/** The YARN application of every id that stands somewhere in a text, as often as it stands there. */
export function yarnIdsIn(text: string): string[] {
  return [...text.matchAll(YARN_IDS)].map(applicationOf);
}

function applicationOf([, ...numbers]: RegExpExecArray): string {
  return `application_${numbers.find((number) => number !== undefined)}`;
}

/** The YARN id that stands somewhere in the texts; undefined where there is none, or two to choose from. */
export function soleYarnIdIn(texts: readonly string[]): string | undefined {
  const [id, ...others] = new Set(texts.flatMap(yarnIdsIn));
  return others.length === 0 ? id : undefined;
}

/** The reference as people are shown it: as its giver wrote it, or the application of another id of YARN's. */
export function jobRefText(ref: JobRef): string {
  return ref.by === 'name' ? ref.name : ref.id;
}
