import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Metrics } from './metrics.ts';

/** `url` is what Prometheus reads; `close` ends what is being read too. */
export type MetricsServer = { url: string; close(): Promise<void> };

/**
 * Answers `GET /metrics` on loopback and nothing else: names of rules and how much is killed are not for everybody, and there is no
 * token. `port` 0 takes a free one. Throws SettingsInvalid where it cannot be had.
 */
export async function serveMetrics(port: number, metrics: Pick<Metrics, 'contentType' | 'text'>, log: Log): Promise<MetricsServer> {
  const answer = async ({ method, url = '' }: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (method !== 'GET' || url.split('?')[0] !== '/metrics') return void response.writeHead(404).end();
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 8_192 }, (request, response) => {
    answer(request, response).catch((error: unknown) => {
      log.error('the metrics cannot be told', { error });
      response.writeHead(500).end();
    });
  });
  server.maxConnections = 20;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new SettingsInvalid([{ name: 'METRICS_PORT', problem: whyNot(error) }])));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function whyNot({ code }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'is taken by another program on 127.0.0.1: choose a free port';
  if (code === 'EACCES') return 'may not be taken by this user: choose one above 1023';
  return `cannot be listened on (${code})`;
}
