import { execFile } from 'node:child_process';

/** What npm said; `code` is its exit code. */
export type NpmEnd = { code: number; stdout: string; stderr: string };

/** Runs npm in `cwd`. Rejects where it cannot be run at all. */
export function runNpm(args: readonly string[], cwd: string): Promise<NpmEnd> {
  return new Promise((resolve, reject) => {
    execFile('npm', args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve({ code: error === null ? 0 : (error.code as number), stdout, stderr });
    });
  });
}
