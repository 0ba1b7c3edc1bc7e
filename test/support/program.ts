import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** A server of Prometheus's family that runs on loopback. */
export type Program = {
  url: string;
  /** What it logged. */
  log: string[];
  stop(): Promise<void>;
};

/** The full path of a program on the PATH; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Starts a program that says on standard error which port of loopback it took. Throws, with its log, where it does not. */
export async function startProgram(program: string, args: string[]): Promise<Program> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const log: string[] = [];
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(late);
    process.off('exit', killAtExit);
  };
  try {
    return { url: await readAddress(child, log), log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function readAddress(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`${child.spawnfile} did not start:\n${log.join('\n')}`));
    child.once('error', reject);
    child.once('close', fail);
    if (child.stderr === null) return fail();
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}
