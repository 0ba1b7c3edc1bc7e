import { AppError } from '../core/errors.ts';
import { parseJsonObject } from '../http/json.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import type { AwsCredentials, AwsRequest, SignAws } from './sign-aws.ts';

/** The way to one service of AWS. */
export type AwsConnection = {
  /** The only way out; its guard has to know the endpoint. */
  send: Send;
  clock: { now: () => number };
  sign: SignAws;
  /** Asked before each try: a role's keys change every few hours. */
  credentials: () => Promise<AwsCredentials>;
  region: string;
  /** `https://dynamodb.<region>.amazonaws.com/` */
  endpoint: URL;
};

/** There is nothing to sign with. */
export class NoAwsCredentials extends AppError {
  readonly code = 'no_aws_credentials';

  override get name(): string {
    return 'NoAwsCredentials';
  }
}

/** One call. `path` is encoded, from the root on, and may have a query; `timeoutMs` is for the whole call, body included. */
export type AwsCall = Omit<AwsRequest, 'url' | 'region'> & { path: string; timeoutMs: number; signal?: AbortSignal | undefined };

/** Signs a request and sends it once; the answer may be one of trouble. Throws NoAwsCredentials, NoAnswer or UrlForbidden. */
export async function sendToAws(connection: AwsConnection, { path, timeoutMs, signal, ...request }: AwsCall): Promise<HttpAnswer> {
  const { send, clock, sign, credentials, region, endpoint } = connection;
  const keys = await credentials().catch((cause: unknown) => {
    throw new NoAwsCredentials('there are no AWS credentials', { cause });
  });
  const url = new URL(path, endpoint);
  const headers = sign({ ...request, region, url }, keys, clock.now());
  const body = request.method === 'POST' ? { body: request.body } : {};
  return send({ method: request.method, url, headers, ...body, timeoutMs, signal });
}

/** What a service of AWS refused: `code` is its name for it. */
export class AwsRefused extends AppError {
  readonly code: string;
  readonly status: number;
  /** The service's own words, which may repeat what it was sent: not for the log. */
  readonly said: string;
  /** As `Retry-After` says; 0 where it does not. */
  readonly retryAfterSec: number;

  override get name(): string {
    return 'AwsRefused';
  }

  constructor(code: string, { status, headers }: HttpAnswer, said: string) {
    super(`AWS answered HTTP ${status}: ${code}`);
    this.code = code;
    this.status = status;
    this.said = said;
    this.retryAfterSec = Number(headers['retry-after']) || 0;
  }
}

/**
 * The JSON of a success, {} where it has none. Throws AwsRefused, with the name that stands in the header or in the body.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization
 */
export function readAwsAnswer(answer: HttpAnswer): Record<string, unknown> {
  const fields = parseJsonObject(answer.text);
  if (answer.status >= 200 && answer.status <= 299) return fields;
  const given = answer.headers['x-amzn-errortype'] ?? fields['__type'] ?? fields['code'];
  // A namespace before `#`, a URL after `:`.
  const name = /(?:^|#)(\w{1,64})(?::|$)/.exec(typeof given === 'string' ? given : '')?.[1];
  const said = fields['message'] ?? fields['Message'];
  throw new AwsRefused(name ?? `Http${answer.status}`, answer, typeof said === 'string' ? said : '');
}
