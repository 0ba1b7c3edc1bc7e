// The ledger's table: what must be remembered between runs (docs/ledger.md). LEDGER_TABLE given at packaging: that table is used,
// and none is made. Keys and `tilSec` as lib/ledger writes them.
const given = require('./given.cjs');
const readTable = require('./ledger-table.cjs');

module.exports = async (variables) => {
  if (process.env.LEDGER_TABLE) return {};
  const { kmsKeyArn } = given();
  const LedgerTable = {
    Type: 'AWS::DynamoDB::Table',
    // Kept on `remove`, and when LEDGER_TABLE takes its place. Only a first deployment that fails takes it away again: the next
    // one would find it in its way.
    DeletionPolicy: 'RetainExceptOnCreate',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      TableName: await readTable(variables),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
      TimeToLiveSpecification: { AttributeName: 'tilSec', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      ...(kmsKeyArn && { SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: kmsKeyArn } }),
    },
  };
  return { Resources: { LedgerTable } };
};
