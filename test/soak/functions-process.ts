import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { handler as alerts } from '../../functions/alerts.ts';
import { handler as events } from '../../functions/events.ts';
import { handler as kill } from '../../functions/kill.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';

// Three functions of the AWS home in one process, as they are deployed: what comes over HTTP is alerts', and each invocation of
// another comes by its name. A sandbox of Lambda serves one at a time; this one all at once.

const INVOCATION_MS = 120_000;

async function answer({ method = '', url = '', headers }: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
  switch (url) {
    case '/invoke/kill':
      return { status: 200, text: JSON.stringify(await kill(JSON.parse(body) as never, lambdaContext(INVOCATION_MS) as never)) };
    case '/invoke/events':
      await events(JSON.parse(body));
      return { status: 200, text: '{}' };
    default: {
      const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
      const { statusCode = 0, body: answered = '' } = await alerts(httpEvent(`${method} ${url}`, { headers: sent, body }), lambdaContext());
      return { status: statusCode, text: answered };
    }
  }
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { status, text: answered } = await answer(request, await text(request));
    response.writeHead(status, { 'content-type': 'application/json' }).end(answered);
  } catch (error) {
    response.writeHead(500).end(String(error)); // it threw: whoever invoked it tries again
  }
}

const server = createServer((request, response) => void serve(request, response));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${JSON.stringify({ message: 'serving', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })}\n`));
process.once('SIGTERM', () => process.exit(0)); // as Lambda ends a sandbox: nothing is waited for
