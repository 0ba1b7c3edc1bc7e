import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createGuard } from '../../lib/http/guard.ts';
import { createSend } from '../../lib/http/send.ts';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { type Call, type Key, type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { createFakeClock, type FakeClock } from '../http/fake-clock.ts';
import { connect, createTable, type Dynalite, SECRET_KEY, startDynalite, TABLE } from './dynalite.ts';
import { error, type Fault, type FaultFront, startFaultFront, throttled } from './fault-front.ts';

const NOON = '2026-11-28T12:00:00Z';
const NOW = Date.parse(NOON);
const LATER = NOW + 60_000;

let server: Dynalite;
let front: FaultFront;
let key: Key;
let tests = 0;

beforeAll(async () => {
  server = await startDynalite();
  front = await startFaultFront(server.url);
  await createTable(connect(server.url));
});
afterEach(() => front.reset());
afterAll(async () => {
  await front.close();
  await server.close();
});

/** A ledger behind the faults, on a clock that stands still but for its sleeps. */
function open({ timeoutMs = 5_000, clock = createFakeClock(NOON) }: { timeoutMs?: number; clock?: FakeClock } = {}) {
  key = { partition: `test/${++tests}`, rest: 'x' };
  return { clock, ledger: createDynamoLedger(connect(front.url, { clock, timeoutMs })) };
}

const VALUE = 'a-value-that-nobody-may-see';
type Act = (ledger: Ledger, by?: Call) => Promise<unknown>;

/** Each call, by the first request that it makes. */
const CALLS: [name: string, operation: string, act: Act][] = [
  ['claim', 'UpdateItem', (ledger, by) => ledger.claim(key, { owner: 'a', start: 1, until: LATER, value: VALUE }, { now: NOW, ...by })],
  ['release', 'DeleteItem', (ledger, by) => ledger.release(key, 'a', 1, by)],
  ['take', 'GetItem', (ledger, by) => ledger.take(key, 'a', { most: 1, windowMs: 1_000 }, { now: NOW, ...by })],
  ['take, as it writes', 'UpdateItem', (ledger, by) => ledger.take(key, 'a', { most: 1, windowMs: 1_000 }, { now: NOW, ...by })],
  ['put', 'BatchWriteItem', (ledger, by) => ledger.put([{ key, value: VALUE, until: LATER }], by)],
  ['get', 'BatchGetItem', (ledger, by) => ledger.get([key], { now: NOW, ...by })],
  ['list', 'Query', (ledger, by) => ledger.list(key.partition, { now: NOW, most: 5, ...by })],
];

const html: Fault = { answer: { status: 503, type: 'text/html', body: '<html><body>Service Unavailable</body></html>' } };
const TROUBLE: [what: string, fault: Fault, message: string][] = [
  ['HTML with a 5xx', html, 'DynamoDB answered HTTP 503, and nothing that can be read'],
  ['HTML with a 200', { answer: { status: 200, type: 'text/html', body: '<html>captive portal</html>' } }, 'DynamoDB answered HTTP 200, and nothing that can be read'],
  ['broken JSON', { answer: { status: 200, body: `{"Item":{"val":"${VALUE}` } }, 'DynamoDB answered HTTP 200, and nothing that can be read'],
  ['a list for an answer', { answer: { status: 200, body: '[]' } }, 'DynamoDB answered HTTP 200, and nothing that can be read'],
  ['an empty answer', { answer: { status: 200, body: '' } }, 'DynamoDB answered HTTP 200, and nothing that can be read'],
  ['a fault of the service', error(500, 'InternalServerError', VALUE), 'DynamoDB answered HTTP 500: InternalServerError'],
  ['a connection that is cut', { cut: true }, 'DynamoDB gave no answer: connection failed (UND_ERR_SOCKET)'],
  ['keys that have run out', error(400, 'ExpiredTokenException'), 'the AWS credentials have run out'],
];

async function failureOf(promise: Promise<unknown>): Promise<LedgerFailed> {
  const failure = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(failure).toBeInstanceOf(LedgerFailed);
  return failure as LedgerFailed;
}

describe.each(CALLS)('%s', (_name, operation, act) => {
  it.each(TROUBLE)('%s is trouble that may pass, after one try, and a call later all is well', async (_what, fault, message) => {
    const { ledger } = open();
    front.next(operation, fault);
    const failure = await failureOf(act(ledger, { deadline: NOW + 60_000 }));
    expect(failure).toMatchObject({ code: 'ledger_failed', retryable: true, trouble: 'unavailable', message });
    expect(front.seen.filter((request) => request.operation === operation)).toHaveLength(1);
    await act(ledger);
  });

  it.each(['before', 'after'] as const)('no answer in time is trouble that may pass, the effect %s it, and a call later all is well', async (silent) => {
    front.next(operation, { silent });
    expect(await failureOf(act(open({ timeoutMs: 300 }).ledger))).toMatchObject({ retryable: true, trouble: 'unavailable', message: 'DynamoDB gave no answer: timeout after 300 ms' });
    await act(open().ledger);
  });

  it('is throttled once, where no deadline was given', async () => {
    const { ledger, clock } = open();
    front.next(operation, throttled, throttled);
    expect(await failureOf(act(ledger))).toMatchObject({ retryable: true, trouble: 'throttled', message: 'DynamoDB throttles the ledger' });
    expect(clock.sleeps).toEqual([]);
  });

  it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])('goes on after %s within its deadline', async (code) => {
    const { ledger, clock } = open();
    front.next(operation, error(400, code), error(400, code), error(400, code));
    await act(ledger, { deadline: NOW + 10_000 });
    expect(clock.sleeps).toEqual([50, 100, 200]);
  });

  it('is throttled until the deadline, and no longer', async () => {
    const { ledger, clock } = open();
    front.next(operation, ...Array.from({ length: 20 }, () => throttled));
    expect(await failureOf(act(ledger, { deadline: NOW + 1_000 }))).toMatchObject({ trouble: 'throttled' });
    expect(clock.sleeps).toEqual([50, 100, 200, 400]);
  });

  it('does not ask when its time is up', async () => {
    const { ledger } = open();
    expect(await failureOf(act(ledger, { deadline: NOW }))).toMatchObject({ retryable: true, trouble: 'unavailable', message: 'DynamoDB was not asked: no time was left' });
    expect(front.seen).toEqual([]);
  });

  it.each([
    ['AccessDeniedException', 'give the role the right'],
    ['UnrecognizedClientException', 'check them, the AWS region'],
    ['InvalidSignatureException', 'the AWS region and the time of this machine'],
  ])('%s is for people to mend, and says how', async (code, words) => {
    const { ledger } = open();
    front.next(operation, error(400, code, `User arn:aws:iam::1:user/${VALUE}`));
    const failure = await failureOf(act(ledger, { deadline: LATER }));
    expect(failure.retryable).toBe(false);
    expect(failure.message).toContain(words);
  });

  it('a missing table is for people to mend: LEDGER_TABLE and the AWS region are named', async () => {
    open();
    const ledger = createDynamoLedger(connect(server.url, { table: 'no-such-table' }));
    expect(await failureOf(act(ledger))).toMatchObject({
      retryable: false,
      message: 'LEDGER_TABLE names no table in this AWS region: deploy it there, or correct LEDGER_TABLE or the region',
    });
  });

  it.each([
    ['no sort key', [['pk', 'S']]],
    ['a number for a sort key', [['pk', 'S'], ['sk', 'N']]],
    ['other names', [['id', 'S'], ['sk', 'S']]],
  ] as const)('a table with %s is for people to mend: LEDGER_TABLE is named', async (shape, keys) => {
    open();
    const connection = connect(server.url, { table: `shape-${shape.replaceAll(' ', '-')}` });
    await createTable(connection, { keys: keys.map(([name, type]) => [name, type]) });
    expect(await failureOf(act(createDynamoLedger(connection)))).toMatchObject({
      retryable: false,
      message: 'the table of LEDGER_TABLE has not the keys pk and sk, both strings: name one that the deployment made',
    });
  });

  it('trouble of no kind repeats a value, a key, the table or a secret, its causes included', async () => {
    const { ledger } = open();
    const faults = [...TROUBLE.map(([, fault]) => fault), throttled, error(400, 'ValidationException', VALUE), error(400, 'AccessDeniedException', `${VALUE} ${TABLE}`)];
    for (const fault of faults) {
      front.next(operation, fault);
      const failure = await failureOf(act(ledger));
      const said = [failure, failure.cause].map((one) => (one instanceof Error ? `${one.message} ${one.stack} ${JSON.stringify(one)}` : '')).join();
      for (const secret of [VALUE, SECRET_KEY, TABLE, key.partition]) expect(said).not.toContain(secret);
    }
  });
});

describe('what a call costs', () => {
  const operations = (): string[] => front.seen.map(({ operation }) => operation);
  /** As AWS answers a refused condition; the stand-in does not know it. */
  const bring = (item: object): Fault => ({ change: (body) => ({ ...body, Item: item }) });
  const item = (more: object) => ({ pk: { S: key.partition }, sk: { S: 'x' }, til: { N: `${LATER}` }, own: { S: 'a' }, nth: { N: '1' }, ...more });
  const claim = (ledger: Ledger, owner: string, more = {}) => ledger.claim(key, { owner, start: 1, until: LATER, ...more }, { now: NOW });

  it('a claim is one request where free, and where held if the service says by whom', async () => {
    const { ledger } = open();
    await claim(ledger, 'a');
    expect(operations()).toEqual(['UpdateItem']);
    expect(front.seen[0]?.body).toMatchObject({ ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
    front.next('UpdateItem', bring(item({})));
    expect(await claim(ledger, 'b')).toEqual({ mine: false, owner: 'a', until: LATER, value: undefined });
    expect(operations()).toEqual(['UpdateItem', 'UpdateItem']);
  });

  it('a claim that is ours is one request more where it grows, none where it does not', async () => {
    const { ledger } = open();
    await claim(ledger, 'a');
    front.next('UpdateItem', bring(item({})), bring(item({})));
    expect(await claim(ledger, 'a')).toMatchObject({ mine: true, until: LATER });
    expect(operations()).toEqual(['UpdateItem', 'UpdateItem']);
    expect(await claim(ledger, 'a', { until: LATER + 1 })).toMatchObject({ mine: true, until: LATER + 1 });
    expect(operations().slice(2)).toEqual(['UpdateItem', 'UpdateItem']);
  });

  it('a claim looks for itself where the service does not say what stands there', async () => {
    const { ledger } = open();
    await claim(ledger, 'a');
    await claim(ledger, 'b');
    expect(operations()).toEqual(['UpdateItem', 'UpdateItem', 'GetItem']);
  });

  it('a claim begins again where what stood in the way is gone, or has changed before it could grow', async () => {
    const { ledger } = open();
    await claim(ledger, 'a');
    front.next('GetItem', { change: () => ({}) });
    expect(await claim(ledger, 'b')).toMatchObject({ mine: false, owner: 'a' });
    front.reset();
    front.next('UpdateItem', { change: (body) => body }, error(400, 'ConditionalCheckFailedException'));
    expect(await claim(ledger, 'a', { start: 2 })).toMatchObject({ mine: true, start: 2 });
    expect(operations()).toEqual(['UpdateItem', 'GetItem', 'UpdateItem', 'GetItem', 'UpdateItem', 'GetItem', 'UpdateItem']);
  });

  it.each<[what: string, stands: { owner: string; start: number; until: number }]>([
    ['is of another by now', { owner: 'b', start: 1, until: LATER }],
    ['has another start by now', { owner: 'a', start: 3, until: LATER }],
    ['lasts longer by now', { owner: 'a', start: 1, until: LATER + 9 }],
  ])('a claim that %s does not grow from what stood there before', async (_what, stands) => {
    const { ledger } = open();
    await ledger.claim(key, stands, { now: NOW });
    front.next('UpdateItem', bring(item({})));
    await claim(ledger, 'a', { start: 2, until: LATER + 5 });
    const [entry] = await ledger.get([key], { now: NOW });
    expect(entry).toMatchObject(stands.owner === 'b' ? stands : { owner: 'a', start: Math.max(stands.start, 2), until: Math.max(stands.until, LATER + 5) });
    expect(operations()).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem', 'GetItem', 'UpdateItem', ...(stands.owner === 'b' ? ['GetItem'] : ['GetItem', 'UpdateItem']), 'BatchGetItem']);
  });

  it('whoever is overtaken again and again gives up at the deadline, for another time', async () => {
    const { ledger } = open();
    await claim(ledger, 'a');
    front.next('UpdateItem', ...Array.from({ length: 200 }, () => error(400, 'ConditionalCheckFailedException')));
    const late = ledger.claim(key, { owner: 'a', start: 2, until: LATER }, { now: NOW, deadline: NOW });
    expect(await failureOf(late)).toMatchObject({ retryable: true });
  });

  it('whoever is overtaken waits a little longer each time, and without a deadline for half a minute', async () => {
    const clock = createFakeClock(NOON, 1);
    const { ledger } = open({ clock });
    await claim(ledger, 'a');
    const overtaken = (rounds: number) => front.next('UpdateItem', ...Array.from({ length: 2 * rounds }, () => error(400, 'ConditionalCheckFailedException')));
    overtaken(12);
    expect(await claim(ledger, 'a', { start: 2 })).toMatchObject({ mine: true, start: 2 });
    expect(clock.sleeps).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50]);
    for (const [ms, waits] of [[29_994, true], [29_995, false]] as const) {
      overtaken(1);
      front.next('GetItem', { change: (body) => (clock.pass(ms), body) });
      const claimed = claim(ledger, 'a', { start: 3 + ms });
      if (waits) expect(await claimed).toMatchObject({ mine: true });
      else expect(await failureOf(claimed)).toMatchObject({ trouble: 'unavailable', message: 'others were faster at this key of the ledger until the time was up' });
    }
  });

  it('a place is two requests, a release, a put, a get and a list are one', async () => {
    const { ledger } = open();
    await ledger.take(key, 'a', { most: 1, windowMs: 1_000 }, { now: NOW });
    await ledger.release(key, 'a', 1);
    for (const value of [1, 2]) await ledger.put(Array.from({ length: 25 }, (_, n) => ({ key: { ...key, rest: `${n}` }, value, until: LATER })));
    await ledger.get([key, { ...key, rest: '1' }], { now: NOW });
    await ledger.list(key.partition, { now: NOW, most: 100 });
    expect(operations()).toEqual(['GetItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'BatchWriteItem', 'BatchGetItem', 'Query']);
  });

  it('a put that nothing was asked before looks at the table first, whose keys it would not notice', async () => {
    const { ledger } = open();
    for (const value of [1, 2]) await ledger.put([{ key, value, until: LATER }]);
    expect(operations()).toEqual(['GetItem', 'BatchWriteItem', 'BatchWriteItem']);
  });

  it('a list from the beginning asks from before every key: the service takes no empty one', async () => {
    const { ledger } = open();
    await ledger.list(key.partition, { now: NOW, most: 1 });
    expect(front.seen[0]?.body.ExpressionAttributeValues).toEqual({ ':pk': { S: key.partition }, ':since': { S: '\u0001' } });
  });

  it('every read is strongly consistent', async () => {
    const { ledger } = open();
    await ledger.take(key, 'a', { most: 1, windowMs: 1_000 }, { now: NOW });
    await ledger.get([key], { now: NOW });
    await ledger.list(key.partition, { now: NOW, most: 1 });
    const reads = front.seen.filter(({ operation }) => /Get|Query/.test(operation));
    expect(reads.map(({ body }) => body.ConsistentRead ?? body.RequestItems[TABLE].ConsistentRead)).toEqual([true, true, true]);
  });
});

describe('a batch', () => {
  const entries = () => Array.from({ length: 25 }, (_, n) => ({ key: { ...key, rest: `${n}` }, value: n, until: LATER }));
  /** The service did not get to the last few; they were not written. */
  const leaveOver = (count: number): Fault => ({
    answer: { status: 200, body: JSON.stringify({ UnprocessedItems: { [TABLE]: entries().slice(-count).map((entry) => ({ PutRequest: { Item: { pk: { S: key.partition }, sk: { S: entry.key.rest }, til: { N: `${LATER}` }, val: { S: `${entry.value}` } } } })) } }) },
  });

  it('of which something is left over is sent again, that alone, until all are written', async () => {
    const { ledger, clock } = open();
    front.next('BatchWriteItem', leaveOver(25), leaveOver(4), leaveOver(4));
    await ledger.put(entries());
    const sent = front.seen.filter(({ operation }) => operation === 'BatchWriteItem');
    expect(sent.map(({ body }) => body.RequestItems[TABLE].length)).toEqual([25, 25, 4, 4]);
    expect(clock.sleeps).toEqual([50, 100, 200]);
    const last = entries().slice(-4);
    expect(await ledger.get(last.map((entry) => entry.key), { now: NOW })).toEqual(last);
  });

  it('of which something is left over until the deadline is not done, and says how much', async () => {
    const { ledger } = open();
    front.next('BatchWriteItem', ...Array.from({ length: 20 }, () => leaveOver(3)));
    expect(await failureOf(ledger.put(entries(), { deadline: NOW + 1_000 }))).toMatchObject({
      trouble: 'throttled', retryable: true, message: 'DynamoDB throttles the ledger: 3 of 25 entries are left over',
    });
  });

  it('of a service that says nothing of what is left over is done, and a table that it says nothing of has nothing', async () => {
    const { ledger } = open();
    await ledger.put(entries());
    const keys = entries().map((entry) => entry.key);
    for (const more of [{}, { UnprocessedKeys: {} }]) {
      front.next('BatchGetItem', { change: ({ Responses }) => ({ Responses, ...more }) });
      expect(await ledger.get(keys, { now: NOW })).toEqual(entries());
    }
    front.next('BatchGetItem', { change: () => ({ Responses: {} }) });
    expect(await ledger.get([key], { now: NOW })).toEqual([undefined]);
    for (const more of [{}, { UnprocessedItems: {} }]) {
      front.next('BatchWriteItem', { change: () => more });
      await ledger.put(entries());
    }
    expect(front.seen.filter(({ operation }) => operation.startsWith('Batch'))).toHaveLength(6);
  });

  it('of reads is asked again for what is left over', async () => {
    const { ledger } = open();
    await ledger.put(entries());
    const keys = entries().map((entry) => entry.key);
    front.next('BatchGetItem', {
      change: ({ Responses }) => ({
        Responses: { [TABLE]: Responses[TABLE].slice(0, 10) },
        UnprocessedKeys: { [TABLE]: { Keys: Responses[TABLE].slice(10).map(({ pk, sk }: any) => ({ pk, sk })), ConsistentRead: true } },
      }),
    });
    expect(await ledger.get(keys, { now: NOW })).toEqual(entries());
  });
});

describe('the table', () => {
  it.each<[string, object]>([
    ['without its time', { pk: { S: 'p' }, sk: { S: 'x' } }],
    ['with a value that is no JSON', { pk: { S: 'p' }, sk: { S: 'x' }, til: { N: `${LATER}` }, val: { S: '{' } }],
    ['of other types', { pk: { S: 'p' }, sk: { S: 'x' }, til: { S: 'x' } }],
  ])('with an item in it %s is for people to look at', async (_, item) => {
    const { ledger } = open();
    front.next('Query', { answer: { status: 200, body: JSON.stringify({ Items: [item] }) } });
    expect(await failureOf(ledger.list('p', { now: NOW, most: 1 }))).toMatchObject({
      retryable: false, message: 'an entry of the ledger cannot be read: something else writes to its table',
    });
  });

  it.each<[operation: string, body: object, act: Act]>([
    ['Query', {}, (ledger) => ledger.list('p', { now: NOW, most: 1 })],
    ['BatchGetItem', {}, (ledger) => ledger.get([key], { now: NOW })],
    ['BatchGetItem', { Responses: { [TABLE]: [{}] } }, (ledger) => ledger.get([key], { now: NOW })],
    ['BatchWriteItem', { UnprocessedItems: [] }, (ledger) => ledger.put([{ key, value: 1, until: LATER }])],
    ['GetItem', { Item: {} }, (ledger) => ledger.take(key, 'a', { most: 1, windowMs: 1 }, { now: NOW })],
    ['UpdateItem', {}, (ledger) => ledger.claim(key, { owner: 'a', start: 1, until: LATER }, { now: NOW })],
  ])('whose %s is answered with %j is for people to look at', async (operation, body, act) => {
    const { ledger } = open();
    front.next(operation, { answer: { status: 200, body: JSON.stringify(body) } });
    expect(await failureOf(act(ledger))).toMatchObject({ trouble: 'refused', message: 'an entry of the ledger cannot be read: something else writes to its table' });
  });

  it('has each last moment in ms, and in seconds for the service to delete by, never before it', async () => {
    const { ledger } = open();
    await ledger.claim(key, { owner: 'a', start: 2, until: NOW + 1, value: [1] }, { now: NOW });
    await ledger.put([{ key: { ...key, rest: 'put' }, value: [2], until: NOW - 999 }]);
    const times = { til: { N: '1795867200001' }, tilSec: { N: '1795867201' } };
    expect(front.seen[0]?.body.ExpressionAttributeValues).toMatchObject({ ':til': times.til, ':tilSec': times.tilSec });
    expect(front.seen.at(-1)?.body.RequestItems[TABLE]).toEqual([
      { PutRequest: { Item: { pk: { S: key.partition }, sk: { S: 'put' }, til: { N: '1795867199001' }, tilSec: { N: '1795867200' }, val: { S: '[2]' } } } },
    ]);
  });
});

describe('the connection', () => {
  it('asks for the keys before each try, so that renewed ones are used', async () => {
    open();
    let asked = 0;
    const credentials = async () => ({ accessKeyId: `AKID${++asked}`, secretAccessKey: new Secret(SECRET_KEY) });
    const ledger = createDynamoLedger(connect(front.url, { clock: createFakeClock(NOON), credentials }));
    front.next('Query', throttled);
    await ledger.list(key.partition, { now: NOW, most: 1, deadline: LATER });
    expect(asked).toBe(2);
  });

  it('without keys is trouble that may pass, and nothing is sent', async () => {
    open();
    const ledger = createDynamoLedger(connect(front.url, { credentials: async () => Promise.reject(new Error('no provider')) }));
    const failure = await failureOf(ledger.get([key], { now: NOW }));
    expect(failure).toMatchObject({ retryable: true, trouble: 'unavailable', message: 'there are no AWS credentials for the ledger', cause: new Error('no provider') });
    expect(front.seen).toEqual([]);
  });

  it('to where the guard does not let it is for people to mend', async () => {
    open();
    const ledger = createDynamoLedger(connect(front.url, { send: createSend(createGuard(['https://dynamodb.eu-west-1.amazonaws.com'])) }));
    expect(await failureOf(ledger.get([key], { now: NOW }))).toMatchObject({ retryable: false, trouble: 'refused', message: "DynamoDB's endpoint is none that may be called: check the AWS region" });
  });

  it('ends with the signal of its caller', async () => {
    const { ledger } = open();
    front.next('Query', { silent: 'before' });
    const stop = new AbortController();
    const listing = failureOf(ledger.list(key.partition, { now: NOW, most: 1, signal: stop.signal }));
    stop.abort();
    expect(await listing).toMatchObject({ retryable: true });
  });
});
