import { describe, expect, it } from '@jest/globals';
import { checkEnvironments, checkPackaging, durableRegionHint } from '../../tools/packaging-settings.ts';

const REGION = 'eu-west-1';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';
const problem = (env: Record<string, string>, region = REGION): string => {
  try {
    checkPackaging(env, region);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('what only a deployment reads', () => {
  it('may be left out, or empty', () => {
    expect(problem({})).toBe('');
    expect(problem({ KMS_KEY_ARN: '', KILL_CONCURRENCY: '', CLEANUP_ALARM_HOURS: '', LEDGER_TABLE: '' })).toBe('');
  });

  it('is taken as it may be given', () => {
    expect(problem({
      KMS_KEY_ARN: KEY, ALARM_TOPIC_ARN: 'arn:aws:sns:us-east-1:123456789012:operators', CLOUDWATCH_TOPIC_ARN: 'arn:aws:sns:eu-west-1:210987654321:alarms', CLEANUP_ENABLED: 'true', SOURCE_MAPS: 'false',
      CLEANUP_SCHEDULE: 'cron(0 6 ? * MON-FRI *)', CLEANUP_ALARM_HOURS: '168', KILL_CONCURRENCY: 'none', REFUSED_CALLERS_ALARM: '5', LEDGER_TABLE: 'Shared.ledger_1',
    })).toBe('');
    for (const CLEANUP_SCHEDULE of ['rate(1 hour)', 'rate(15 minutes)', 'rate(2 days)']) expect(problem({ CLEANUP_SCHEDULE })).toBe('');
  });

  it.each([
    ['KMS_KEY_ARN', 'arn:aws:kms:eu-west-1:123456789012:alias/killswitch', 'is an alias; give the key itself'],
    ['KMS_KEY_ARN', 'alias/killswitch', 'is an alias; give the key itself'],
    ['KMS_KEY_ARN', '0f1e2d3c-0000-4000-8000-000000000001', 'has to be the ARN of a KMS key'],
    ['KMS_KEY_ARN', KEY.replace('eu-west-1', 'us-east-1'), 'is in us-east-1; it has to be in the region of the deployment, eu-west-1'],
    ['CLOUDWATCH_TOPIC_ARN', 'arn:aws:sns:us-east-1:123456789012:alarms', 'is in us-east-1; it has to be in the region of the deployment, eu-west-1'],
    ['ALARM_TOPIC_ARN', 'operators', 'has to be the ARN of an SNS topic'],
    ['CLEANUP_ALARM_HOURS', '169', 'has to be a whole number of hours from 1 to 168'],
    ['CLEANUP_ALARM_HOURS', '0', 'has to be a whole number of hours from 1 to 168'],
    ['CLEANUP_ALARM_HOURS', '1.5', 'has to be a whole number of hours from 1 to 168'],
    ['KILL_CONCURRENCY', '0', 'has to be a whole number from 1 to 1000, or none: with 0 nothing could be killed'],
    ['KILL_CONCURRENCY', 'many', 'has to be a whole number from 1 to 1000, or none'],
    ['REFUSED_CALLERS_ALARM', '-1', 'has to be a whole number from 1 on'],
    ['CLEANUP_ENABLED', 'yes', 'has to be true or false'],
    ['CLOUDWATCH_EVENTS_ENABLED', 'on', 'has to be true or false'],
    ['SOURCE_MAPS', '1', 'has to be true or false'],
    ['CLEANUP_SCHEDULE', '0 * * * *', 'has to be rate(…) or cron(…) as EventBridge has them'],
    ['CLEANUP_SCHEDULE', 'rate(1 hours)', 'has to be rate(…) or cron(…) as EventBridge has them'],
    ['LEDGER_TABLE', 'a b', 'has to be the name of a DynamoDB table'],
  ])('%s=%s is refused by its name', (name, value, why) => {
    expect(problem({ [name]: value })).toContain(`${name}: ${why}`);
  });

  it('is refused all at once', () => {
    expect(problem({ KILL_CONCURRENCY: '0', CLEANUP_ENABLED: 'maybe' })).toMatch(/CLEANUP_ENABLED: .*KILL_CONCURRENCY: |KILL_CONCURRENCY: .*CLEANUP_ENABLED: /s);
  });
});

describe('the region', () => {
  it.each([['ap-southeast-6', 'ap-southeast-6 has no HTTP APIs'], ['us-iso-east-1', 'us-iso-east-1 has no Lambda durable functions'], ['ireland', 'ireland is no region of AWS']])('%s is refused', (region, why) => {
    expect(problem({}, region)).toContain(`--region: ${why}`);
  });

  it('that may have no durable functions is let through with a word: nobody has a whole list', () => {
    expect(problem({}, 'eu-north-1')).toBe('');
    expect(durableRegionHint('eu-north-1')).toMatch(/^--region: see that eu-north-1 has Lambda durable functions/);
    expect(durableRegionHint(REGION)).toBeUndefined();
  });
});

describe("a function's environment", () => {
  const of = (bytes: number) => ({ A: 'x', ALERT_TOKENS: 'y'.repeat(bytes - JSON.stringify({ A: 'x', ALERT_TOKENS: '' }).length) });

  it('may have 4,096 bytes', () => {
    checkEnvironments({ alerts: of(4_096), kill: {} });
  });

  it('of one more is refused, by its longest value, once, without showing it', () => {
    const check = () => checkEnvironments({ alerts: of(4_097), api: of(5_000) });
    expect(check).toThrow('ALERT_TOKENS: is too long: with it the environment of alerts has 4097 bytes, and Lambda takes 4096; put the value into a parameter and write ssm:/name');
    expect(check).not.toThrow(/yyyy/);
  });
});
