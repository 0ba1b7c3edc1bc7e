import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from '@jest/globals';
import { createEngine } from '../../../home/engine/engine.ts';
import { createForgetOver } from '../../../home/ledger/forget-over.ts';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { createStore } from '../../../home/store/store.ts';
import { virtualClock } from '../../local/clock.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z
const DAY_MS = 86_400_000;

describe('what nobody reads any more', () => {
  it('goes from the ledger a day after it was over, a batch at a time, and nothing else does', async () => {
    const store = createStore(new DatabaseSync(':memory:'));
    const ledger = createSqliteLedger(store);
    const put = (rest: string, until: number) => ledger.put([{ key: { partition: 'day', rest }, value: rest, until }]);
    for (const number of [1, 2, 3]) await put(`over-${number}`, NOW - DAY_MS - number);
    await put('just-over', NOW - DAY_MS);
    await put('stands', NOW + 1);
    const forget = createForgetOver(store);
    expect([await forget(NOW, 2), await forget(NOW, 2), await forget(NOW, 2)]).toEqual([2, 1, 0]);
    expect(store.database.prepare('SELECT sk FROM ledger ORDER BY sk').all().map(({ sk }) => sk)).toEqual(['just-over', 'stands']);
    store.close();
  });

  it('goes from the engine with its name, once it was told; what is open stays', async () => {
    const store = createStore(new DatabaseSync(':memory:'));
    const clock = virtualClock(NOW);
    let ids = 0;
    const engine = createEngine({ store, clock, createId: () => `id-${++ids}`, version: '1' });
    engine.register('run', { handler: async (event: { InitialExecutionState: unknown }) => (event ? { Status: 'SUCCEEDED', Result: '1' } : undefined), lifeSec: 3_600 });
    engine.register('hang', { handler: async () => new Promise(() => undefined), lifeSec: 3_600 });
    await engine.resume();
    await engine.start('run', 'over', '{}').written;
    await engine.start('hang', 'open', '{}').written;
    while (engine.byName('over')?.status === 'RUNNING') await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await engine.forgetEnded(NOW, 10)).toBe(0);
    expect(await engine.forgetEnded(NOW + 1, 10)).toBe(1);
    expect(engine.all().map(({ name }) => name)).toEqual(['open']);
    expect(engine.start('run', 'over', '{"new":1}').started).toBe(true);
    engine.close();
  });
});
