import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { checkLedger } from '../../tools/check-config/ledger.ts';
import { findingLine } from '../../tools/findings.ts';
import { connect, createTable, type Dynalite, SECRET_KEY, startDynalite } from '../ledger/dynalite.ts';
import { error, type FaultFront, startFaultFront } from '../ledger/fault-front.ts';

let server: Dynalite;
let front: FaultFront;
beforeAll(async () => {
  server = await startDynalite();
  front = await startFaultFront(server.url);
  await createTable(connect(server.url, { table: 'mrs-killswitch-prod-ledger' }));
  await createTable(connect(server.url, { table: 'of-somebody-else' }), { keys: [['id', 'S']] });
});
afterAll(async () => {
  await front.close();
  await server.close();
});

// Where AWS's own tools look for credentials: here only, not on this machine.
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: SECRET_KEY };
const NOWHERE = { AWS_CONFIG_FILE: '/nowhere', AWS_SHARED_CREDENTIALS_FILE: '/nowhere' };
beforeEach(() => void Object.assign(process.env, KEYS, NOWHERE));
afterEach(() => {
  for (const name of Object.keys({ ...KEYS, ...NOWHERE })) delete process.env[name];
});

const check = async (env: Record<string, string> = {}, stage: string | undefined = 'prod', region?: string): Promise<string> =>
  findingLine(await checkLedger({ AWS_ENDPOINT_URL_DYNAMODB: front.url, ...env }, stage, region));

describe("check-config looks at the ledger's table", () => {
  it('of the stage, reading only', async () => {
    front.reset();
    expect(await check()).toBe('ok      LEDGER_TABLE: mrs-killswitch-prod-ledger in eu-west-1 can be read');
    expect(new Set(front.seen.map(({ operation }) => operation))).toEqual(new Set(['BatchGetItem', 'Query']));
  });

  it('that LEDGER_TABLE names', async () => {
    expect(await check({ LEDGER_TABLE: 'mrs-killswitch-prod-ledger' }, 'dev')).toMatch(/^ok/);
  });

  it.each<[string, Record<string, string>, string | undefined, string]>([
    ['before the first deployment it is not there, which is a warning', {}, 'dev', 'warning LEDGER_TABLE: mrs-killswitch-dev-ledger is not in eu-west-1 yet: npm run deploy makes it; where it is deployed already, see --region'],
    ['one that is named has to be there', { LEDGER_TABLE: 'other' }, 'prod', 'BAD     LEDGER_TABLE: other in eu-west-1: LEDGER_TABLE names no table in this AWS region: deploy it there, or correct LEDGER_TABLE or the region'],
    ['another shape', { LEDGER_TABLE: 'of-somebody-else' }, 'prod', 'BAD     LEDGER_TABLE: of-somebody-else in eu-west-1: the table of LEDGER_TABLE has not the keys pk and sk, both strings: name one that the deployment made'],
    ['an endpoint that is none', { AWS_ENDPOINT_URL_DYNAMODB: 'http://example.com' }, 'prod', 'BAD     LEDGER_TABLE: AWS_ENDPOINT_URL_DYNAMODB has to be a URL: https, or http on this machine'],
    ['no stage and no table', {}, '', 'warning LEDGER_TABLE: not looked at: give --stage, whose deployment makes the table, or set it'],
  ])('%s', async (_case, env, stage, line) => {
    expect(findingLine(await checkLedger({ AWS_ENDPOINT_URL_DYNAMODB: front.url, ...env }, stage || undefined))).toBe(line);
  });

  it('a region that is none', async () => {
    expect(await check({}, 'prod', 'mars')).toBe('BAD     LEDGER_TABLE: --region has to be an AWS region, such as eu-west-1');
  });

  it.each([
    ['UnrecognizedClientException', 'DynamoDB does not take the AWS credentials: check them, the AWS region and the time of this machine'],
    ['AccessDeniedException', 'AWS does not allow this call on the table of LEDGER_TABLE: give the role the right to it'],
  ])('%s is one finding too', async (code, words) => {
    front.next('BatchGetItem', error(400, code));
    expect(await check()).toBe(`BAD     LEDGER_TABLE: mrs-killswitch-prod-ledger in eu-west-1: ${words}`);
  });

  it('without AWS credentials it is not looked at', async () => {
    for (const name of Object.keys(KEYS)) delete process.env[name];
    expect(await check()).toBe('warning LEDGER_TABLE: not looked at, without AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  });
});
