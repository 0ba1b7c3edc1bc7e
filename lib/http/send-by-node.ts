import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import { createGuard } from './guard.ts';
import { AnswerTooLarge, type HttpAnswer, NoAnswer, type Send } from './send.ts';

const MOST_BYTES = 32 * 1024 * 1024;
const MAX_HEADER_BYTES = 65_536;
const CONNECT_MS = 2_000;
const IDLE_MS = 4_000; // of a kept connection: a function that slept longer takes a new one
const KEPT = { keepAlive: true, timeout: IDLE_MS };

/**
 * The way out to AWS, to these origins and no others: as openSend, by what Node brings along. A first answer waits for one call
 * of AWS, and undici alone would take longer to load than that call. https://nodejs.org/api/https.html#httpsrequesturl-options-callback
 */
export function openNodeSend(allowedOrigins: Iterable<string>): Send {
  const guard = createGuard(allowedOrigins);
  const agents = { 'http:': new HttpAgent(KEPT), 'https:': new HttpsAgent(KEPT) };
  return async ({ method, url, headers, body, timeoutMs, signal, statusIsEnough = false }) => {
    guard(url);
    const protocol = url.protocol as keyof typeof agents;
    const timeout = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {};
    const options = { method, headers: { ...headers, ...length }, agent: agents[protocol], maxHeaderSize: MAX_HEADER_BYTES, signal: ends };
    try {
      ends.throwIfAborted();
      const answer = await call(protocol, url, options, body);
      const isDone = statusIsEnough && isSuccess(answer);
      if (isDone) answer.on('error', () => undefined).resume();
      const text = isDone ? '' : await readText(answer).catch((error: unknown) => (statusIsEnough ? '' : Promise.reject(error)));
      return { status: answer.statusCode ?? 0, headers: flatten(answer.headers), text };
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      if (ends.aborted) throw new NoAnswer('timeout', `no answer within ${timeoutMs} ms`, { cause: withoutBytes(error) });
      throw new NoAnswer('unreachable', fault(error), { cause: withoutBytes(error) });
    }
  };
}

function call(protocol: 'http:' | 'https:', url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (protocol === 'https:' ? requestHttps : requestHttp)(url, options, resolve);
    request.on('error', reject);
    request.on('socket', (socket) => {
      if (socket.connecting) giveUpConnecting(request, socket, protocol === 'https:' ? 'secureConnect' : 'connect');
    });
    request.end(body);
  });
}

function giveUpConnecting(request: ClientRequest, socket: Socket, connected: string): void {
  const late = AbortSignal.timeout(CONNECT_MS);
  const giveUp = (): void => void request.destroy(new NoAnswer('unreachable', `no connection within ${CONNECT_MS} ms`));
  late.addEventListener('abort', giveUp);
  socket.once(connected, () => late.removeEventListener('abort', giveUp));
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new AnswerTooLarge('unreachable', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode <= 299;

function flatten(headers: IncomingMessage['headers']): HttpAnswer['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

/** Node hangs the bytes that it could not parse on its error. */
function withoutBytes(error: unknown): unknown {
  if (error instanceof Error && 'rawPacket' in error) delete error.rawPacket;
  return error;
}

function fault(error: unknown): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? `connection failed (${code})` : 'connection failed';
}
