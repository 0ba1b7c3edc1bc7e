import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';

/** An operation as it stood on record, without its times; `dueInSec` is what was left of its delay. */
export type RecordedOperation = {
  Id: string;
  ParentId?: string;
  Name?: string;
  Type: 'STEP' | 'WAIT' | 'CALLBACK';
  SubType?: string;
  Status: 'STARTED' | 'PENDING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT';
  Result?: string;
  Error?: { ErrorType?: string; ErrorMessage?: string };
  dueInSec?: number;
};

/** An execution at one of its waits. `input` is its start payload, JSON text. */
export type History = { functionName: string; name: string; input: string; operations: RecordedOperation[] };

/** What a folder of histories was recorded with. */
export type Manifest = { sdk: string };

const ROOT = join(import.meta.dirname, '../fixtures/histories');
const PACKAGE = join(import.meta.dirname, '../../package.json');
const OF_TODAY = join(ROOT, WORKFLOW_VERSION);

/** The versions of the workflow that have histories. */
export function versions(): string[] {
  return readdirSync(ROOT);
}

/** The SDK that the product is shipped with. */
export function sdkOfToday(): string {
  const { dependencies } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { dependencies: Record<string, string> };
  return dependencies['@aws/durable-execution-sdk-js'] ?? '';
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(OF_TODAY, 'manifest.json'), 'utf8')) as Manifest;
}

/** The history of today's version at that wait. */
export function readHistory(wait: string): History {
  return JSON.parse(readFileSync(join(OF_TODAY, `${wait}.json`), 'utf8')) as History;
}

/** Writes the histories of today's version. Throws (EEXIST) where it has some: what is in the world stays as it is. */
export function writeHistories(histories: ReadonlyMap<string, History>): void {
  mkdirSync(ROOT, { recursive: true });
  mkdirSync(OF_TODAY);
  const write = (name: string, content: unknown): void => writeFileSync(join(OF_TODAY, `${name}.json`), `${JSON.stringify(content, undefined, 2)}\n`);
  for (const [wait, history] of histories) write(wait, history);
  write('manifest', { sdk: sdkOfToday() } satisfies Manifest);
}
