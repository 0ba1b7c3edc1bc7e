import { expect, it } from '@jest/globals';
import { openLater } from '../../lib/ledger/open-later.ts';
import type { Ledger } from '../../lib/ledger/port.ts';

it('a ledger that is opened later is opened once, by its first call, and hands each call on as it is', async () => {
  let opened = 0;
  const called = (name: string) => async (...given: unknown[]) => [name, ...given];
  const names = ['claim', 'release', 'take', 'put', 'get', 'list'] as const;
  const ledger = openLater(async () => {
    opened++;
    return Object.fromEntries(names.map((name) => [name, called(name)])) as unknown as Ledger;
  });
  expect(opened).toBe(0);
  for (const name of names) expect(await (ledger[name] as (...given: unknown[]) => Promise<unknown>)(1, 2, 3, 4)).toEqual([name, 1, 2, 3, 4]);
  expect(opened).toBe(1);
});
