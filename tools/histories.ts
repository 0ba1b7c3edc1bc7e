// npm run histories: records an execution at each of its waits, for the workflow version of today. Exit code 0 if they were written.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WORKFLOW_VERSION } from '../lib/start/workflow-version.ts';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';

const HELP = `Usage: npm run histories

Plays executions up to each of their waits (asking, retrying, following, reporting, told, warned, kept) and writes what stands on
record then to test/fixtures/histories/<workflow version>. The tests let today's code go on from there: where it cannot, an open
execution could not either, and WORKFLOW_VERSION in lib/start/workflow-version.ts has to be raised.
Histories of a version that are there are never written over. When the version was raised, delete the folder of the one before.

Options:
  --help

Exit code: 0 they were written, 1 they were not.

Examples:
  npm run histories
`;

const ROOT = join(import.meta.dirname, '..');
const FOLDER = `test/fixtures/histories/${WORKFLOW_VERSION}`;

async function main(): Promise<number> {
  if (readArgs(process.argv.slice(2), { name: 'npm run histories', options: {} }) === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  if (existsSync(join(ROOT, FOLDER))) throw new WrongUsage(`${FOLDER} is there: executions of workflow version ${WORKFLOW_VERSION} may be open. Raise it in lib/start/workflow-version.ts first.`);
  const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', 'test/histories'];
  const child = spawn(process.execPath, jest, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, RECORD_HISTORIES: 'true' } });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? 0 : 1;
}

await runCommand(main);
