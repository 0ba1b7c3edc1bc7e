import type { HttpAnswer } from '../http/send.ts';
import { LedgerFailed, type LedgerTrouble } from './port.ts';

/** What an answer of DynamoDB's says: `code` is the error's name without its namespace, '' for a success. */
export type DynamoAnswer = { code: string; message: string; body: Record<string, unknown> };

/** Reads an answer. Throws LedgerFailed where it is no JSON object, as a proxy's page of HTML. */
export function readAnswer({ status, text }: HttpAnswer): DynamoAnswer {
  const body = parseObject(text);
  if (status === 200 && body !== undefined) return { code: '', message: '', body };
  const type = typeof body?.['__type'] === 'string' ? body['__type'] : undefined;
  if (body === undefined || type === undefined) {
    const passes = status === 200 || status === 408 || status === 429 || status >= 500;
    throw new LedgerFailed(passes ? 'unavailable' : 'refused', `DynamoDB answered HTTP ${status}, and nothing that can be read`);
  }
  const message = body['message'] ?? body['Message'];
  return { code: type.slice(type.indexOf('#') + 1), message: typeof message === 'string' ? message : '', body };
}

type Row = [trouble: LedgerTrouble, what: string];

const CREDENTIALS: Row = ['refused', 'DynamoDB does not take the AWS credentials: check them, the AWS region and the time of this machine'];

/**
 * What is not in this table passes by itself where the status is 5xx, and stays where it is 4xx.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
const TABLE: Readonly<Record<string, Row>> = {
  ProvisionedThroughputExceededException: ['throttled', 'DynamoDB throttles the ledger'],
  ThrottlingException: ['throttled', 'DynamoDB throttles the ledger'],
  Throttling: ['throttled', 'DynamoDB throttles the ledger'],
  RequestLimitExceeded: ['throttled', 'DynamoDB throttles the account'],
  ResourceNotFoundException: ['refused', 'LEDGER_TABLE names no table in this AWS region: deploy it there, or correct LEDGER_TABLE or the region'],
  AccessDeniedException: ['refused', 'AWS does not allow this call on the table of LEDGER_TABLE: give the role the right to it'],
  UnrecognizedClientException: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  IncompleteSignatureException: CREDENTIALS,
  MissingAuthenticationTokenException: CREDENTIALS,
  // Those of a role are renewed without us: the next try has fresh ones.
  ExpiredTokenException: ['unavailable', 'the AWS credentials have run out'],
  ItemCollectionSizeLimitExceededException: ['too-large', 'a partition of the ledger is full'],
};

const OTHER_KEYS = 'the table of LEDGER_TABLE has not the keys pk and sk, both strings: name one that the deployment made';

/** The error for an answer with a code. DynamoDB's own words are read but not repeated: they may hold a value. */
export function troubleOf({ code, message }: DynamoAnswer, status: number): LedgerFailed {
  const row = Object.hasOwn(TABLE, code) ? TABLE[code] : undefined;
  if (row !== undefined) return new LedgerFailed(...row);
  if (code === 'ValidationException') {
    if (/item size/i.test(message)) return new LedgerFailed('too-large', 'an entry of the ledger is larger than DynamoDB takes');
    if (/\b(?:key|schema)\b/i.test(message)) return new LedgerFailed('refused', OTHER_KEYS);
  }
  return new LedgerFailed(status >= 500 ? 'unavailable' : 'refused', `DynamoDB answered HTTP ${status}${/^\w{1,64}$/.test(code) ? `: ${code}` : ''}`);
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined;
  } catch {
    return undefined; // the parser's own error would repeat the text
  }
}
