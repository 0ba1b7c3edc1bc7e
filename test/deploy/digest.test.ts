import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeAtFullSize, isFullSize } from '../support/full-size.ts';
import { digestResources } from '../../tools/digest-schedule.ts';
import { type Packaged, packageCopy } from './package-copy.ts';
import { propertiesOf, resourcesOfType, rightsOf } from './template.ts';

const POLICY = `
dryRun: false
clusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3 } }
slack: { channel: C0123456789, team: T0123456789, digest: "mon 09:05 Europe/Berlin" }
`;

/** With a digest, and with cleanup switched off. */
let packaged: Packaged;
const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-digest-'));

beforeAll(async () => {
  if (!isFullSize) return;
  writeFileSync(join(folder, 'policy.yml'), POLICY);
  packaged = await packageCopy('prod', { POLICY_FILE: join(folder, 'policy.yml'), SLACK_BOT_TOKEN: 'ssm:/kill/bot', CLEANUP_ENABLED: 'false' });
}, 240_000);

afterAll(() => {
  packaged?.remove();
  rmSync(folder, { recursive: true });
});

describeAtFullSize('the schedule of the weekly digest', () => {
  it("is made of the policy's time, in its zone, also where cleanup is off", () => {
    expect(propertiesOf(packaged.template, 'DigestSchedule')).toEqual({
      Name: 'mrs-killswitch-prod-digest',
      Description: 'The weekly digest, by slack.digest of the policy',
      ScheduleExpression: 'cron(5 9 ? * MON *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'CleanupLambdaFunction.Arn',
        RoleArn: 'DigestRole.Arn',
        Input: '{"kind":"scheduled-digest","scheduledTime":"<aws.scheduler.scheduled-time>"}', // test/cleanup/digest.test.ts sends it
        RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 5 },
        DeadLetterConfig: { Arn: 'UndeliveredEvents.Arn' },
      },
    });
    const [[, cleanup] = ['', {}]] = resourcesOfType(packaged.template, 'AWS::Events::Rule').filter(([, { ScheduleExpression }]) => ScheduleExpression !== undefined);
    expect(cleanup['State']).toBe('DISABLED');
  });

  it('has a role that only Scheduler for this account can take, and that may invoke cleanup, leave what it cannot hand over, and nothing else', () => {
    const role = propertiesOf(packaged.template, 'DigestRole');
    expect(rightsOf(role)).toEqual(['lambda:InvokeFunction on CleanupLambdaFunction.Arn', 'sqs:SendMessage on UndeliveredEvents.Arn']);
    expect(role['AssumeRolePolicyDocument']).toEqual({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole', Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } } },
      ],
    });
  });

  it('calls the only function of that name', () => {
    expect(propertiesOf(packaged.template, 'CleanupLambdaFunction')).toMatchObject({ FunctionName: 'mrs-killswitch-prod-cleanup' });
  });
});

describe('made of a policy', () => {
  const resourcesFor = (digest?: string) => digestResources({ slack: { mayKill: [], mayApprove: [], ...(digest !== undefined && { digest }) } }, 'mrs-killswitch-prod');

  it('without a digest there is none', () => {
    expect(resourcesFor()).toEqual({});
  });

  it.each([
    ['sun 00:00 UTC', 'cron(0 0 ? * SUN *)', 'UTC'],
    ['fri 23:59 asia/shanghai', 'cron(59 23 ? * FRI *)', 'Asia/Shanghai'],
    ['wed 07:30 Asia/Kolkata', 'cron(30 7 ? * WED *)', 'Asia/Kolkata'],
  ])('%s is %s in %s', (digest, ScheduleExpression, ScheduleExpressionTimezone) => {
    expect(resourcesFor(digest)).toMatchObject({ DigestSchedule: { Properties: { ScheduleExpression, ScheduleExpressionTimezone } } });
  });
});
