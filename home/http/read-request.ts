import type { IncomingMessage } from 'node:http';

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

/** The bytes of the body; undefined where they are more than `most`, before any of it is read where its length says so. Throws ClientGone. */
export async function readBytes(incoming: IncomingMessage, most: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > most) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) resolve(undefined);
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
