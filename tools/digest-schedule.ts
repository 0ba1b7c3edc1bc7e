import { readWeeklyTime } from '../lib/core/week.ts';
import type { Policy } from '../lib/policy/policy.ts';

/** What the schedule sends; Scheduler fills in the keyword. https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html */
const INPUT = { kind: 'scheduled-digest', scheduledTime: '<aws.scheduler.scheduled-time>' };
const CLEANUP_ARN = { 'Fn::GetAtt': ['CleanupLambdaFunction', 'Arn'] };
/** Where a digest is left that Scheduler could not hand over. */
const UNDELIVERED_ARN = { 'Fn::GetAtt': ['UndeliveredEvents', 'Arn'] };
const allow = (Action: string, Resource: object) => ({ Effect: 'Allow', Action, Resource });

/**
 * The resources that send the weekly digest at the policy's time, in its zone, and a role that may invoke functions/cleanup, leave
 * what it could not hand over in a queue, and nothing else; none where the policy has no `slack.digest`. `deployment` is `<service>-<stage>`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html
 */
export function digestResources({ slack: { digest } }: Pick<Policy, 'slack'>, deployment: string): Record<string, object> {
  if (digest === undefined) return {};
  const { day, hour, minute, zone } = readWeeklyTime(digest);
  return {
    DigestRole: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'scheduler.amazonaws.com' },
              Action: 'sts:AssumeRole',
              Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } }, // nobody else's schedule
            },
          ],
        },
        Policies: [
          {
            PolicyName: 'calls',
            PolicyDocument: { Version: '2012-10-17', Statement: [allow('lambda:InvokeFunction', CLEANUP_ARN), allow('sqs:SendMessage', UNDELIVERED_ARN)] },
          },
        ],
      },
    },
    DigestSchedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Name: `${deployment}-digest`,
        Description: 'The weekly digest, by slack.digest of the policy',
        ScheduleExpression: `cron(${minute} ${hour} ? * ${day.toUpperCase()} *)`,
        ScheduleExpressionTimezone: asListed(zone),
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {
          Arn: CLEANUP_ARN,
          RoleArn: { 'Fn::GetAtt': ['DigestRole', 'Arn'] },
          Input: JSON.stringify(INPUT),
          RetryPolicy: { MaximumEventAgeInSeconds: 900, MaximumRetryAttempts: 5 }, // a later one is skipped
          DeadLetterConfig: { Arn: UNDELIVERED_ARN },
        },
      },
    },
  };
}

/** Scheduler wants a zone in the letters of the tz database, and Node takes any. */
function asListed(zone: string): string {
  return Intl.supportedValuesOf('timeZone').find((listed) => listed.toLowerCase() === zone.toLowerCase()) ?? zone;
}
