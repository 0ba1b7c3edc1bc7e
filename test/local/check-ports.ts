import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartRefused } from './start-refused.ts';

/** Throws StartRefused where a port that serverless-offline is going to take is no port, or taken: it would end in a stack by itself. */
export async function checkPorts(env: Record<string, string | undefined>): Promise<void> {
  const ports = { PORT: env['PORT'] || '3000', LAMBDA_PORT: env['LAMBDA_PORT'] || '3002' };
  for (const [name, port] of Object.entries(ports)) {
    if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) throw new StartRefused(`${name}: has to be a port, 1 to 65535`);
    await tryPort(name, Number(port));
  }
  if (ports.PORT === ports.LAMBDA_PORT) throw new StartRefused('LAMBDA_PORT: is the same as PORT; set it to another one');
}

async function tryPort(name: string, port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new StartRefused(`${name}: port ${port} ${isTaken ? 'is taken: stop what listens there' : 'cannot be opened'}, or set ${name} to another one`, { cause: error });
  }
  server.close();
  await once(server, 'close');
}
