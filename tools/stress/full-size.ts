import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Part } from './part.ts';

const ROOT = join(import.meta.dirname, '../..');

/** Plays the tests whole of which `npm test` plays a part. */
export const full: Part = {
  usage: '--full',
  options: { full: 'boolean' },
  help: { full: 'runs the tests that npm test plays a part of, whole (FULL=1)' },
  play: async () => testFullSize(),
};

/** The test files that `npm test` plays a part of, by their path in the checkout. */
export const filesWithFullSize = (): string[] =>
  globSync('test/**/*.test.ts', { cwd: ROOT }).filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('/support/full-size.ts')).toSorted();

/** Plays all of them whole, and says how it goes as jest does. Exit code: 0 all passed, 1 not. */
function testFullSize(): 0 | 1 {
  const { status } = spawnSync('npm', ['run', '-s', 'jest', '--', ...filesWithFullSize()], { cwd: ROOT, env: { ...process.env, FULL: '1' }, stdio: 'inherit' });
  return status === 0 ? 0 : 1;
}
