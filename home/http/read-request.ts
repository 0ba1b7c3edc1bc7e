import type { IncomingMessage } from 'node:http';
import { TooLarge } from '../../lib/core/errors.ts';

/** The connection ended before the request did: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/** The path as it was sent, without query; a target that names a host too (as proxies are asked) is cut to its path. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] || '/';
}

/** Names in lower case; one that came more than once is joined by commas, as the API gateway does it, so that two tokens are no token. */
export function headersOf({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(',')]));
}

/** The bytes of the body. Throws TooLarge, where its length says so before any of it is read, and ClientGone. */
export async function readBytes(incoming: IncomingMessage, most: number): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > most) throw tooLarge(most);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) reject(tooLarge(most));
    else chunks.push(chunk);
  });
  incoming.once('end', () => resolve(Buffer.concat(chunks)));
  incoming.once('close', () => reject(new ClientGone('the client went away')));
  incoming.on('error', () => undefined); // what broke off is closed as well
  try {
    return await promise;
  } finally {
    incoming.removeAllListeners('data');
  }
}

const tooLarge = (most: number): TooLarge => new TooLarge(`the body is larger than ${most / 1024 / 1024} MiB`);
