import { findKnownCode, type KnownCode, type Trouble, type TroubleKind, UpstreamFailed } from '../core/errors.ts';
import { fieldsOf, parseJson } from '../http/json.ts';
import { type HttpAnswer, NoAnswer } from '../http/send.ts';

/**
 * What each known code means for us. Codes rule over statuses: the failed kill 0175 comes as 500 in one edition of the
 * documentation and as 400 in the other. https://support.huaweicloud.com/intl/en-us/api-mrs/ErrorCode.html and
 * https://docs.otc.t-systems.com/mapreduce-service/api-ref/appendix/error_code.html
 */
const KIND_OF_CODE: Readonly<Record<KnownCode, TroubleKind>> = {
  '0160': 'kill-refused', '0175': 'kill-refused', '0200': 'kill-refused',
  '0176': 'not-found', '0201': 'not-found', '12000003': 'not-found',
  '0180': 'busy', '0202': 'busy',
  '0023': 'unavailable', '0162': 'unavailable', '0166': 'unavailable', '0174': 'unavailable', '0193': 'unavailable',
  '12000004': 'unavailable', '12000080': 'unavailable',
  '0192': 'rejected', // the user is not synchronised to the cluster
  '0167': 'rejected', // the cluster is too old for the v2 job API
  '12000001': 'unauthorized', '130000002': 'unauthorized',
  '12000052': 'forbidden', '12000136': 'forbidden',
  'APIGW.0301': 'unauthorized', 'APIGW.0303': 'unauthorized', 'APIGW.0305': 'unauthorized', 'APIGW.0307': 'unauthorized',
  'APIGW.0101': 'rejected', // no such API: the host is wrong, which says nothing of the job
  'APIGW.0302': 'forbidden', 'APIGW.0304': 'forbidden', 'APIGW.0306': 'forbidden',
  'APIGW.0308': 'throttled',
  'APIGW.0601': 'unavailable', 'APIGW.0605': 'unavailable', 'APIGW.0606': 'unavailable', 'APIGW.0608': 'unavailable',
  'APIGW.0609': 'unavailable', 'APIGW.0610': 'unavailable', 'APIGW.0611': 'unavailable', 'APIGW.0613': 'unavailable',
};

/**
 * Turns an answer that is no 2xx into the one typed error. Understands every error shape of MRS, IAM and their gateway.
 * `secrets` are what the call carried: an answer that repeats them is shown without.
 */
export function troubleOf(
  service: Trouble['service'],
  { status, headers, text }: HttpAnswer,
  secrets: readonly string[],
): UpstreamFailed {
  const { errorCode, message } = readErrorBody(text, secrets);
  const requestId = readId(headers['x-request-id'] ?? headers['x-iam-trace-id'], secrets);
  const retryAfterSec = readRetryAfter(headers['retry-after']);
  return new UpstreamFailed({
    service,
    kind: kindOf(status, errorCode),
    message: message ?? (text.trim() === '' ? 'empty answer' : 'unreadable answer'),
    status,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(retryAfterSec === undefined ? {} : { retryAfterSec }),
  });
}

/** A 2xx whose body is not what was asked for: nothing can be concluded from it, and asking again may help. */
export function unreadableAnswer(service: Trouble['service'], { status }: HttpAnswer, missing: string): UpstreamFailed {
  return new UpstreamFailed({ service, kind: 'unavailable', status, message: `the answer has no ${missing}` });
}

/** Turns a missing answer into the typed error; other errors pass as they are. */
export function troubleOfNoAnswer(service: Trouble['service'], error: unknown): unknown {
  if (!(error instanceof NoAnswer)) return error;
  return new UpstreamFailed({ service, kind: error.kind, message: error.message }, { cause: error });
}

function kindOf(status: number, errorCode: string | undefined): TroubleKind {
  const known = findKnownCode(errorCode);
  if (known !== undefined) return KIND_OF_CODE[known];
  if (status === 429) return 'throttled';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  // Without a code it is a proxy's or a wrong host's word, which says nothing of the job.
  if (status === 404) return errorCode === undefined ? 'rejected' : 'not-found';
  if (status >= 500) return 'unavailable';
  return 'rejected';
}

/**
 * Reads code and message from any of the shapes in use: `error_code`/`error_msg` (MRS, gateway), `errorCode`/`errorMsg`
 * (MRS, missing cluster), `error.code`/`error.message` (IAM), `code`/`message`, and MRS's documented example, which is no
 * valid JSON: a comma is missing.
 */
function readErrorBody(text: string, secrets: readonly string[]): { errorCode?: string; message?: string } {
  const body = fieldsOf(parseJson(text));
  if (body === undefined) {
    const message = /"error_?msg"\s*:\s*("(?:[^"\\]|\\.)*")/i.exec(text)?.[1];
    return pair(/"error_?code"\s*:\s*"?([\w.]+)/i.exec(text)?.[1], message && parseJson(message), secrets);
  }
  const nested = fieldsOf(body['error']) ?? {};
  return pair(
    body['error_code'] ?? body['errorCode'] ?? body['code'] ?? nested['error_code'] ?? nested['code'],
    body['error_msg'] ?? body['errorMsg'] ?? body['message'] ?? nested['error_msg'] ?? nested['message'],
    secrets,
  );
}

function pair(errorCode: unknown, message: unknown, secrets: readonly string[]): { errorCode?: string; message?: string } {
  const code = readId(typeof errorCode === 'number' ? String(errorCode) : errorCode, secrets);
  return {
    ...(code === undefined ? {} : { errorCode: code }),
    ...(typeof message === 'string' && message !== '' ? { message: shorten(message, secrets) } : {}),
  };
}

/** A code or id as it stands; undefined for what cannot be one. */
function readId(value: unknown, secrets: readonly string[]): string | undefined {
  if (typeof value !== 'string' || !/^[\w.:-]{1,64}$/.test(value)) return undefined;
  return secrets.some((secret) => secret !== '' && value.includes(secret)) ? undefined : value;
}

/** Seconds; the date form counts as absent, since the other side's clock is unknown. */
function readRetryAfter(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,5}$/.test(value.trim()) ? Number(value) : undefined;
}

/**
 * Keeps a foreign message short and on one line, without secrets and without long runs, which may be a piece of a token. On
 * a wrong signature the gateway appends its canonical request with `|` for newlines (`GET|/test/||host:…`), which holds
 * header values: that part goes.
 */
function shorten(message: string, secrets: readonly string[]): string {
  // An echo of our request's body has them in JSON's spelling.
  const spellings = secrets.filter((secret) => secret !== '').flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const shown = spellings.reduce((text, secret) => text.replaceAll(secret, '[secret]'), message);
  const oneLine = shown.replace(/[\w+=-]{64,}/g, '…').replace(/\b(?:GET|POST|PUT)\|.*$/s, '…').replace(/\s+/g, ' ').trim();
  return oneLine.length <= 300 ? oneLine : `${oneLine.slice(0, 299)}…`;
}
