// One role for each function, with what that function calls and nothing else: its log, the parameters that its settings refer to, the
// key, Lambda (lambda-rights.cjs), its queue and the ledger (ledger-rights.cjs). test/deploy/rights.test.ts has the whole as a table.
const LAMBDA_RIGHTS = require('./lambda-rights.cjs');
const given = require('./given.cjs');
const readLedgerStatements = require('./ledger-statements.cjs');

const FOR_LAMBDA = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }] };
/** Where Lambda leaves what a function could not do to the end; it does so in the function's name. */
const QUEUE_OF = { slack: 'FailedInvocations', cleanup: 'FailedInvocations', events: 'FailedInvocations', kill: 'KillDeadLetters', warn: 'WarnDeadLetters' };
/** These have versions, and are called by their alias. */
const DURABLE = ['kill', 'warn'];

const allow = (Action, Resource, Condition) => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) });
const arn = (service, rest) => ({ 'Fn::Sub': `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${rest}` });
const logical = (name) => name.charAt(0).toUpperCase() + name.slice(1);

/** One statement for all functions on which the same actions are granted. What is judged by the execution has any version in it. */
function lambdaStatements(name, deployment) {
  const functionsOf = new Map();
  for (const [called, actions] of Object.entries(LAMBDA_RIGHTS[name])) {
    for (const action of actions) functionsOf.set(action, [...(functionsOf.get(action) ?? []), called]);
  }
  const qualifier = (action, called) => (!DURABLE.includes(called) ? '' : action === 'InvokeFunction' ? ':durable' : ':*');
  return [...functionsOf].map(([action, called]) => allow(`lambda:${action}`, called.map((each) => arn('lambda', `function:${deployment}-${each}${qualifier(action, each)}`))));
}

/** The names of the parameters that an environment refers to. */
function parametersIn(environment) {
  const names = Object.values(environment).flatMap((value) => /^\s*ssm:(\/[^\s:]+)/.exec(value)?.[1] ?? []);
  return [...new Set(names)];
}

/** Lambda decrypts the environment and what executions write, DynamoDB the table, the parameter store its parameters: all in the function's name, and nobody else. */
function useKey(keyArn, readsParameters) {
  const services = ['lambda', 'dynamodb', ...(readsParameters ? ['ssm'] : [])].map((service) => ({ 'Fn::Sub': `${service}.\${AWS::Region}.\${AWS::URLSuffix}` }));
  return allow('kms:Decrypt', keyArn, { StringEquals: { 'kms:ViaService': services } });
}

module.exports = async (variables) => {
  const { resolveConfigurationProperty: read, resolveVariable } = variables;
  const deployment = `${await read(['service'])}-${await resolveVariable('sls:stage')}`;
  const ledgerStatements = await readLedgerStatements(variables);
  const { kmsKeyArn } = given();
  const Resources = {};
  for (const name of Object.keys(LAMBDA_RIGHTS)) {
    const parameters = parametersIn({ ...(await read(['provider', 'environment'])), ...(await read(['functions', name, 'environment'])) });
    const calls = [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], { 'Fn::GetAtt': [`${logical(name)}LogGroup`, 'Arn'] }),
      ...(parameters.length > 0 ? [allow('ssm:GetParameters', parameters.map((parameter) => arn('ssm', `parameter${parameter}`)))] : []),
      ...(kmsKeyArn ? [useKey(kmsKeyArn, parameters.length > 0)] : []),
      ...lambdaStatements(name, deployment),
      ...(QUEUE_OF[name] ? [allow('sqs:SendMessage', { 'Fn::GetAtt': [QUEUE_OF[name], 'Arn'] })] : []),
    ];
    const policy = (PolicyName, Statement) => ({ PolicyName, PolicyDocument: { Version: '2012-10-17', Statement } });
    Resources[`${logical(name)}Role`] = {
      Type: 'AWS::IAM::Role',
      Properties: { AssumeRolePolicyDocument: FOR_LAMBDA, Policies: [policy('calls', calls), policy('ledger', ledgerStatements[name])] },
    };
  }
  return { Resources };
};
