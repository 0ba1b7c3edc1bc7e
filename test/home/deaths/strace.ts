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
      return wholeCalls(readFileSync(file, 'utf8').split('\n'));
    },
  };
}

/** A call that another thread's came into stands in two parts: as one, where it ended. */
function wholeCalls(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [, unfinished, of] = /^((\d+) .*?) *<unfinished \.\.\.>$/.exec(line) ?? [];
    if (unfinished !== undefined && of !== undefined) {
      begun.set(of, unfinished);
      return [];
    }
    const [, by = '', rest] = /^(\d+) +<\.\.\. \w+ resumed>(.*)$/.exec(line) ?? [];
    return [rest === undefined ? line : `${begun.get(by) ?? by}${rest}`];
  });
}

/** From now on each write of a process to these files fails, as on a disk that was mounted anew for reading only; what it returns ends that. */
export async function makeReadOnly(pid: number, files: readonly string[]): Promise<() => Promise<void>> {
  const strace: ChildProcess = spawn('strace', ['-f', ...files.flatMap((file) => ['-P', file]), '-e', 'trace=pwrite64,ftruncate', '-e', 'inject=pwrite64,ftruncate:error=EROFS', '-o', '/dev/null', '-p', String(pid)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  strace.stderr?.setEncoding('utf8').on('data', (text: string) => void (said += text));
  await until(() => said.includes('attached') || strace.exitCode !== null);
  return async () => {
    const over = once(strace, 'close');
    strace.kill('SIGINT');
    await over;
  };
}

/** Something that was asked for and answered: whether anything was written to the WAL in between, and all of it on the disk by the answer. */
export type Exchange = { asked: string; answered: string; wrote: boolean; isSynced: boolean };

const WAL_WRITE = /\bpwrite64\(\d+<[^>]*-wal>/;
const WAL_SYNC = /\b(?:fsync|fdatasync)\(\d+<[^>]*-wal>.*\) += 0/; // what was resumed is padded
const READ = String.raw`\bread\(\d+<(TCP[^>]*>?[^>]*)>, `;
const WRITE = String.raw`\b(?:write|writev|sendto|sendmsg)\(\d+<(TCP[^>]*>?[^>]*)>.*?`;

/** Requests and their answers: `POST /alerts/generic` and `202`. */
export function answersIn(lines: readonly string[]): Exchange[] {
  return exchangesIn(lines, new RegExp(String.raw`${READ}"((?:POST|GET) [^ ]+)`), new RegExp(String.raw`${WRITE}"HTTP\/1\.1 (\d{3})`));
}

/** Envelopes of Socket Mode and their acknowledgements: the next frame on the same connection, masked as clients' are. https://www.rfc-editor.org/rfc/rfc6455#section-5.2 */
export function acknowledgementsIn(lines: readonly string[]): Exchange[] {
  return exchangesIn(lines, new RegExp(String.raw`${READ}"\\201.*?\{\\"(envelope)_id`), new RegExp(String.raw`${WRITE}"(\\201)`));
}

/** Reads them out of the calls, by the connection that both patterns begin with: a commit is a write to the WAL and the sync of it. */
function exchangesIn(lines: readonly string[], isAsked: RegExp, isAnswered: RegExp): Exchange[] {
  const exchanges: Exchange[] = [];
  const open = new Map<string, { asked: string; wrote: boolean }>();
  let isSynced = true;
  for (const line of lines) {
    if (WAL_WRITE.test(line)) {
      isSynced = false;
      for (const waiting of open.values()) waiting.wrote = true;
    }
    if (WAL_SYNC.test(line)) isSynced = true;
    const [, from, asked] = isAsked.exec(line) ?? [];
    if (from !== undefined && asked !== undefined) open.set(from, { asked, wrote: false });
    const [, to, answered] = isAnswered.exec(line) ?? [];
    const waiting = to === undefined ? undefined : open.get(to);
    if (to === undefined || waiting === undefined || answered === undefined) continue;
    open.delete(to);
    exchanges.push({ ...waiting, answered, isSynced });
  }
  return exchanges;
}
