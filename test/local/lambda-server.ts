import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DurableBackend } from './durable-backend.ts';
import type { Answer } from './lambda-answer.ts';
import { answerLambdaCall } from './lambda-routes.ts';
import { Throttled } from './quotas.ts';
import { ServiceError } from '../../home/engine/service-error.ts';

/** `port` 0 (default) takes a free one. `admit` throws a ServiceError for a call that is not to be answered, by a quota for one. */
export type LambdaServerOptions = { port?: number; admit?: (method: string, path: string) => void };

/** Serves the Lambda API of `backend` on loopback: put `url` into `AWS_ENDPOINT_URL_LAMBDA`. Signatures are not checked. */
export async function startLambdaServer(backend: DurableBackend, { port = 0, admit }: LambdaServerOptions = {}): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void serve(backend, admit, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Dead clients hang here for good, and the SDK keeps its connections.
        server.closeAllConnections();
      }),
  };
}

async function serve(backend: DurableBackend, admit: LambdaServerOptions['admit'], request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answer(backend, admit, request);
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

async function answer(backend: DurableBackend, admit: LambdaServerOptions['admit'], request: IncomingMessage): Promise<Answer> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const call = { method, url: new URL(url, 'http://localhost'), headers, body: Buffer.concat(chunks).toString() };
    admit?.(method, call.url.pathname);
    return await answerLambdaCall(backend, call);
  } catch (error) {
    return errorAnswer(error);
  }
}

/** https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html */
function errorAnswer(error: unknown): Answer {
  const { name, status, message } = error instanceof ServiceError ? error : new ServiceError('ServiceException', 500, String(error));
  const body = JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message });
  return { status, headers: { 'x-amzn-errortype': name, ...(error instanceof Throttled && { 'retry-after': '1' }) }, body };
}
