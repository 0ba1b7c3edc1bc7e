import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { ROOT } from '../serve/process.ts';
import { playUpgrade } from './play.ts';
import { copyTree, moveSteps, type Tree } from './trees.ts';
import { WAITS } from './waits.ts';

jest.setTimeout(180_000);

let changed: Tree;
beforeAll(() => moveSteps((changed = copyTree())));
afterAll(() => changed.remove());

it('a home with another workflow goes on with what asks, follows and warns (npm run upgrade: with every wait)', async () => {
  const waits = WAITS.filter(({ name }) => ['asking, and somebody says yes', 'following', 'warned, and killed now'].includes(name));
  const { trouble, begunAnew } = await playUpgrade(waits, { before: ROOT, after: changed.path, how: 'SIGKILL' });
  expect({ trouble, begunAnew }).toEqual({ trouble: [], begunAnew: 3 });
});
