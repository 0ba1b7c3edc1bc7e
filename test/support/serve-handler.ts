import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { httpEvent, lambdaContext } from './http-event.ts';

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** One request as it came in, with what was answered. */
export type Served = { method: string; path: string; headers: Record<string, string>; body: string; status: number; answer: string };

export type HandlerServer = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** All that were answered, in the order of the answers. */
  served: Served[];
  close(): Promise<void>;
};

/** Serves a Lambda handler on a free port of loopback, with the events that an HTTP API (payload 2.0) would give it. */
export async function serveHandler(handler: Handler): Promise<HandlerServer> {
  const served: Served[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = request;
    const headers = joinHeaders(request);
    const bytes = await buffer(request);
    // As the gateway: text as it is, anything else as base64.
    const isText = /^(?:text\/|application\/(?:json|x-www-form-urlencoded))/.test(headers['content-type'] ?? '');
    const event = { headers, body: bytes.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
    const { statusCode = 200, headers: sent = {}, body = '' } = await handler(httpEvent(`${method} ${url}`, event), lambdaContext());
    served.push({ method, path: url, headers, body: bytes.toString('utf8'), status: statusCode, answer: body });
    if (!response.destroyed) response.writeHead(statusCode, sent as Record<string, string>).end(body);
  };
  const server = createServer((request, response) => void serve(request, response).catch((error: unknown) => response.destroy(error as Error)));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Names in lower case, a header that came twice joined by commas. */
function joinHeaders({ headersDistinct }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headersDistinct).map(([name, values = []]) => [name, values.join(',')]));
}
