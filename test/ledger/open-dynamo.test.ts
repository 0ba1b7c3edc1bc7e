import { describe, expect, it } from '@jest/globals';
import { connectDynamo } from '../../functions/aws/dynamo-ledger.ts';
import { systemClock } from '../../functions/aws/process.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';

const connect = (env: Record<string, string>) => connectDynamo(env, systemClock, 'ledger');

describe('where a deployed function finds its table', () => {
  it.each([
    ['eu-west-1', 'https://dynamodb.eu-west-1.amazonaws.com/'],
    ['cn-north-1', 'https://dynamodb.cn-north-1.amazonaws.com.cn/'],
  ])('in %s', (region, url) => {
    expect(connect({ AWS_REGION: region, AWS_ENDPOINT_URL_DYNAMODB: '' }).endpoint.href).toBe(url);
  });

  it('AWS_ENDPOINT_URL_DYNAMODB wins', () => {
    expect(connect({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:8000' }).endpoint.href).toBe('http://127.0.0.1:8000/');
  });

  it.each(['nonsense', 'http://dynamodb.example.com', 'ftp://127.0.0.1'])('%s is no endpoint: a setting that is wrong, by its name', (url) => {
    expect(() => connect({ AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_DYNAMODB: url })).toThrow(
      new SettingsInvalid([{ name: 'AWS_ENDPOINT_URL_DYNAMODB', problem: 'has to be a URL: https, or http on this machine' }]),
    );
  });

  it('takes the keys of its role anew at each try: they change every few hours', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'one', AWS_SECRET_ACCESS_KEY: 'x', AWS_SESSION_TOKEN: 'y' };
    const { credentials } = connect(env);
    env.AWS_ACCESS_KEY_ID = 'two';
    expect(await credentials()).toMatchObject({ accessKeyId: 'two' });
  });
});
