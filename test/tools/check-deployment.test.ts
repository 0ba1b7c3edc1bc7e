import { describe, expect, it } from '@jest/globals';
import { checkEnvironments, checkRegion, durableRegionHint } from '../../tools/osls/check-deployment.ts';

const REGION = 'eu-west-1';

describe('the region', () => {
  it.each([['ap-southeast-6', 'ap-southeast-6 has no HTTP APIs'], ['us-iso-east-1', 'us-iso-east-1 has no Lambda durable functions'], ['us-isob-east-1', 'us-isob-east-1 has no Lambda durable functions']])('%s is refused', (region, why) => {
    expect(() => checkRegion({}, region)).toThrow(`--region: ${why}`);
  });

  it('that may have no durable functions is let through with a word: nobody has a whole list', () => {
    expect(() => checkRegion({}, 'eu-north-1')).not.toThrow();
    expect(durableRegionHint('eu-north-1')).toMatch(/^--region: see that eu-north-1 has Lambda durable functions/);
    expect(durableRegionHint(REGION)).toBeUndefined();
  });

  it.each([
    ['KMS_KEY_ARN', 'arn:aws:kms:us-east-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001'],
    ['CLOUDWATCH_TOPIC_ARN', 'arn:aws:sns:us-east-1:123456789012:alarms'],
  ])('of %s has to be the same', (name, value) => {
    expect(() => checkRegion({ [name]: value }, REGION)).toThrow(`${name}: is in us-east-1; it has to be in the region of the deployment, eu-west-1`);
    expect(() => checkRegion({ [name]: value.replace('us-east-1', REGION) }, REGION)).not.toThrow();
    expect(() => checkRegion({ [name]: '' }, REGION)).not.toThrow();
  });
});

describe("a function's environment", () => {
  const of = (bytes: number) => ({ A: 'x', ALERT_TOKENS: 'y'.repeat(bytes - JSON.stringify({ A: 'x', ALERT_TOKENS: '' }).length) });

  it('may have 4,096 bytes', () => {
    expect(() => checkEnvironments({ alerts: of(4_096), kill: {} })).not.toThrow();
  });

  it('of one more is refused, by its longest value, once, without showing it', () => {
    const check = () => checkEnvironments({ alerts: of(4_097), api: of(5_000) });
    expect(check).toThrow('ALERT_TOKENS: is too long: with it the environment of alerts has 4097 bytes, and Lambda takes 4096; put the value into a parameter and write ssm:/name');
    expect(check).not.toThrow(/yyyy/);
  });
});
