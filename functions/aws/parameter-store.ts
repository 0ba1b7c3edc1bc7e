import { type AwsConnection, readAwsAnswer, sendToAws } from '../../lib/aws/send-aws.ts';
import { fieldsOf } from '../../lib/http/json.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';

const MOST_AT_ONCE = 10; // what one GetParameters call takes
const TIMEOUT_MS = 1_500; // Slack waits three seconds for all
const HEADERS = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'AmazonSSM.GetParameters' };

/**
 * Parameters of AWS Systems Manager, decrypted; `connect` is asked at the first call. One try a call. Throws what keeps them from
 * being read. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export function createParameterStore(connect: () => AwsConnection): ReadParameters {
  let connection: AwsConnection | undefined;
  return async (names) => {
    connection ??= connect();
    const values = new Map<string, string>();
    for (let from = 0; from < names.length; from += MOST_AT_ONCE) {
      const body = JSON.stringify({ Names: names.slice(from, from + MOST_AT_ONCE), WithDecryption: true });
      const answer = await sendToAws(connection, { service: 'ssm', method: 'POST', path: '/', headers: HEADERS, body, timeoutMs: TIMEOUT_MS });
      const { Parameters: found } = readAwsAnswer(answer);
      for (const parameter of Array.isArray(found) ? found.map(fieldsOf) : []) {
        if (typeof parameter?.['Name'] === 'string' && typeof parameter['Value'] === 'string') values.set(parameter['Name'], parameter['Value']);
      }
    }
    return values;
  };
}
