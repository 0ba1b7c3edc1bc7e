import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDynamoLedger } from '../../lib/ledger/dynamodb.ts';
import { tryLedger } from '../../tools/try-ledger.ts';
import { connect, createTable, type Dynalite, startDynalite } from '../ledger/dynalite.ts';
import { startLocalParts } from './start.ts';
import { startLedgerParts } from './start-ledger.ts';

const AWS = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
// Beyond what a kernel gives away by itself.
const FREE = { PORT: '61871', LAMBDA_PORT: '61872' };

let dynalite: Dynalite;
beforeAll(async () => {
  dynalite = await startDynalite();
  await createTable(connect(dynalite.url, { table: 'of-somebody-else' }), { keys: [['id', 'S']] });
});
afterAll(() => dynalite.close());

describe('a local start that cannot be, in a line that names the setting', () => {
  const start = (env: Record<string, string>) => startLocalParts(env, { killFunction: 'x-kill:durable', warnFunction: 'x-warn:durable', ledgerTable: env['LEDGER_TABLE'] ?? 'x-ledger' });

  it.each<[string, () => Record<string, string>, unknown]>([
    ['a port that is none', () => ({ LAMBDA_PORT: 'http' }), 'LAMBDA_PORT: has to be a port, 1 to 65535'],
    ['a port for two', () => ({ ...FREE, LAMBDA_PORT: FREE.PORT }), 'LAMBDA_PORT: is the same as PORT; set it to another one'],
    ['a port of the playground that is none', () => ({ ...FREE, PLAYGROUND_PORT: 'none' }), 'PLAYGROUND_PORT: has to be a port, 1 to 65535'],
    ['a port that the playground has too', () => ({ ...FREE, PLAYGROUND_PORT: FREE.LAMBDA_PORT }), 'PLAYGROUND_PORT: is the same as LAMBDA_PORT; set it to another one'],
    [
      'settings that are wrong',
      () => ({ ...FREE, SLACK_API_URL: 'foo', LOG_LEVEL: 'loud', SLACK_BOT_TOKEN: 'ssm:/a/token' }),
      'settings: SLACK_API_URL: has to be a URL such as https://host.example; LOG_LEVEL: has to be debug, info, warn or error',
    ],
    ['an off switch that is none', () => ({ ...FREE, PAUSED: 'maybe' }), 'settings: PAUSED: has to be true, false or ssm:/name'],
    ['half a pair of keys', () => ({ ...FREE, HW_ACCESS_KEY: 'AKEXAMPLE' }), 'settings: HW_SECRET_KEY: is required: AK/SK needs both keys'],
    ['credentials that are left out where IAM is a real one', () => ({ ...FREE, HW_AUTH_URL: 'https://iam.example.com', HW_REGION_NAME: 'eu-west-101' }), expect.stringMatching(/^settings: HW_USER_NAME: is required: .*; HW_USER_PASSWORD: .*; HW_DOMAIN_NAME: [^\n]*$/)],
    ['the keys of an agency', () => ({ ...FREE, HW_CREDENTIALS: 'ecs' }), expect.stringMatching(/^settings: HW_CREDENTIALS: is for the own home [^\n]*$/)],
    ['a short token', () => ({ ...FREE, API_TOKENS: 'ci:short' }), 'settings: API_TOKENS: entry 1: the token needs at least 16 characters, visible ASCII without blanks'],
    ['a binding without a token', () => ({ ...FREE, ALERT_TOKENS: 'a@datadog' }), 'settings: ALERT_TOKENS: entry 1: write it as name:token or name@source:token, entries separated by commas'],
    ['a token of a source that there is not', () => ({ ...FREE, ALERT_TOKENS: 'a@datdog:0123456789abcdef' }), 'settings: ALERT_TOKENS: entry 1: there is no alert source of that name; they are alertmanager, grafana, smn, datadog, pagerduty, generic, cloudwatch'],
    ['a short signing secret', () => ({ ...FREE, SLACK_SIGNING_SECRET: 'short' }), 'settings: SLACK_SIGNING_SECRET: entry 1 has to be at least 16 characters long'],
    ['a language that is none', () => ({ ...FREE, HW_LANGUAGE: 'english' }), 'settings: HW_LANGUAGE: has to look like en-us'],
    ['a policy that is a folder', () => ({ ...FREE, POLICY_FILE: 'test' }), 'POLICY_FILE: test is a folder: name the policy, or take the setting away for policy.yml'],
    ['an empty policy', () => ({ ...FREE, POLICY_FILE: '/dev/null' }), expect.stringMatching(/^null:1:1 \(file\): is empty but has to be a mapping of [^\n]*$/)],
    ['ports, settings and the policy at once', () => ({ PORT: 'abc', LAMBDA_PORT: '0', LOG_LEVEL: 'loud', POLICY_FILE: 'nowhere.yml' }), expect.stringMatching(/^PORT: has to be a port, 1 to 65535\nLAMBDA_PORT: has to be a port, 1 to 65535\nsettings: LOG_LEVEL: [^\n]*\nPOLICY_FILE: nowhere\.yml is not there: [^\n]*$/)],
    ['a policy that cannot be read', () => ({ ...FREE, POLICY_FILE: 'nowhere.yml' }), 'POLICY_FILE: nowhere.yml is not there: name the policy, or take the setting away for policy.yml'],
    [
      'a table of another shape',
      () => ({ ...FREE, AWS_ENDPOINT_URL_DYNAMODB: dynalite.url, LEDGER_TABLE: 'of-somebody-else' }),
      'of-somebody-else: the table of LEDGER_TABLE has not the keys pk and sk, both strings: name one that the deployment made',
    ],
    ['an endpoint that is none', () => ({ ...FREE, AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamodb.example.com' }), 'settings: AWS_ENDPOINT_URL_DYNAMODB: has to be a URL: https, or http on this machine'],
    [
      'an endpoint where nobody is',
      () => ({ ...FREE, AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' }),
      'AWS_ENDPOINT_URL_DYNAMODB: DynamoDB gave no answer: connection failed (ECONNREFUSED); see that it runs there, or take the setting away',
    ],
  ])('%s', async (_case, env, message) => {
    await expect(start(env())).rejects.toMatchObject({ message });
  });
});

describe('the ledger of a local start', () => {
  it('is one in memory with its table, and is gone when it is stopped', async () => {
    const parts = await startLedgerParts(AWS, 'x-ledger');
    const ledger = createDynamoLedger(connect(parts.environment['AWS_ENDPOINT_URL_DYNAMODB'] ?? '', { table: 'x-ledger' }));
    await tryLedger(ledger, 0);
    await parts.stop();
    await expect(tryLedger(ledger, 0)).rejects.toThrow('ECONNREFUSED');
  });

  it('is the one that is given: a table that is missing is made, one that is there keeps its entries', async () => {
    const env = { ...AWS, AWS_ENDPOINT_URL_DYNAMODB: dynalite.url };
    const [key, until] = [{ partition: 'test', rest: 'x' }, 60_000];
    const ledger = createDynamoLedger(connect(dynalite.url, { table: 'given' }));
    await startLedgerParts(env, 'given');
    await ledger.put([{ key, value: 'still there', until }]);
    const parts = await startLedgerParts(env, 'given');
    expect(parts.environment).toEqual({ LEDGER_TABLE: 'given', AWS_ENDPOINT_URL_DYNAMODB: dynalite.url });
    await parts.stop();
    expect(await ledger.get([key], { now: 0 })).toMatchObject([{ value: 'still there' }]);
  });
});
