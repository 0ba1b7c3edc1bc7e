import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { isFullSize } from '../support/full-size.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { Key, Ledger } from '../../lib/ledger/port.ts';
import { openDynalite } from './dynalite.ts';
import { createModel } from './model.ts';

const NOW = 1_795_867_200_000; // 2026-11-28T12:00:00Z

let dynalite: Awaited<ReturnType<typeof openDynalite>>;
beforeAll(async () => {
  dynalite = await openDynalite();
});
afterAll(() => dynalite.close());

// Few of everything, close together, so that they meet. Moments go back too: calls come late.
const moment = fc.integer({ min: 0, max: 12 }).map((ms) => NOW + ms);
const until = fc.integer({ min: -2, max: 12 }).map((ms) => NOW + ms);
const owner = fc.constantFrom('a', 'b', 'c');
const start = fc.integer({ min: 1, max: 3 });
const rest = fc.constantFrom('1', '1', '2', '3');
const value = fc.constantFrom(undefined, null, 'v', { w: [1] });

const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ call: fc.constant('claim' as const), rest, owner, start, until, value, now: moment }) },
  { weight: 2, arbitrary: fc.record({ call: fc.constant('release' as const), rest, owner, start }) },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('take' as const), owner, most: fc.integer({ min: 1, max: 2 }), windowMs: fc.integer({ min: 1, max: 6 }), now: moment }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('put' as const), entries: fc.array(fc.record({ rest, until, value }), { maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('get' as const), rests: fc.array(rest, { maxLength: 4 }), now: moment }) },
  {
    weight: 2,
    arbitrary: fc.record({
      call: fc.constant('list' as const), most: fc.integer({ min: 1, max: 3 }), newestFirst: fc.boolean(), now: moment,
      since: fc.option(rest, { nil: undefined }), after: fc.option(fc.constantFrom('0', '1', '2', '25', '3'), { nil: undefined }),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function act(ledger: Ledger, partition: string, did: Action): Promise<unknown> {
  const at = (place: string): Key => ({ partition, rest: place });
  switch (did.call) {
    case 'claim':
      return ledger.claim(at(did.rest), did, { now: did.now });
    case 'release':
      return ledger.release(at(did.rest), did.owner, did.start);
    case 'take':
      return ledger.take({ partition: `${partition}/places`, rest: 'x' }, did.owner, did, { now: did.now });
    case 'put':
      return ledger.put(did.entries.map((entry) => ({ ...entry, key: at(entry.rest) })));
    case 'get':
      return ledger.get(did.rests.map(at), { now: did.now });
    case 'list':
      return ledger.list(partition, did);
    default:
      return did satisfies never;
  }
}

it('whatever several owners do in whatever order, SQLite and dynalite answer as the model', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 40 }), async (actions) => {
      const partition = `run/${++runs}`;
      const model = createModel();
      const store = memoryStore();
      const sqlite = createSqliteLedger(store);
      for (const did of actions) {
        const expected = structuredClone(await act(model, partition, did));
        expect(await act(sqlite, partition, did)).toEqual(expected);
        expect(await act(dynalite.ledger, partition, did)).toEqual(expected);
      }
      store.close();
    }),
    { numRuns: isFullSize ? 300 : 100 },
  );
}, 120_000);
