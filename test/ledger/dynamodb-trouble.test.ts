import { describe, expect, it } from '@jest/globals';
import { readAnswer, troubleOf } from '../../lib/ledger/dynamodb-trouble.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';

const answer = (status: number, text: string) => readAnswer({ status, text, headers: {} } as unknown as Parameters<typeof readAnswer>[0]);
const said = (status: number, body: unknown): LedgerFailed => troubleOf(answer(status, JSON.stringify(body)), status);

describe('an answer that cannot be read', () => {
  it.each([
    [200, 'unavailable'], [408, 'unavailable'], [429, 'unavailable'], [500, 'unavailable'], [503, 'unavailable'],
    [302, 'refused'], [400, 'refused'], [403, 'refused'], [407, 'refused'], [499, 'refused'],
  ] as const)('with %i is %s', (status, trouble) => {
    for (const text of ['<html></html>', '', 'null', '[]', '"text"', '{"message":"x"', ...(status === 200 ? [] : ['{}', '{"__type":1}'])]) {
      expect(() => answer(status, text)).toThrow(new LedgerFailed(trouble, `DynamoDB answered HTTP ${status}, and nothing that can be read`));
    }
  });
});

it('a success has no code, whatever is in it', () => {
  expect(answer(200, '{"__type":"x#y"}')).toEqual({ code: '', message: '', body: { __type: 'x#y' } });
});

it('the code of an error is its name, with its words in either spelling', () => {
  expect(answer(400, '{"__type":"com.amazonaws#X","message":"m"}')).toMatchObject({ code: 'X', message: 'm' });
  expect(answer(400, '{"__type":"X","Message":"M"}')).toMatchObject({ code: 'X', message: 'M' });
  expect(answer(400, '{"__type":"X","message":1}')).toMatchObject({ code: 'X', message: '' });
});

const KEYS = 'the table of LEDGER_TABLE has not the keys pk and sk, both strings: name one that the deployment made';
const CREDENTIALS = 'DynamoDB does not take the AWS credentials: check them, the AWS region and the time of this machine';
describe('what went wrong', () => {
  it.each<[status: number, code: string, message: string, trouble: string, text: string]>([
    [400, 'ProvisionedThroughputExceededException', '', 'throttled', 'DynamoDB throttles the ledger'],
    [400, 'ThrottlingException', '', 'throttled', 'DynamoDB throttles the ledger'],
    [400, 'Throttling', '', 'throttled', 'DynamoDB throttles the ledger'],
    [400, 'RequestLimitExceeded', '', 'throttled', 'DynamoDB throttles the account'],
    [400, 'ResourceNotFoundException', '', 'refused', 'LEDGER_TABLE names no table in this AWS region: deploy it there, or correct LEDGER_TABLE or the region'],
    [400, 'AccessDeniedException', '', 'refused', 'AWS does not allow this call on the table of LEDGER_TABLE: give the role the right to it'],
    [400, 'UnrecognizedClientException', '', 'refused', CREDENTIALS],
    [400, 'InvalidSignatureException', '', 'refused', CREDENTIALS],
    [400, 'IncompleteSignatureException', '', 'refused', CREDENTIALS],
    [400, 'MissingAuthenticationTokenException', '', 'refused', CREDENTIALS],
    [400, 'ExpiredTokenException', '', 'unavailable', 'the AWS credentials have run out'],
    [400, 'ItemCollectionSizeLimitExceededException', '', 'too-large', 'a partition of the ledger is full'],
    [400, 'ValidationException', 'Item Size has exceeded the maximum allowed size', 'too-large', 'an entry of the ledger is larger than DynamoDB takes'],
    [400, 'ValidationException', 'The provided key element does not match the Schema', 'refused', KEYS],
    [400, 'ValidationException', 'One of the required Keys was not given', 'refused', 'DynamoDB answered HTTP 400: ValidationException'],
    [400, 'ValidationException', 'monkey', 'refused', 'DynamoDB answered HTTP 400: ValidationException'],
    [400, 'Another', 'Item size and key', 'refused', 'DynamoDB answered HTTP 400: Another'],
    [499, 'Another', '', 'refused', 'DynamoDB answered HTTP 499: Another'],
    [500, 'Another', '', 'unavailable', 'DynamoDB answered HTTP 500: Another'],
    [500, 'toString', '', 'unavailable', 'DynamoDB answered HTTP 500: toString'],
    [400, 'no word', '', 'refused', 'DynamoDB answered HTTP 400'],
    [400, '', '', 'refused', 'DynamoDB answered HTTP 400'],
    [400, 'x'.repeat(64), '', 'refused', `DynamoDB answered HTTP 400: ${'x'.repeat(64)}`],
    [400, 'x'.repeat(65), '', 'refused', 'DynamoDB answered HTTP 400'],
  ])('%i %s "%s" is %s', (status, code, message, trouble, text) => {
    const failure = said(status, { __type: `com.amazonaws.dynamodb.v20120810#${code}`, message });
    expect([failure.trouble, failure.message]).toEqual([trouble, text]);
  });
});
