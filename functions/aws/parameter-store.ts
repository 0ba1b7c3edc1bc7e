import type { SSMClient } from '@aws-sdk/client-ssm';
import type { ReadParameters } from '../../lib/settings/references.ts';

const MOST_AT_ONCE = 10; // what one GetParameters call takes
// Slack waits three seconds for all. Without `throwOnRequestTimeout` the SDK only warns.
const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 1_500, throwOnRequestTimeout: true };

/**
 * Parameters of AWS Systems Manager, decrypted, region and endpoint as the environment says. The SDK is loaded on first use: only
 * deployments with references need it. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export function createParameterStore(): ReadParameters {
  let client: SSMClient | undefined;
  return async (names) => {
    const { SSMClient: Client, GetParametersCommand } = await import('@aws-sdk/client-ssm');
    client ??= new Client({ maxAttempts: 1, requestHandler: TIMEOUTS });
    const values = new Map<string, string>();
    for (let from = 0; from < names.length; from += MOST_AT_ONCE) {
      const command = new GetParametersCommand({ Names: names.slice(from, from + MOST_AT_ONCE), WithDecryption: true });
      for (const { Name: name, Value: value } of (await client.send(command)).Parameters ?? []) {
        if (name !== undefined && value !== undefined) values.set(name, value);
      }
    }
    return values;
  };
}
