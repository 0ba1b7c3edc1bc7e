import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { answerWith, errorReply, type HttpReply } from '../../lib/http/reply.ts';
import type { AnswerParts } from './answer.ts';

const REPLIES: Readonly<Record<string, HttpReply>> = {
  HPE_HEADER_OVERFLOW: errorReply(431, 'the headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: errorReply(413, 'the body is too large'),
  ERR_HTTP_REQUEST_TIMEOUT: errorReply(408, 'the request did not come whole in time'),
};

/** Answers what is no HTTP request, or not whole in time, and ends its connection. https://nodejs.org/docs/latest-v24.x/api/http.html#event-clienterror */
export function answerBroken({ log, createId }: Pick<AnswerParts, 'log' | 'createId'>, code: string | undefined, socket: Duplex): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const requestId = createId();
  const reply = REPLIES[code ?? ''] ?? errorReply(400, 'this is no HTTP request that can be read');
  const { status, headers, text } = answerWith({ requestId, log: log.with({ request_id: requestId }) }, reply);
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(text), connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, ...lines, '', text].join('\r\n'), () => socket.destroy());
}
