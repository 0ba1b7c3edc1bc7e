import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What other commands have to know of a running local start: where its simulated Slack is, and who is who in its policy. */
export type RunningStart = { simulatorUrl: string; policyFile: string; team?: string | undefined; channel?: string | undefined; person?: string | undefined };

const fileOf = (port: string): string => `build/local-start-${port}.json`;

/** Leaves word of the start on `port`; what is returned takes it back. */
export function noteStart(port: string, start: RunningStart): () => void {
  const file = fileOf(port);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(start));
  return () => rmSync(file, { force: true });
}

/** The start on `port`; undefined where there is none. One that was killed is still noted: its simulator answers nothing. */
export function findStart(port: string): RunningStart | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(port), 'utf8')) as RunningStart;
  } catch {
    return undefined;
  }
}
