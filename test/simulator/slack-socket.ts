import { randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SlackMethod, SlackReply } from './slack-chat.ts';
import type { Workspace } from './slack-workspace.ts';

/** What comes by Socket Mode. */
export type EnvelopeType = 'slash_commands' | 'interactive';
/** An acknowledgement as it came; `at` is epoch ms of the simulator's clock, `tries` how often the envelope had been sent by then. */
export type Acknowledged = { envelopeId: string; payload: Record<string, unknown>; at: number; tries: number; connection: number };
/** Why Slack takes leave. https://docs.slack.dev/apis/events-api/using-socket-mode/#disconnect */
export type Leave = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

/** Socket Mode as tests see it. */
export type SimulatedSocketMode = {
  /** The numbers of the connections that said hello, the oldest first; the first one ever is 1. */
  connections(): number[];
  /** Sends the form of a command or a click as an envelope; resolves with its acknowledgement, undefined where none came however often it was sent. */
  deliver(type: EnvelopeType, form: URLSearchParams): Promise<Acknowledged | undefined>;
  /** How many envelopes were sent, each time counted. */
  sent(): number;
  /** Sends whatever it is, to each connection. */
  sendRaw(text: string): void;
  /** Takes leave of a connection, of all where none is named; closing is the client's. */
  leave(reason: Leave, connection?: number): void;
  /** Every connection breaks off. */
  drop(): void;
  /** From now on these app tokens count. */
  takeTokens(...appTokens: string[]): void;
};

/** What the routes and the sockets share. */
export type SocketMode = {
  appTokens: Set<string>;
  /** Each opens one connection. */
  tickets: Set<string>;
  connections: Map<number, WebSocket>;
  opened: number;
  delivered: number;
  waiting: Map<string, (socket: number, payload: Record<string, unknown>) => void>;
  /** How long Slack waits for an acknowledgement before it sends the envelope again. */
  resendAfterMs: number;
  /** How often it sends one in all. */
  sends: number;
  mostConnections: number;
};

/** What can be told of it; left out, it is as Slack has it. */
export type SocketModeOptions = { appToken?: string; resendAfterMs?: number; sends?: number; mostConnections?: number };

export function makeSocketMode({ appToken = 'xapp-simulator-token', resendAfterMs = 3_000, sends = 4, mostConnections = 10 }: SocketModeOptions): SocketMode {
  return { appTokens: new Set([appToken]), tickets: new Set(), connections: new Map(), opened: 0, delivered: 0, waiting: new Map(), resendAfterMs, sends, mostConnections };
}

/** Where a ticket leads, below the simulator's own host. https://docs.slack.dev/reference/methods/apps.connections.open/ */
export function openConnection(host: string): SlackMethod {
  return ({ socketMode }) => {
    const ticket = randomBytes(16).toString('hex');
    socketMode.tickets.add(ticket);
    return { ok: true, url: `ws://${host}/link/?ticket=${ticket}&app_id=A0123ABCD` };
  };
}

/** Why an app token does not count, in Slack's words. */
export function refuseAppToken({ socketMode }: Workspace, token: string): SlackReply | undefined {
  if (socketMode.appTokens.has(token)) return undefined;
  return { ok: false, error: token.startsWith('xapp-') ? 'invalid_auth' : 'not_allowed_token_type' };
}

/** Takes the connections of a server's `upgrade` event that a ticket leads to. */
export function serveSocketMode(mode: SocketMode): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({ noServer: true });
  return (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (pathname !== '/link/' || !mode.tickets.delete(searchParams.get('ticket') ?? '')) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    server.handleUpgrade(request, socket, head, (opened) => welcome(mode, opened));
  };
}

function welcome(mode: SocketMode, socket: WebSocket): void {
  const number = ++mode.opened;
  socket.on('error', () => undefined);
  if (mode.connections.size >= mode.mostConnections) {
    takeLeave(socket, 'too_many_websockets');
    return socket.close();
  }
  mode.connections.set(number, socket);
  socket.on('close', () => mode.connections.delete(number));
  socket.on('message', (data: Buffer) => {
    const { envelope_id: envelopeId, payload = {} } = JSON.parse(data.toString()) as { envelope_id: string; payload?: Record<string, unknown> };
    mode.waiting.get(envelopeId)?.(number, payload);
  });
  send(socket, { type: 'hello', num_connections: mode.connections.size, connection_info: { app_id: 'A0123ABCD' }, debug_info: { host: 'applink-1', approximate_connection_time: 18_060 } });
}

/** The view of it, on the clock `now`. */
export function viewSocketMode(mode: SocketMode, now: () => number): SimulatedSocketMode {
  const all = (): [number, WebSocket][] => [...mode.connections].filter(([, socket]) => socket.readyState === socket.OPEN);
  return {
    connections: () => all().map(([number]) => number),
    async deliver(type, form) {
      const envelopeId = randomUUID();
      const payload: unknown = type === 'interactive' ? JSON.parse(form.get('payload') ?? '') : Object.fromEntries(form);
      const { promise, resolve } = Promise.withResolvers<Acknowledged>();
      let tries = 0;
      mode.waiting.set(envelopeId, (connection, answer) => resolve({ envelopeId, payload: answer, at: now(), tries, connection }));
      while (tries < mode.sends) {
        const open = all();
        const [, socket] = open[mode.delivered++ % open.length] ?? [];
        tries++;
        if (socket) send(socket, { envelope_id: envelopeId, type, payload, accepts_response_payload: type === 'slash_commands', ...(tries > 1 && { retry_attempt: tries - 1, retry_reason: 'timeout' }) });
        const acknowledged = await Promise.race([promise, pause(mode.resendAfterMs)]);
        if (acknowledged !== undefined) return acknowledged;
      }
      return undefined;
    },
    sent: () => mode.delivered,
    sendRaw: (text) => all().forEach(([, socket]) => socket.send(text)),
    leave: (reason, connection) => all().forEach(([number, socket]) => (connection === undefined || connection === number) && takeLeave(socket, reason)),
    drop: () => all().forEach(([, socket]) => socket.terminate()),
    takeTokens: (...appTokens) => void (mode.appTokens = new Set(appTokens)),
  };
}

function takeLeave(socket: WebSocket, reason: Leave): void {
  send(socket, { type: 'disconnect', reason, debug_info: { host: 'applink-1' } });
}

function send(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}

const pause = (ms: number): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), ms).unref());
