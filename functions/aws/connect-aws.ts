import type { AwsConnection } from '../../lib/aws/send-aws.ts';
import { createAwsSigner } from '../../lib/aws/sign-aws.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { isSafeProtocol } from '../../lib/http/guard.ts';
import { openNodeSend } from '../../lib/http/send-by-node.ts';
import { Secret } from '../../lib/settings/secret.ts';

type Env = Record<string, string | undefined>;

/**
 * The way to a service of AWS, region, keys and endpoint as Lambda's environment says. Keys are read anew at each try. Throws
 * SettingsInvalid where the endpoint is none. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function connectAws(env: Env, clock: { now: () => number }, service: 'dynamodb' | 'lambda' | 'ssm'): AwsConnection {
  const region = env['AWS_REGION'] ?? '';
  const endpoint = readEndpoint(env, service, region);
  return {
    send: openNodeSend([endpoint.origin]),
    clock,
    sign: createAwsSigner(),
    credentials: async () => ({
      accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
      secretAccessKey: new Secret(env['AWS_SECRET_ACCESS_KEY'] ?? ''),
      ...(env['AWS_SESSION_TOKEN'] ? { sessionToken: new Secret(env['AWS_SESSION_TOKEN']) } : {}),
    }),
    region,
    endpoint,
  };
}

/** https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
function readEndpoint(env: Env, service: string, region: string): URL {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const name = `AWS_ENDPOINT_URL_${service.toUpperCase()}`;
  const endpoint = URL.parse(env[name] || `https://${service}.${region}.${domain}/`);
  if (endpoint !== null && isSafeProtocol(endpoint)) return endpoint;
  throw new SettingsInvalid([{ name, problem: 'has to be a URL: https, or http on this machine' }]);
}
