import { connect } from 'node:net';
import { type OpenServer, openServer, type OpenServerParts } from '../../../home/http/open-server.ts';
import { LIMITS } from '../../../home/http/limits.ts';
import type { HttpReply, HttpRequest } from '../../../lib/http/reply.ts';
import { createLog } from '../../../lib/log/log.ts';
import type { LogLine } from '../../stage/stage.ts';

/** A server of the own home on a free port, with what it was asked and what it logged. */
export type Served = OpenServer & { port: number; requests: HttpRequest[]; lines: LogLine[] };

type ServedOptions = { handle?: (request: HttpRequest) => Promise<HttpReply>; limits?: Partial<typeof LIMITS> } & Pick<Partial<OpenServerParts>, 'certificate' | 'host' | 'port'>;

/** Answers with the method, the path and the number of bytes unless told otherwise. */
export async function serve({ handle, limits, ...more }: ServedOptions = {}): Promise<Served> {
  const requests: HttpRequest[] = [];
  const lines: LogLine[] = [];
  let ids = 0;
  const server = await openServer({
    host: '127.0.0.1',
    port: 0,
    ...more,
    log: createLog({ level: 'debug', now: Date.now, write: (line) => void (line.startsWith('{"_aws"') || lines.push(JSON.parse(line) as LogLine)) }),
    clock: { now: Date.now },
    createId: () => `request-${++ids}`,
    secrets: { refresh: async () => undefined, refreshAfterRefusal: async () => false },
    limits: { ...LIMITS, ...limits },
    async handle(request) {
      requests.push(request);
      return handle ? handle(request) : { status: 200, body: { method: request.method, path: request.path, bytes: request.rawBody.length } };
    },
  });
  return { ...server, port: Number(new URL(server.url).port), requests, lines };
}

/** Sends these bytes on a connection of their own and gives all that comes back until the server closes it. */
export async function sendRaw(port: number, ...parts: (string | Buffer | (() => Promise<unknown>))[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => void (text += String(chunk)));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const part of parts) {
    if (typeof part === 'function') await part();
    else if (!socket.destroyed) socket.write(part);
  }
  await closed;
  return text;
}

/** The answers in what came over one connection. */
export function answersIn(text: string): { status: number; head: string; body: any }[] {
  return text.split(/(?=HTTP\/1\.1 \d{3} )/).filter((part) => part !== '').map((part) => {
    const [head = '', body = ''] = part.split('\r\n\r\n');
    return { status: Number(head.slice(9, 12)), head, body: body.startsWith('{') ? JSON.parse(body) : body };
  });
}
