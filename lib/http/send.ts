import { AppError } from '../core/errors.ts';
import { createGuard, type Guard } from './guard.ts';

export type HttpCall = {
  method: 'GET' | 'POST';
  url: URL;
  headers: Record<string, string>;
  body?: string;
  /** For the whole call, body included. */
  timeoutMs: number;
  /** Ends the call early; it then counts as timed out. */
  signal?: AbortSignal | undefined;
  /** The status says all: a success is one without its body, and a body that breaks off leaves the answer what it is. */
  statusIsEnough?: boolean | undefined;
};

export type HttpAnswer = { status: number; headers: Record<string, string>; text: string };

/** Sends one request and reads the whole answer, whatever its status. Throws NoAnswer or UrlForbidden. Never retries. */
export type Send = (call: HttpCall) => Promise<HttpAnswer>;

/** The other side could not be reached, or took too long: what was asked may have happened all the same. */
export class NoAnswer extends AppError {
  readonly code = 'no_answer';
  override readonly retryable = true;
  readonly kind: 'unreachable' | 'timeout';

  override get name(): string {
    return 'NoAnswer';
  }

  constructor(kind: 'unreachable' | 'timeout', message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** The other side answered with more than we read. */
export class AnswerTooLarge extends NoAnswer {
  override get name(): string {
    return 'AnswerTooLarge';
  }
}

// IAM tokens of several KB come back as a header; the gateway allows 32 KB in one.
export const MAX_HEADER_BYTES = 65_536;
// A page of 100 jobs whose `arguments` may have 150,000 characters each.
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * The way out to these origins and no others: see createGuard and createSend. Rooms that call somebody take this function as an
 * argument, so that whoever puts them together decides what lies behind it.
 */
export function openSend(allowedOrigins: Iterable<string>, maxBodyBytes?: number): Send {
  return createSend(createGuard(allowedOrigins), maxBodyBytes);
}

export type OpenSend = typeof openSend;

/** The only function that opens an outbound connection: guarded, without redirects, bounded in time and size. */
export function createSend(guard: Guard, maxBodyBytes = MAX_BODY_BYTES): Send {
  let loaded: typeof import('./undici.ts') | undefined;
  let agent: import('./undici.ts').Agent | undefined;
  return async ({ method, url, headers, body, timeoutMs, signal, statusIsEnough = false }) => {
    guard(url);
    // Loaded on first use: undici is most of the cold start, and answers such as 401 or /health go out without it.
    const undici = (loaded ??= await import('./undici.ts')); // an import costs something each time
    agent ??= new undici.Agent({
      maxHeaderSize: MAX_HEADER_BYTES,
      maxResponseSize: maxBodyBytes,
      headersTimeout: 0, // our own signal bounds the whole call
      bodyTimeout: 0,
      connect: { timeout: 5_000 },
    });
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await undici.request(url, {
        method,
        headers,
        body: body ?? null,
        dispatcher: agent, // follows no redirects
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      const text = statusIsEnough ? await bodyIfAny(answer) : await answer.body.text();
      return { status: answer.statusCode, headers: flatten(answer.headers), text };
    } catch (error) {
      if (timeout.aborted || signal?.aborted) {
        throw new NoAnswer('timeout', `timeout after ${timeoutMs} ms`, { cause: withoutBytes(error) });
      }
      const Fault = codeOf(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? AnswerTooLarge : NoAnswer;
      throw new Fault('unreachable', connectionFault(error), { cause: withoutBytes(error) });
    }
  };
}

/** '' for a success, whose body nobody waits for, and where the body breaks off: the status has come, and it counts. */
async function bodyIfAny({ statusCode, body }: import('./undici.ts').Dispatcher.ResponseData): Promise<string> {
  if (statusCode < 200 || statusCode > 299) return body.text().catch(() => '');
  void body.dump().catch(() => undefined);
  return '';
}

/** Headers as an answer has them: each one text, under its name in lower case. */
export function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** undici and Node hang the bytes that they could not parse on their error: they may be a token or a job's arguments. */
export function withoutBytes(error: unknown): unknown {
  if (error instanceof Error && 'data' in error) delete error.data;
  if (error instanceof Error && 'rawPacket' in error) delete error.rawPacket;
  return error;
}

/** The system's error code says it all (`ECONNREFUSED`); its message would repeat address and port. */
export function connectionFault(error: unknown): string {
  const code = codeOf(error);
  return typeof code === 'string' ? `connection failed (${code})` : 'connection failed';
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
