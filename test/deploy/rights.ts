import { describe, expect, it } from '@jest/globals';
import { SECRETS_OF } from '../../lib/settings/secrets-of.ts';
import { LAMBDA_RIGHTS } from '../stage/lambda-rights.ts';
import type { Packaged } from './package-copy.ts';
import { FUNCTIONS, functionIn, logical, roleOf } from './packaged.ts';
import { resourcesOfType, rightsOf, statementsOf } from './template.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';
const lambda = (name: string): string => `arn:aws:lambda:eu-west-1:123456789012:function:mrs-killswitch-${name}`;

/** What the roles of a package grant, function by function; what they do in the ledger stands in ledger.test.ts. */
export function describeRights(full: () => Packaged, bare: () => Packaged): void {
  describe('rights', () => {
    it('each function has a role of its own, which only Lambda can take, and no other role is made', () => {
      for (const name of FUNCTIONS) {
        expect(functionIn(full(), name)['Role']).toBe(`${logical(name)}Role.Arn`);
        expect(roleOf(full(), name)['AssumeRolePolicyDocument']).toEqual({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        });
      }
      expect(resourcesOfType(full().template, 'AWS::IAM::Role')).toHaveLength(FUNCTIONS.length);
      expect(resourcesOfType(full().template, 'AWS::Scheduler::Schedule')).toEqual([]); // the policy has no digest
      expect(resourcesOfType(full().template, 'AWS::IAM::Policy')).toEqual([]);
    });

    it('no role takes actions or resources by a wildcard; the one star is the version of kill and of warn, which changes', () => {
      for (const [, role] of resourcesOfType(full().template, 'AWS::IAM::Role')) {
        expect(role['ManagedPolicyArns']).toBeUndefined();
        for (const { Effect, Action, Resource } of statementsOf(role)) {
          expect(Effect).toBe('Allow');
          expect([Action].flat().filter((action) => !/^[a-z]+:[A-Za-z]+$/.test(action))).toEqual([]);
          expect([Resource].flat().filter((resource) => resource.includes('*') && resource !== `${lambda('prod-kill')}:*` && resource !== `${lambda('prod-warn')}:*`)).toEqual([]);
        }
      }
    });

    const start = [`lambda:InvokeFunction on ${lambda('dev-kill')}:durable`, `lambda:InvokeFunction on ${lambda('dev-warn')}:durable`];
    const onBoth = (action: string): string[] => [`lambda:${action} on ${lambda('dev-kill')}:*`, `lambda:${action} on ${lambda('dev-warn')}:*`];
    const ownState = (name: string): string[] => ['CheckpointDurableExecution', 'GetDurableExecutionState', 'SendDurableExecutionCallbackSuccess'].map((action) => `lambda:${action} on ${lambda(`dev-${name}`)}:*`);
    const fail = 'sqs:SendMessage on FailedInvocations.Arn';
    it.each([
      ['api', []],
      ['slack', [...start, ...onBoth('SendDurableExecutionCallbackSuccess'), `lambda:InvokeFunction on ${lambda('dev-slack')}`, fail]],
      ['alerts', start],
      ['cleanup', [...start, fail]],
      ['events', [...start, ...onBoth('GetDurableExecution'), fail]],
      ['kill', [...start, ...ownState('kill'), 'sqs:SendMessage on KillDeadLetters.Arn']],
      ['warn', [...start, ...ownState('warn'), 'sqs:SendMessage on WarnDeadLetters.Arn']],
    ])('%s may write its own log, and exactly what it calls', (name, rights) => {
      const logGroup = `${logical(name)}LogGroup.Arn`;
      const own = [`logs:CreateLogStream on ${logGroup}`, `logs:PutLogEvents on ${logGroup}`];
      expect(rightsOf(roleOf(bare(), name)).filter((right) => !right.startsWith('dynamodb:'))).toEqual([...own, ...rights].toSorted());
    });

    it.each(FUNCTIONS)('%s has of Lambda what the table of rights says, which every call in the tests is held against', (name) => {
      const granted = rightsOf(roleOf(bare(), name)).flatMap((right) => {
        const [, action, called] = /^lambda:(\w+) on .*:function:mrs-killswitch-dev-(\w+)/.exec(right) ?? [];
        return action && called ? [`${called} ${action}`] : [];
      });
      expect(granted.toSorted()).toEqual(Object.entries(LAMBDA_RIGHTS[name] ?? {}).flatMap(([called, actions]) => actions.map((action) => `${called} ${action}`)).toSorted());
    });

    it.each(FUNCTIONS)('%s has the client of executions in its package where it may write their state, and only there', (name) => {
      const sources = Object.values(bare().outputsOf(name)).flatMap(({ inputs }) => Object.keys(inputs));
      const mayWrite = (LAMBDA_RIGHTS[name]?.[name] ?? []).includes('CheckpointDurableExecution');
      expect(sources.some((source) => source.endsWith('functions/aws/durable-client.ts'))).toBe(mayWrite);
    });

    it.each(FUNCTIONS)('%s may read the parameters of its own secrets, and use the key through the services that it calls, and nothing more of either', (name) => {
      const more = rightsOf(roleOf(full(), name)).filter((right) => /^(?:ssm|kms):/.test(right));
      const parameters = [...SECRETS_OF[name], 'paused'].map((parameter) => `ssm:GetParameters on arn:aws:ssm:eu-west-1:123456789012:parameter/kill/${parameter}`);
      expect(more).toEqual([`kms:Decrypt on ${KEY}`, ...parameters].toSorted());
      const [useKey] = statementsOf(roleOf(full(), name)).filter(({ Action }) => Action === 'kms:Decrypt');
      expect(useKey?.Condition).toEqual({ StringEquals: { 'kms:ViaService': ['lambda', 'dynamodb', 'ssm'].map((service) => `${service}.eu-west-1.amazonaws.com`) } });
    });
  });
}
