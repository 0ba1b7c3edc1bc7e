// The statements of the roles about the ledger's table, for each function, out of serverless/ledger-rights.cjs.
const RIGHTS = require('./ledger-rights.cjs');

// What lib/ledger/dynamodb.ts sends for each call; IAM judges the puts of a batch by PutItem too.
const ACTIONS = {
  claim: ['UpdateItem', 'GetItem'],
  release: ['DeleteItem'],
  take: ['GetItem', 'UpdateItem'],
  put: ['BatchWriteItem', 'PutItem', 'GetItem'],
  get: ['BatchGetItem'],
  list: ['Query'],
};

/**
 * One statement for all actions with the same partitions. All partitions of an action have to stand in one: a batch that goes
 * across them is allowed only where one statement allows all of it.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
function toStatements(rights, table) {
  const partitionsOf = new Map();
  for (const [partition, calls] of Object.entries(rights)) {
    for (const action of calls.flatMap((call) => ACTIONS[call])) partitionsOf.set(action, (partitionsOf.get(action) ?? new Set()).add(partition));
  }
  const statements = new Map();
  for (const [action, partitions] of partitionsOf) {
    const keys = [...partitions].sort();
    const statement = statements.get(keys.join()) ?? {
      Effect: 'Allow',
      Action: [],
      Resource: { 'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:\${AWS::Region}:\${AWS::AccountId}:table/${table}` },
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
    };
    statement.Action.push(`dynamodb:${action}`);
    statements.set(keys.join(), statement);
  }
  return [...statements.values()];
}

module.exports = async ({ resolveConfigurationProperty }) => {
  const table = await resolveConfigurationProperty(['provider', 'environment', 'LEDGER_TABLE']);
  return Object.fromEntries(Object.entries(RIGHTS).map(([name, rights]) => [name, toStatements(rights, table)]));
};
module.exports.ACTIONS = ACTIONS;
