import type { DynamoCall } from './dynamodb-call.ts';
import { N, readItem, type Row, S, toKey, toSeconds } from './dynamodb-item.ts';
import type { Call, Key } from './port.ts';

type Table = { call: DynamoCall; table: string };

/** A condition of the language, and what its placeholders stand for. */
export type Condition = { text: string; values: Record<string, unknown> };

/** What a row is to hold; `text` is JSON. Whatever is left out is taken away, but for a text that is there and to be kept. */
export type RowFields = { until: number; owner?: string; start?: number; text: string | undefined; keepText?: boolean };

export type Written = { done: true; row: Row } | { done: false; stands: Row | undefined };

/** The row as it stands; undefined where there is none. Strongly consistent. */
export async function readRow({ call, table }: Table, key: Key, by: Call): Promise<Row | undefined> {
  const reply = await call('GetItem', { TableName: table, Key: toKey(key), ConsistentRead: true }, by);
  const item = reply.held ? reply.body['Item'] : undefined;
  return item === undefined ? undefined : readItem(item);
}

/**
 * Writes a row while `condition` holds; else says what stands in the way, for which it looks where the service does not tell.
 * An update and no put: a table with other keys takes a put, and would make one row of many.
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
 */
export async function writeRow({ call, table }: Table, key: Key, fields: RowFields, condition: Condition, by: Call): Promise<Written> {
  const { until, owner, start, text, keepText = false } = fields;
  const values: Record<string, unknown> = { ':til': N(until), ':tilSec': N(toSeconds(until)) };
  const sets = ['til = :til', 'tilSec = :tilSec'];
  const removes: string[] = [];
  const set = (name: string, value: unknown, to = `:${name}`): void => {
    values[`:${name}`] = value;
    sets.push(`${name} = ${to}`);
  };
  if (owner === undefined) removes.push('own');
  else set('own', S(owner));
  if (start === undefined) removes.push('nth');
  else set('nth', N(start));
  if (text !== undefined) set('val', S(text), keepText ? 'if_not_exists(val, :val)' : ':val');
  else if (!keepText) removes.push('val');

  const reply = await call('UpdateItem', {
    TableName: table,
    Key: toKey(key),
    UpdateExpression: `SET ${sets.join(', ')}${removes.length > 0 ? ` REMOVE ${removes.join(', ')}` : ''}`,
    ConditionExpression: condition.text,
    ExpressionAttributeValues: { ...values, ...condition.values },
    ReturnValues: 'ALL_NEW', // what stands after it: another start may have brought the value
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }, by);
  if (reply.held) return { done: true, row: readItem(reply.body['Attributes']) };
  return { done: false, stands: reply.item === undefined ? await readRow({ call, table }, key, by) : readItem(reply.item) };
}

/** Deletes a row while `condition` holds; no trouble where it does not. */
export async function deleteRow({ call, table }: Table, key: Key, condition: Condition, by: Call): Promise<void> {
  await call('DeleteItem', { TableName: table, Key: toKey(key), ConditionExpression: condition.text, ExpressionAttributeValues: condition.values }, by);
}
