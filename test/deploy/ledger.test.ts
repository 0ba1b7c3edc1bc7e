import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { describeAtFullSize } from '../support/full-size.ts';
import { isLike, LEDGER_RIGHTS, type LedgerCall } from '../stage/ledger-rights.ts';
import { type Packaged, packageCopy } from './package-copy.ts';
import { propertiesOf, resourcesOfType, statementsOf } from './template.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';
const FUNCTIONS = Object.keys(LEDGER_RIGHTS);
const { ACTIONS } = createRequire(import.meta.url)('../../serverless/ledger-statements.cjs') as { ACTIONS: Record<LedgerCall, string[]> };
const logical = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** With a table of its own, and with one that is given. */
let own: Packaged;
let given: Packaged;

beforeAll(async () => {
  const [one, other] = await Promise.allSettled([packageCopy('prod', { KMS_KEY_ARN: KEY, LEDGER_TABLE: '' }), packageCopy('prod', { LEDGER_TABLE: 'Shared.ledger_1' })]);
  if (one.status === 'fulfilled') own = one.value;
  if (other.status === 'fulfilled') given = other.value;
  for (const result of [one, other]) if (result.status === 'rejected') throw result.reason;
}, 240_000);

afterAll(() => {
  own?.remove();
  given?.remove();
});

const tableOf = ({ template }: Packaged, name: string): unknown =>
  (propertiesOf(template, `${logical(name)}LambdaFunction`)['Environment'] as { Variables: Record<string, string> }).Variables['LEDGER_TABLE'];

/** What a role may do in DynamoDB, as IAM reads it: the partitions of each action, and each has to stand in one statement. */
function leadingKeysOf({ template }: Packaged, name: string, table: string): Record<string, string[]> {
  const ours = statementsOf(propertiesOf(template, `${logical(name)}Role`)).filter(({ Action }) => [Action].flat().some((action) => action.startsWith('dynamodb:')));
  const keys: Record<string, string[]> = {};
  for (const { Effect, Action, Resource, Condition } of ours) {
    expect([Effect, Resource]).toEqual(['Allow', `arn:aws:dynamodb:eu-west-1:123456789012:table/${table}`]);
    expect(Object.keys(Condition ?? {})).toEqual(['ForAllValues:StringLike']);
    for (const action of [Action].flat()) {
      expect(keys).not.toHaveProperty([action]);
      keys[action] = (Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? []).toSorted();
    }
  }
  return keys;
}

describeAtFullSize('the table', () => {
  it('is made as the ledger writes it: on demand, recoverable, encrypted by the key that is given, emptied by time', () => {
    expect(propertiesOf(own.template, 'LedgerTable')).toEqual({
      TableName: 'mrs-killswitch-prod-ledger',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
      TimeToLiveSpecification: { AttributeName: 'tilSec', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
    });
  });

  it('is kept when the deployment is removed', () => {
    const { Resources } = JSON.parse(own.templateText) as { Resources: Record<string, { DeletionPolicy?: string; UpdateReplacePolicy?: string }> };
    expect(Resources['LedgerTable']).toMatchObject({ DeletionPolicy: expect.stringMatching(/^Retain/), UpdateReplacePolicy: 'Retain' });
  });

  it('is known to every function by its name', () => {
    for (const name of FUNCTIONS) expect(tableOf(own, name)).toBe('mrs-killswitch-prod-ledger');
  });

  it('given by LEDGER_TABLE, it is used and none is made', () => {
    expect(resourcesOfType(given.template, 'AWS::DynamoDB::Table')).toEqual([]);
    for (const name of FUNCTIONS) expect(tableOf(given, name)).toBe('Shared.ledger_1');
  });
});

describeAtFullSize('rights in the table', () => {
  it.each(FUNCTIONS)('%s has what the table of rights says, and nothing else', (name) => {
    const wanted: Record<string, string[]> = {};
    for (const [partition, calls] of Object.entries(LEDGER_RIGHTS[name] ?? {})) {
      for (const action of new Set(calls.flatMap((call) => ACTIONS[call]))) (wanted[`dynamodb:${action}`] ??= []).push(partition);
    }
    const sorted = Object.fromEntries(Object.entries(wanted).map(([action, partitions]) => [action, partitions.toSorted()]));
    expect(leadingKeysOf(own, name, 'mrs-killswitch-prod-ledger')).toEqual(sorted);
    expect(leadingKeysOf(given, name, 'Shared.ledger_1')).toEqual(sorted);
  });

  it('nobody may scan, or touch the table itself', () => {
    const actions = FUNCTIONS.flatMap((name) => Object.keys(leadingKeysOf(own, name, 'mrs-killswitch-prod-ledger')));
    expect(new Set(actions)).toEqual(new Set(Object.values(ACTIONS).flat().map((action) => `dynamodb:${action}`)));
  });

  it('one batch may go across everything that a run leaves as it ends', () => {
    const batch = leadingKeysOf(own, 'api', 'mrs-killswitch-prod-ledger')['dynamodb:BatchWriteItem'] ?? [];
    for (const partition of ['run/api-live-0', 'start/api-live-0', 'day/2026-11-28', 'job/0', 'rule/x']) expect(batch.some((pattern) => isLike(pattern, partition))).toBe(true);
  });
});
