import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { type AnswerParts, answerRequest } from './answer.ts';
import { answerBroken } from './broken-request.ts';
import type { Certificate } from './certificate.ts';
import { type Limits, LIMITS } from './limits.ts';

export type OpenServerParts = Omit<AnswerParts, 'isStopping' | 'limits'> & { host: string; port: number; certificate?: Certificate | undefined; limits?: Limits };

export type OpenServer = {
  /** `http://127.0.0.1:3000` */
  url: string;
  /** Takes no connection and no request any more, and resolves when all that were begun are answered, or after so long. */
  stop(withinMs: number): Promise<void>;
};

const optionsOf = ({ headerBytes, headMs, requestMs, keepAliveMs }: Limits): ServerOptions => ({
  maxHeaderSize: headerBytes,
  headersTimeout: headMs,
  requestTimeout: requestMs,
  connectionsCheckingInterval: Math.min(1_000, headMs),
  keepAliveTimeout: keepAliveMs,
  requireHostHeader: false, // answerRequest says it in our shape
});

/** Listens on `host`:`port` with a limit on everything that a client may take up. Throws SettingsInvalid where it cannot listen there. */
export async function openServer({ host, port, certificate, limits = LIMITS, ...more }: OpenServerParts): Promise<OpenServer> {
  let stopping = false;
  const parts: AnswerParts = { ...more, limits, isStopping: () => stopping };
  const open = new Map<Duplex, Set<Exchange>>();
  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const { socket } = incoming;
    const exchange = { incoming, response };
    const exchanges = open.get(socket) ?? new Set();
    open.set(socket, exchanges.add(exchange));
    response.once('close', () => {
      exchanges.delete(exchange);
      if (exchanges.size === 0) open.delete(socket);
    });
    if (stopping) response.shouldKeepAlive = false;
    void answerRequest(parts, incoming, response);
  };
  const server = certificate ? createHttpsServer({ ...optionsOf(limits), ...certificate.pair, handshakeTimeout: limits.headMs }, serve) : createHttpServer(optionsOf(limits), serve);
  server.maxConnections = limits.connections;
  server.maxHeadersCount = 0; // Node would drop the rest without a word
  server.timeout = limits.silentMs;
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    const whole = [...(open.get(socket) ?? [])].find(({ incoming }) => incoming.complete);
    // What came before on this connection is answered first; nothing after it can be read.
    if (whole) whole.response.shouldKeepAlive = false;
    else answerBroken(parts, code, socket);
  });
  server.on('connect', (_request, socket) => answerBroken(parts, undefined, socket));
  // The body is asked for only where it will be read.
  server.on('checkContinue', (incoming, response) => {
    if (!stopping && !(Number(incoming.headers['content-length']) > limits.bodyBytes)) response.writeContinue();
    serve(incoming, response);
  });
  server.on('checkExpectation', serve);
  sayDropped(server, parts);

  await listen(server, host, port);
  const unwatch = certificate?.watch((pair) => 'setSecureContext' in server && server.setSecureContext(pair));
  return {
    url: urlOf(server, certificate !== undefined),
    async stop(withinMs) {
      stopping = true;
      unwatch?.();
      const closed = once(server, 'close');
      server.close(); // closes what is idle, too
      for (const exchanges of open.values()) for (const { response } of exchanges) response.shouldKeepAlive = false;
      const timer = setTimeout(() => server.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(timer);
    },
  };
}

type Exchange = { incoming: IncomingMessage; response: ServerResponse };

const SAY_AGAIN_AFTER_MS = 60_000;

/** A connection over the limit is closed without a word to it; the log says so once a minute. */
function sayDropped(server: Server, { log, clock, limits }: AnswerParts): void {
  let saidAt = -Infinity;
  server.on('drop', () => {
    if (clock.now() - saidAt < SAY_AGAIN_AFTER_MS) return;
    saidAt = clock.now();
    log.warn('a connection was closed: there are as many as are allowed', { allowed: limits.connections });
  });
}

/** Throws SettingsInvalid where nothing could listen there now; `name` is the setting of the port. */
export async function checkPort(host: string, port: number, name: 'PORT' | 'METRICS_PORT'): Promise<void> {
  const server = createHttpServer();
  await listen(server, host, port, name);
  server.close();
  await once(server, 'close');
}

async function listen(server: Server, host: string, port: number, name = 'PORT'): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw new SettingsInvalid([problemOf((error as NodeJS.ErrnoException).code, host, port, name)]);
  }
}

function problemOf(code: string | undefined, host: string, port: number, name: string): { name: string; problem: string } {
  switch (code) {
    case 'EADDRINUSE':
      return { name, problem: `port ${port} is taken: stop what listens there, or set ${name} to another one` };
    case 'EACCES':
      return { name, problem: `port ${port} is not allowed for this user: set ${name} to one from 1024 on` };
    default:
      return { name: 'HOST', problem: `cannot listen on ${host} (${code}): set HOST to an address of this machine` };
  }
}

function urlOf(server: Server, isSecure: boolean): string {
  const { address, port, family } = server.address() as AddressInfo;
  return `${isSecure ? 'https' : 'http'}://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
