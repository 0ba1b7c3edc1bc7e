// node test/home/run/play-container.ts: the Containerfile's steps by hand, in an empty folder, as far as they need no container: what
// is copied, the packages without the development's, and the program by its command line. Takes the npm registry and half a minute.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { tmpdir } from 'node:os';
import { readContainerfile, readCopy } from './containerfile.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'container-'));

function play(name: string, rest: string): void {
  const run = (program: string, args: string[]): string => execFileSync(program, args, { cwd: folder, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder } });
  if (name === 'COPY') {
    const { sources, to } = readCopy(rest);
    const isInto = to.endsWith('/');
    for (const source of sources) cpSync(join(ROOT, source), isInto ? join(folder, to, basename(source)) : join(folder, to), { recursive: true });
  }
  if (name === 'RUN' && rest.startsWith('npm ')) run('sh', ['-c', rest]);
  if (name === 'CMD') process.stdout.write(run(process.execPath, [...(JSON.parse(rest) as string[]).slice(1), '--help']));
}

try {
  for (const { name, rest } of readContainerfile()) {
    console.log(`${name} ${rest}`);
    play(name, rest);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
