import { once } from 'node:events';
import { createServer } from 'node:net';
import { StartRefused } from './start-refused.ts';

/** Throws StartRefused where a port that a local start is going to take is no port, or taken: serverless-offline would end in a stack by itself. */
export async function checkPorts(env: Record<string, string | undefined>): Promise<void> {
  const playground = env['PLAYGROUND_PORT'] || '0'; // which is any free one
  const ports = { PORT: env['PORT'] || '3000', LAMBDA_PORT: env['LAMBDA_PORT'] || '3002', ...(playground !== '0' && { PLAYGROUND_PORT: playground }) };
  const wrong: string[] = [];
  // One after the other: two may name the same.
  for (const [name, port] of Object.entries(ports)) wrong.push(...(await findProblems(name, port)));
  const names = Object.keys(ports) as (keyof typeof ports)[];
  for (const [index, name] of names.entries()) {
    const same = names.slice(0, index).find((other) => ports[other] === ports[name]);
    if (same !== undefined) wrong.push(`${name}: is the same as ${same}; set it to another one`);
  }
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
