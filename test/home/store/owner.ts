import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { until } from '../../support/until.ts';

export type Said = { owned?: number; waits?: string; refused?: string };
export type Owner = { process: ChildProcess; pid: number; said: () => Said[]; exit: Promise<unknown> };

const children: ChildProcess[] = [];
const folders: string[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'store-'));
  folders.push(folder);
  return folder;
}

/** Runs a script of this folder in a process of its own, which is ended after the test. */
export function startScript(script: string, args: string[]): Owner {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, script), ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const said = (): Said[] => output.split('\n').slice(0, -1).map((line) => JSON.parse(line) as Said);
  return { process: child, pid: child.pid ?? 0, said, exit: once(child, 'close') };
}

/** One that wants to own the store, once it has said something. */
export async function startOwner(file: string, ...flags: string[]): Promise<Owner> {
  const owner = startScript('own.ts', [file, ...flags]);
  await until(() => owner.said().length > 0);
  return owner;
}

/** All that lies in a folder, with its bytes: what a refusal must leave as it was. Of a lock its size: read here, it would be lost. */
export function picture(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(files.map((name) => {
    const stats = statSync(join(folder, name), { throwIfNoEntry: false });
    if (name.endsWith('.lock')) return [name, `${stats?.size} bytes`];
    return [name, stats?.isFile() ? readFileSync(join(folder, name)).toString('base64') : 'no file'];
  }));
}
