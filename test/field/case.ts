import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../fixtures/field');

/** A value in which placeholders may stand. */
export type Template = unknown;

/** One thing that happens. */
export type Step =
  /** A delivery to /alerts/{post}, with the proof of that source: a body, or bytes as a front hands them over. */
  | { post: string; body?: Template; raw?: string; asText?: boolean; newline?: boolean }
  /** A signed notification. `id`: two with the same are one notification that SMN sends again. */
  | { smn: { subject: Template; message: Template; id?: string } }
  | { smnRaw: string; asText?: boolean }
  | { slackRaw: string; path: string; asText?: boolean }
  | { invoke: 'events' | 'cleanup'; event: Template }
  | { slash: Template; user?: string }
  /** A click on a button of the newest card that has it. */
  | { press: string; user?: string }
  | { rest: Template; raw?: string; asText?: boolean; method?: string }
  | { addJob: JobTemplate & { as: string } }
  /** What becomes of the job without us. */
  | { endJob: string; result: 'SUCCEEDED' | 'FAILED' | 'KILLED' }
  /** Settings that change meanwhile. */
  | { set: Record<string, string> }
  /** Seconds. */
  | { wait: number }
  /** At the same moment. */
  | { all: Step[] };

/** MRS's own names; ages in seconds, `started_ago: 0` has not started. */
export type JobTemplate = { cluster?: string; started_ago?: number; submitted_ago?: number; [field: string]: unknown };

/** What has to come of it. What is left out is not looked at. */
export type Right = {
  /** Kill requests by job. */
  kills?: Record<string, number>;
  /** Kill requests in all. */
  total?: number;
  /** Patterns over the answers in order, as `202 accepted,refused(target)` or `400 what is wrong`; null takes any. */
  answers?: (string | null)[];
  /** Patterns over all that was ever said in Slack. */
  notes?: string[];
  /** Patterns that nothing in Slack ever fits. */
  unsaid?: string[];
  /** Messages that still have a button. */
  cards?: number;
  /** Messages that ever had a button. */
  asked?: number;
};

/** A case of the field, as test/fixtures/field/README.md describes it. */
export type FieldCase = {
  file: string;
  title: string;
  /** The case of which this one is a sibling. */
  of?: string;
  guard?: boolean;
  rules?: object[];
  cleanup?: object[];
  /** More of the policy. */
  policy_more?: Record<string, unknown>;
  env?: Record<string, string>;
  jobs: Record<string, JobTemplate>;
  steps: Step[];
  /** Seconds from the last step until it is judged. */
  settle?: number;
  /** Patterns over the warnings of the log. */
  logs?: string[];
  right: Right;
};

/** The cases of the field, or their siblings, by file name. */
export function readCases(folder = ''): FieldCase[] {
  const files = globSync('*.json', { cwd: join(FOLDER, folder) }).toSorted();
  return files.map((file) => ({ file: basename(file, '.json'), ...(JSON.parse(readFileSync(join(FOLDER, folder, file), 'utf8')) as Omit<FieldCase, 'file'>) }));
}
