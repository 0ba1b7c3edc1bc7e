import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import type { Send } from '../../lib/http/send.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import * as keys from '../../lib/ledger/keys.ts';
import type { Key, Ledger } from '../../lib/ledger/port.ts';
import { connect, createTable, type Dynalite, startDynalite } from '../ledger/dynalite.ts';
import { watchLedger } from '../stage/watched-ledger.ts';
import { isGranted, isLike, LEDGER_RIGHTS, type LedgerCall } from '../stage/ledger-rights.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
const UNTIL = NOW + 60_000;
const CALLS: LedgerCall[] = ['claim', 'release', 'take', 'put', 'get', 'list'];
const { ACTIONS } = createRequire(import.meta.url)('../../serverless/ledger-statements.cjs') as { ACTIONS: Record<LedgerCall, string[]> };

/** A partition of each kind that lib/ledger/keys.ts has. */
const NAME = 'alerts-live-0123456789abcdef';
const RULE = { name: 'stale-notebooks' };
const PARTITIONS = [
  keys.runPartition(NAME), keys.startPartition(NAME), keys.doorKey(NAME).partition, keys.dayPartition(NOW), keys.jobPartition('etl'),
  keys.rulePartition(RULE), keys.placesKey.partition, keys.pickKey('0a', 'c', false).partition, keys.namePartition('c', 'etl'), keys.noPartition(RULE),
  keys.warnPartition(RULE), keys.keptPartition, keys.keptUsedPartition(RULE), keys.livesPartition, keys.resolvedKey('0a').partition, keys.switchKey.partition, keys.toldKey('x', '12').partition,
];

/** Each call of the port once, on one key. */
const DO: Record<LedgerCall, (ledger: Ledger, key: Key) => Promise<unknown>> = {
  claim: (ledger, key) => ledger.claim(key, { owner: 'a', start: 1, until: UNTIL }, { now: NOW }),
  release: (ledger, key) => ledger.release(key, 'a', 1),
  take: (ledger, key) => ledger.take(key, 'a', { most: 1, windowMs: 1_000 }, { now: NOW }),
  put: (ledger, key) => ledger.put([{ key, value: 1, until: UNTIL }]),
  get: (ledger, key) => ledger.get([key], { now: NOW }),
  list: (ledger, { partition }) => ledger.list(partition, { now: NOW, most: 1 }),
};

describe('the table behind the roles', () => {
  it('names every function, and calls of the port only', () => {
    expect(Object.keys(LEDGER_RIGHTS).toSorted()).toEqual(['alerts', 'api', 'cleanup', 'events', 'kill', 'slack', 'warn']);
    expect(Object.values(LEDGER_RIGHTS).flatMap((rights) => Object.values(rights).flat()).filter((call) => !CALLS.includes(call))).toEqual([]);
  });

  it('knows every kind of partition that the keys have, and no other', () => {
    const kinds = Object.keys(LEDGER_RIGHTS['kill'] ?? {});
    for (const partition of PARTITIONS) expect(kinds.filter((kind) => isLike(kind, partition))).toHaveLength(1);
    for (const kind of kinds) expect(PARTITIONS.filter((partition) => isLike(kind, partition))).toHaveLength(1);
    for (const pattern of Object.values(LEDGER_RIGHTS).flatMap((rights) => Object.keys(rights))) {
      expect(pattern).toMatch(/^[a-z]+(?:\/(?:[a-z]+-)?\*)?$/);
      expect(kinds.filter((kind) => isLike(kind, pattern.replace('*', 'x')))).toHaveLength(1);
    }
  });

  it.each<[string, LedgerCall, string, boolean]>([
    ['kill', 'take', 'places', true],
    ['kill', 'claim', `start/end-${NAME}`, true],
    ['kill', 'get', 'test/x', false],
    ['api', 'put', 'run/api-live-0', true],
    ['api', 'list', 'run/api-live-0', false],
    ['api', 'put', `run/${NAME}`, false],
    ['api', 'take', 'places', false],
    ['slack', 'claim', `start/${NAME}`, true],
    ['slack', 'claim', 'start/api-live-0', false],
    ['slack', 'put', `start/${NAME}`, false],
    ['alerts', 'list', `start/${NAME}`, true],
    ['alerts', 'list', 'start/slack-live-0', false],
    ['alerts', 'get', 'places', true],
    ['alerts', 'get', 'places-of-somebody', false],
    ['alerts', 'claim', 'pick/=0123/c', false],
    ['events', 'list', 'run/slack-live-0', true],
    ['cleanup', 'claim', 'no/stale-notebooks', false],
    ['warn', 'claim', 'warn/stale-notebooks', true],
    ['warn', 'put', 'kept', true],
    ['warn', 'put', 'resolved/0a', false],
    ['warn', 'take', 'places', false],
    ['warn', 'claim', 'switch', false],
    ['cleanup', 'list', 'no/stale-notebooks', true],
  ])('%s %s %s: %s', (name, call, partition, isAllowed) => {
    expect(isGranted(name, call, partition)).toBe(isAllowed);
  });

  it('a function that there is not is a mistake of the test', () => {
    expect(() => isGranted('warm', 'get', 'switch')).toThrow('there is no function warm');
  });
});

describe('a watched ledger', () => {
  it('notes each call and every partition it goes to, and does what the ledger does', async () => {
    const ledger = watchLedger(createSqliteLedger(memoryStore()));
    const key = keys.noKey(RULE, 'j1', false);
    for (const call of CALLS) await DO[call](ledger, key);
    expect(ledger.calls).toEqual(CALLS.map((on) => ({ on, by: 'a test', partitions: ['no/stale-notebooks'] })));

    ledger.calls.length = 0;
    await ledger.put([keys.runJob(NAME), keys.switchKey].map((each) => ({ key: each, value: 'x', until: UNTIL })));
    expect(await ledger.get([keys.switchKey, keys.placesKey], { now: NOW })).toMatchObject([{ value: 'x' }, undefined]);
    expect(ledger.calls.map(({ on, partitions }) => [on, ...partitions])).toEqual([['put', `run/${NAME}`, 'switch'], ['get', 'switch', 'places']]);
  });

  it('throws where the role of the function that calls would not let it, whatever becomes of the call', async () => {
    const ledger = watchLedger(createSqliteLedger(memoryStore()));
    await expect(ledger.calledBy('api', () => DO.take(ledger, keys.placesKey))).rejects.toThrow('the role of api does not let it take places');
    await ledger.calledBy('kill', () => DO.take(ledger, keys.placesKey));
  });
});

describe('the actions of a call', () => {
  let server: Dynalite;
  beforeAll(async () => {
    server = await startDynalite();
    await createTable(connect(server.url));
  });
  afterAll(() => server.close());

  it.each(CALLS)('%s sends what it is granted, and is granted nothing else but what IAM wants besides', async (call) => {
    const connection = connect(server.url);
    const sent = new Set<string>();
    const send: Send = (http) => {
      sent.add((http.headers['x-amz-target'] ?? '').replace(/^.*\./, ''));
      return connection.send(http);
    };
    const key = { partition: `test/${call}`, rest: '-' };
    await DO[call](createDynamoLedger({ ...connection, send }), key);
    await createDynamoLedger(connection).claim(key, { owner: 'another', start: 1, until: UNTIL }, { now: NOW });
    await DO[call](createDynamoLedger({ ...connection, send }), key); // another's: it looks whose
    expect([...sent, ...(call === 'put' ? ['PutItem'] : [])].toSorted()).toEqual(ACTIONS[call].toSorted());
  });
});
