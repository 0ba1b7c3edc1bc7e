import { copyFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { watchPlace } from '../../../home/store/watch-place.ts';
import { until } from '../../support/until.ts';

it('a store that is moved away, or replaced by a backup, is told once; one that is written is not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'moved-'));
  const path = join(folder, 'store.sqlite');
  writeFileSync(path, 'one');
  let moved = 0;
  const stop = watchPlace(path, () => void (moved += 1), 5);
  writeFileSync(path, 'written again');
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(moved).toBe(0);
  renameSync(path, `${path}.old`);
  copyFileSync(`${path}.old`, path);
  await until(() => moved > 0);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(moved).toBe(1);
  stop();
  rmSync(folder, { recursive: true });
});
