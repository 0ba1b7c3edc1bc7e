import { LambdaClient } from '@aws-sdk/client-lambda';

/** What openDynamoLedger reads of an environment. */
export type AwsEnvironment = Record<'AWS_REGION' | 'AWS_ACCESS_KEY_ID' | 'AWS_SECRET_ACCESS_KEY' | 'AWS_SESSION_TOKEN', string>;

export const NO_AWS_KEYS = 'No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.';

/** Region and credentials, from where AWS's own tools take them: the environment, a profile, single sign-on. Undefined where there are none. */
export async function findAwsEnvironment(region: string): Promise<AwsEnvironment | undefined> {
  process.env['AWS_EC2_METADATA_DISABLED'] ??= 'true'; // elsewhere than on EC2 it would be waited for
  try {
    const { accessKeyId, secretAccessKey, sessionToken = '' } = await new LambdaClient({ region }).config.credentials();
    return { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken };
  } catch {
    return undefined;
  }
}
