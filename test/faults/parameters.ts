import { createParameterStore } from '../../functions/aws/parameter-store.ts';
import { type HttpAnswer, NoAnswer } from '../../lib/http/send.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import { Secret } from '../../lib/settings/secret.ts';
import type { Fault } from './faults.ts';

const refused = (code: string): HttpAnswer => ({ status: 400, headers: {}, text: JSON.stringify({ __type: code, message: 'The security token AKIDEXAMPLE-parameter-store is not valid' }) });

/** What the parameter store does in place of an answer. */
const ANSWERS: Record<Fault, (passes: (ms: number) => void) => HttpAnswer | undefined> = {
  'no answer'(passes) {
    passes(1_500);
    throw new NoAnswer('timeout', 'timeout after 1500 ms');
  },
  reset() {
    throw new NoAnswer('unreachable', 'connection failed (ECONNRESET)');
  },
  slow(passes) {
    passes(1_400);
    return undefined;
  },
  429: () => refused('ThrottlingException'),
  '502 with HTML': () => ({ status: 502, headers: {}, text: '<html><h1>502 Bad Gateway</h1></html>' }),
  'broken JSON': () => ({ status: 200, headers: {}, text: '{"Parameters": [{"Name": "/paused", "Val' }),
  'expired token': () => refused('ExpiredTokenException'),
  'clock an hour off': () => refused('InvalidSignatureException'),
};

/** The real client of AWS's parameter store, in front of `values`; `faultNow` says what goes wrong with a call. */
export function openParameters(values: Readonly<Record<string, string>>, faultNow: (names: readonly string[]) => Fault | undefined, passes: (ms: number) => void): ReadParameters {
  return createParameterStore(() => ({
    send: async ({ body = '{}' }) => {
      const { Names: names } = JSON.parse(body) as { Names: string[] };
      const fault = faultNow(names);
      const bad = fault && ANSWERS[fault](passes);
      return bad ?? { status: 200, headers: {}, text: JSON.stringify({ Parameters: names.map((name) => ({ Name: name, Value: values[name] })) }) };
    },
    clock: { now: () => 0 },
    sign: () => ({}),
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: new Secret('parameter-store-secret-key') }),
    region: 'eu-west-1',
    endpoint: new URL('https://ssm.eu-west-1.amazonaws.com/'),
  }));
}
