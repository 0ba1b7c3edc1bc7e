import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { createGuard } from './guard.ts';
import { AnswerTooLarge, connectionFault, flatten, MAX_BODY_BYTES, MAX_HEADER_BYTES, NoAnswer, type Send, withoutBytes } from './send.ts';

const CONNECT_MS = 2_000;
const IDLE_MS = 4_000; // of a kept connection: a function that slept longer takes a new one
const KEPT = { keepAlive: true, timeout: IDLE_MS };

/**
 * The way out to AWS, to these origins and no others: as openSend, by what Node brings along. A first answer waits for one call
 * of AWS, and undici alone would take longer to load than that call. https://nodejs.org/api/https.html#httpsrequesturl-options-callback
 */
export function openNodeSend(allowedOrigins: Iterable<string>): Send {
  const guard = createGuard(allowedOrigins);
  const agents = new Map<string, Agent>();
  return async ({ method, url, headers, body, timeoutMs, signal, statusIsEnough = false }) => {
    guard(url);
    const isHttps = url.protocol === 'https:';
    // Loaded at the first call: a refusal goes out without it, and Node takes longer over it than over all of our own code.
    const node = isHttps ? await import('node:https') : await import('node:http');
    const agent = agents.get(url.protocol) ?? new node.Agent(KEPT);
    agents.set(url.protocol, agent);
    const timeout = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {};
    const options = { method, headers: { ...headers, ...length }, agent, maxHeaderSize: MAX_HEADER_BYTES, signal: ends };
    try {
      ends.throwIfAborted();
      const answer = await call(node.request, url, options, body);
      const isDone = statusIsEnough && isSuccess(answer);
      if (isDone) answer.on('error', () => undefined).resume();
      const text = isDone ? '' : await readText(answer).catch((error: unknown) => (statusIsEnough ? '' : Promise.reject(error)));
      return { status: answer.statusCode ?? 0, headers: flatten(answer.headers), text };
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      if (ends.aborted) throw new NoAnswer('timeout', `no answer within ${timeoutMs} ms`, { cause: withoutBytes(error) });
      throw new NoAnswer('unreachable', connectionFault(error), { cause: withoutBytes(error) });
    }
  };
}

type Request = typeof import('node:http').request;

function call(request: Request, url: URL, options: RequestOptions, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve);
    sent.on('error', reject);
    sent.on('socket', (socket) => {
      if (socket.connecting) giveUpConnecting(sent, socket, url.protocol === 'https:' ? 'secureConnect' : 'connect');
    });
    sent.end(body);
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
    if (bytes > MAX_BODY_BYTES) throw new AnswerTooLarge('unreachable', 'the answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode <= 299;
