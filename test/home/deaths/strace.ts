import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { until } from '../../support/until.ts';

/** Whether the calls of another process can be watched here. https://man7.org/linux/man-pages/man1/strace.1.html */
export function canWatch(): boolean {
  return spawnSync('strace', ['-f', '-e', 'trace=none', 'true'], { stdio: 'ignore' }).status === 0;
}

/** Watches a process from now on: what it reads, writes and syncs. `end` gives its calls, a line each, in their order. */
export async function watchCalls(pid: number, file: string): Promise<{ end(): Promise<string[]> }> {
  const calls = 'trace=read,write,writev,sendto,sendmsg,pwrite64,fsync,fdatasync';
  const strace: ChildProcess = spawn('strace', ['-f', '-yy', '-s', '48', '-e', calls, '-o', file, '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr?.setEncoding('utf8').on('data', (text: string) => void (said += text));
  await until(() => said.includes('attached') || strace.exitCode !== null);
  return {
    async end() {
      const over = once(strace, 'close');
      strace.kill('SIGINT');
      await over;
      return readFileSync(file, 'utf8').split('\n');
    },
  };
}

/** An answer that went out: to which request, and whether all that was written to the WAL before it was on the disk by then. */
export type Answer = { request: string; status: number; wrote: boolean; isSynced: boolean };

const WAL_WRITE = /\bpwrite64\(\d+<[^>]*-wal>/;
const WAL_SYNC = /\b(?:fsync|fdatasync)\(\d+<[^>]*-wal>.*\) = 0/;
const REQUEST = /\bread\(\d+<(TCP[^>]*>?[^>]*)>, "((?:POST|GET) [^ ]+)/;
const ANSWER = /\b(?:write|writev|sendto|sendmsg)\(\d+<(TCP[^>]*>?[^>]*)>.*"HTTP\/1\.1 (\d{3})/;

/** Reads the answers out of the calls: a commit is a write to the WAL and the sync of it. */
export function answersIn(lines: readonly string[]): Answer[] {
  const answers: Answer[] = [];
  const open = new Map<string, { request: string; wrote: boolean }>();
  let isSynced = true;
  for (const line of lines) {
    if (WAL_WRITE.test(line)) {
      isSynced = false;
      for (const waiting of open.values()) waiting.wrote = true;
    }
    if (WAL_SYNC.test(line)) isSynced = true;
    const [, from, request] = REQUEST.exec(line) ?? [];
    if (from !== undefined && request !== undefined) open.set(from, { request, wrote: false });
    const [, to, status] = ANSWER.exec(line) ?? [];
    const asked = to === undefined ? undefined : open.get(to);
    if (to === undefined || asked === undefined) continue;
    open.delete(to);
    answers.push({ ...asked, status: Number(status), isSynced });
  }
  return answers;
}
