import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { ask, nextMessage } from './ask.ts';

const COLD = join(import.meta.dirname, 'cold.mjs');
const WARM = join(import.meta.dirname, 'warm.mjs');
const NOTE_LOADS = join(import.meta.dirname, 'note-loads.mjs');

/** A handler's file with what it is run with. */
export type Runnable = { file: string; env: Record<string, string> };

/** Times in ms since the process began, except `loadMs`, the import alone, and `cpuMs`, all that it used. `startedAt` is epoch ms. */
export type ColdStart = {
  loadMs: number;
  loadedMs: number;
  answeredMs: number;
  cpuMs: number;
  startedAt: number;
  status: number | string;
  body: string;
  loaded: { file: string; bytes: number }[];
};

/** One cold start: loads it in a process of its own and calls it with `event`, where there is one. Rejects where that ends without a word. */
export async function startCold({ file, env }: Runnable, event?: object, { notesLoads = false } = {}): Promise<ColdStart> {
  const args = [...(notesLoads ? ['--import', NOTE_LOADS] : []), COLD, file, ...(event ? [JSON.stringify(event)] : [])];
  const child = spawn(process.execPath, args, { cwd: dirname(file), env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  const [said, complaint, [code]] = await Promise.all([text(child.stdio[3] as Readable), text(child.stdio[2] as Readable), once(child, 'close') as Promise<[number | null]>]);
  // A stack of minified code begins with all of it.
  if (said === '') throw new Error(`${file} ended with ${code} before it answered: …${complaint.slice(-1_000)}`);
  return JSON.parse(said) as ColdStart;
}

type Answer = { statusCode?: number; body?: string } & Record<string, unknown>;

/** A series of calls, one after the other: wall time, CPU time, and the most memory that the process had until now. */
export type Series = { tookMs: number; cpuMs: number; peakMiB: number; answers: (Answer | undefined)[] };

export type Warm = { call(events: readonly unknown[]): Promise<Series>; stop(): void };

/** A process that stays, with the handler in it. */
export async function startWarm({ file, env }: Runnable): Promise<Warm> {
  const child: ChildProcess = fork(WARM, [file], { cwd: dirname(file), env, execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  await nextMessage(child);
  return { call: (events) => ask<Series>(child, { events }), stop: () => child.disconnect() };
}
