import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartRefused } from './start-refused.ts';

/** Throws StartRefused where a port that serverless-offline is going to take is no port, or taken: it would end in a stack by itself. */
export async function checkPorts(env: Record<string, string | undefined>): Promise<void> {
  const ports = { PORT: env['PORT'] || '3000', LAMBDA_PORT: env['LAMBDA_PORT'] || '3002' };
  const wrong: string[] = [];
  // One after the other: both may name the same.
  for (const [name, port] of Object.entries(ports)) wrong.push(...(await findProblems(name, port)));
  if (ports.PORT === ports.LAMBDA_PORT) wrong.push('LAMBDA_PORT: is the same as PORT; set it to another one');
  if (wrong.length > 0) throw new StartRefused(wrong.join('\n'));
}

async function findProblems(name: string, port: string): Promise<string[]> {
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535) return [`${name}: has to be a port, 1 to 65535`];
  const server = createServer().listen(Number(port), '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    return [`${name}: port ${port} ${isTaken ? 'is taken: stop what listens there' : 'cannot be opened'}, or set ${name} to another one`];
  }
  server.close();
  await once(server, 'close');
  return [];
}
