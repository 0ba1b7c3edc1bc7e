import * as z from 'zod/mini';
import { type DynamoCall, type DynamoConnection, pauseBefore, pauseMs } from './dynamodb-call.ts';
import { readItem, type Row, S, toItem, toKey } from './dynamodb-item.ts';
import { unreadable } from './entry-text.ts';
import { type Call, type Key, LedgerFailed } from './port.ts';

type Batch = Pick<DynamoConnection, 'clock' | 'table' | 'timeoutMs'> & { call: DynamoCall };

/**
 * Sends `round` until it leaves nothing over: what the service did not get to is sent again after a pause, before the
 * deadline, or for as long as one try may take.
 */
async function sendAll<T>({ clock, timeoutMs }: Batch, all: T[], { deadline, signal }: Call, round: (left: T[]) => Promise<T[]>): Promise<void> {
  const giveUpAt = deadline ?? clock.now() + timeoutMs;
  let left = await round(all);
  for (let tries = 1; left.length > 0; tries++) {
    const leftOver = new LedgerFailed('throttled', `DynamoDB throttles the ledger: ${left.length} of ${all.length} entries are left over`);
    await pauseBefore(clock, pauseMs(tries, clock.random()), giveUpAt, signal, leftOver);
    left = await round(left);
  }
}

/**
 * Up to 25 items, no key twice, each for itself.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
 */
export async function putItems(batch: Batch, items: { key: Key; until: number; text: string | undefined }[], call: Call): Promise<void> {
  const { table } = batch;
  const requests: unknown[] = items.map(({ key, until, text }) => ({ PutRequest: { Item: toItem(key, until, text) } }));
  await sendAll(batch, requests, call, async (left) => {
    const reply = await batch.call('BatchWriteItem', { RequestItems: { [table]: left } }, call);
    return read(z.object({ UnprocessedItems: z.optional(z.record(z.string(), z.array(z.unknown()))) }), reply).UnprocessedItems?.[table] ?? [];
  });
}

const GOT = z.object({
  Responses: z.record(z.string(), z.array(z.unknown())),
  UnprocessedKeys: z.optional(z.record(z.string(), z.object({ Keys: z.array(z.unknown()) }))),
});

/**
 * Up to 100 items, no key twice, in no order; strongly consistent.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export async function getItems(batch: Batch, keys: Key[], call: Call): Promise<Row[]> {
  const { table } = batch;
  const rows: Row[] = [];
  await sendAll<unknown>(batch, keys.map(toKey), call, async (left) => {
    const reply = await batch.call('BatchGetItem', { RequestItems: { [table]: { ConsistentRead: true, Keys: left } } }, call);
    const { Responses, UnprocessedKeys } = read(GOT, reply);
    rows.push(...(Responses[table] ?? []).map(readItem));
    return UnprocessedKeys?.[table]?.Keys ?? [];
  });
  return rows;
}

const QUERIED = z.object({ Items: z.array(z.unknown()), LastEvaluatedKey: z.optional(z.object({ sk: z.object({ S: z.string() }) })) });

/** Before every rest that a key may have. Asked for, so that a table with other keys is noticed. */
const LEAST_REST = '\u0001';

export type PageWish = { partition: string; newestFirst: boolean; since: string | undefined; limit: number; after: string | undefined };

/**
 * One page of a partition, what is over included, at most 1 MB; strongly consistent. `after` is where the next one begins.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
 */
export async function queryPage({ call: send, table }: Batch, wish: PageWish, call: Call): Promise<{ rows: Row[]; after: string | undefined }> {
  const { partition, newestFirst, since, limit, after } = wish;
  const reply = await send('Query', {
    TableName: table,
    ConsistentRead: true,
    ScanIndexForward: !newestFirst,
    Limit: limit,
    KeyConditionExpression: 'pk = :pk AND sk >= :since',
    ExpressionAttributeValues: { ':pk': S(partition), ':since': S(since ?? LEAST_REST) },
    ...(after === undefined ? {} : { ExclusiveStartKey: toKey({ partition, rest: after }) }),
  }, call);
  const { Items, LastEvaluatedKey } = read(QUERIED, reply);
  return { rows: Items.map(readItem), after: LastEvaluatedKey?.sk.S };
}

/** The fields of a reply. Throws LedgerFailed where it is JSON, but not DynamoDB's. */
function read<T>(schema: z.ZodMiniType<T>, reply: Awaited<ReturnType<DynamoCall>>): T {
  const fields = schema.safeParse(reply.held ? reply.body : undefined);
  if (!fields.success) throw unreadable();
  return fields.data;
}
