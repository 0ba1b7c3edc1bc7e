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
  const ways = new Map<string, Way>();
  return async ({ method, url, headers, body, timeoutMs, signal, statusIsEnough = false }) => {
    guard(url);
    const way = ways.get(url.protocol) ?? openWay(url.protocol);
    ways.set(url.protocol, way);
    const timeout = AbortSignal.timeout(timeoutMs);
    const ends = signal ? AbortSignal.any([signal, timeout]) : timeout;
    const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body ?? '')) } : {};
    const options = { method, headers: { ...headers, ...length }, agent: way.agent, maxHeaderSize: MAX_HEADER_BYTES };
    try {
      ends.throwIfAborted();
      const answer = await call(way.request, url, options, body, ends);
      const isDone = statusIsEnough && isSuccess(answer);
      if (isDone) answer.on('error', () => undefined).resume();
      const text = isDone ? '' : await readText(answer).catch((error: unknown) => (statusIsEnough ? '' : Promise.reject(error)));
      return { status: answer.statusCode ?? 0, headers: flatten(answer.headers), text };
    } catch (error) {
      if (error instanceof NoAnswer) throw error;
      if (ends.aborted) throw new NoAnswer('timeout', `timeout after ${timeoutMs} ms`, { cause: withoutBytes(error) });
      throw new NoAnswer('unreachable', connectionFault(error), { cause: withoutBytes(error) });
    }
  };
}

type Way = { request: typeof import('node:http').request; agent: Agent };

/** Node's module is asked for at the first call: Node takes longer to load it than all of our own code, and a refusal goes out without it. */
function openWay(protocol: string): Way {
  const node = protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
  return { request: node.request, agent: new node.Agent(KEPT) };
}

function call(request: Way['request'], url: URL, options: RequestOptions, body: string | undefined, ends: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, resolve);
    // Not Node's option for it, which watches the whole stream besides.
    const end = (): void => void sent.destroy(ends.reason as Error);
    ends.addEventListener('abort', end);
    sent.on('close', () => ends.removeEventListener('abort', end));
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

/** By its events, which cost less than a loop over the stream. */
function readText(answer: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) answer.destroy(new AnswerTooLarge('unreachable', 'the answer is too large'));
      else chunks.push(chunk);
    });
    answer.on('end', () => resolve(Buffer.concat(chunks).toString()));
    answer.on('error', reject);
  });
}

const isSuccess = ({ statusCode = 0 }: IncomingMessage): boolean => statusCode >= 200 && statusCode <= 299;
