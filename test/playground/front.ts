import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { Bundle } from './bundle.ts';
import { PAGE } from './html.ts';
import type { World } from './world.ts';

/** The playground's own server. */
export type Front = { /** Of the page. */ url: string; close(): Promise<void> };

type Served = { status: number; type: string; body: string; headers?: Record<string, string> };

// The page is all there is: whatever a message of a job says, nothing is loaded from elsewhere and nothing is run.
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

/**
 * Serves the playground on loopback; 0 takes a free port. Nothing of it is loaded before the first visit: then a cloud and a home
 * of its own begin, by the policy of that file. Rejects where the port cannot be had.
 */
export async function servePlayground({ port, policyFile }: { port: number; policyFile: string }): Promise<Front> {
  let world: Promise<World> | undefined;
  let bundle: Promise<Bundle> | undefined;
  const openedWorld = (): Promise<World> => (world ??= import('./world.ts').then(({ openWorld }) => openWorld(policyFile)));
  const bundled = (): Promise<Bundle> => (bundle ??= import('./bundle.ts').then(({ bundlePage }) => bundlePage()));

  async function serve(request: IncomingMessage): Promise<Served> {
    // A name of another site may lead here, too (DNS rebinding): its pages are not served.
    if (!/^(?:127\.0\.0\.1|localhost):\d+$/.test(request.headers.host ?? '')) return json(421, { error: 'this is for 127.0.0.1 and localhost only' });
    const { pathname } = URL.parse(request.url ?? '/', 'http://localhost') ?? { pathname: '' };
    switch (`${request.method} ${pathname}`) {
      case 'GET /':
        return { status: 302, type: 'text/plain', body: '', headers: { location: '/playground' } };
      case 'GET /playground':
        return { status: 200, type: 'text/html', body: PAGE };
      case 'GET /playground/page.js':
        return { status: 200, type: 'text/javascript', body: (await bundled()).js };
      case 'GET /playground/page.css':
        return { status: 200, type: 'text/css', body: (await bundled()).css };
      case 'GET /playground/state':
        return json(200, (await openedWorld()).state());
    }
    const name = /^POST \/playground\/do\/([a-z-]+)$/.exec(`${request.method} ${pathname}`)?.[1];
    return name === undefined ? json(404, { error: 'there is no such page' }) : act(name, request);
  }

  async function act(name: string, request: IncomingMessage): Promise<Served> {
    const { origin, host } = request.headers;
    if (origin !== undefined && origin !== `http://${host}`) return json(403, { error: 'this is for the pages of the playground only' });
    // A form of another site cannot send this type, whatever its browser says of where it is from.
    if (request.headers['content-type'] !== 'application/json') return json(415, { error: 'the body has to be application/json' });
    const { ACTIONS } = await import('./actions.ts');
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (action === undefined) return json(404, { error: `there is no action ${name}` });
    const body = await textOf(request);
    const opened = await openedWorld();
    try {
      await action(opened, JSON.parse(body));
    } catch (error) {
      return json(400, { error: (error as Error).message });
    }
    return json(200, opened.state());
  }

  const server = createServer((request, response) => {
    void serve(request).catch((error: unknown) => json(500, { error: (error as Error).message })).then((served) => send(response, served));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/playground`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await world?.then((opened) => opened.close(), () => undefined); // one that did not open has nothing to close
    },
  };
}

function json(status: number, body: unknown): Served {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function send(response: ServerResponse, { status, type, body, headers }: Served): void {
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', 'content-security-policy': POLICY, 'x-content-type-options': 'nosniff', ...headers }).end(body);
}
