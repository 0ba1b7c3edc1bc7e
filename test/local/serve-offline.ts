import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Variables } from '../../lib/settings/variables.ts';

export type Served = {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** serverless-offline's invoke server, for functions without a route. */
  lambdaUrl: string;
  /** What the server has written so far. */
  output(): string;
  /** Ends the server and all it started. */
  stop(): Promise<void>;
};

const READY_WITHIN_MS = 60_000;

/** Empty counts as unset, and wins over a `.env` file: a demo must never meet an operator's real keys. */
const NO_SETTINGS = Object.fromEntries([...Object.keys(Variables.shape), 'PAUSED', 'POLICY_FILE', 'AWS_ENDPOINT_URL_LAMBDA', 'AWS_ENDPOINT_URL_DYNAMODB', 'PLAYGROUND_PORT'].map((name) => [name, '']));

/**
 * Starts what `npm start` starts, on free ports, with these settings and no others, and resolves when /health answers 200.
 * Rejects with the server's output if it ends or takes longer than a minute.
 */
export async function serveOffline(settings: Record<string, string>): Promise<Served> {
  const [port, lambdaPort] = await Promise.all([findFreePort(), findFreePort()]);
  const child = spawn(process.execPath, ['tools/osls.ts', 'start'], {
    env: { ...process.env, ...NO_SETTINGS, ...settings, PORT: String(port), LAMBDA_PORT: String(lambdaPort) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, so that its children end with it
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const ended = once(child, 'exit');
  const served: Served = {
    url: `http://127.0.0.1:${port}`,
    lambdaUrl: `http://127.0.0.1:${lambdaPort}`,
    output: () => written,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    },
  };
  try {
    await Promise.race([
      becomesReady(`${served.url}/health`),
      ended.then(() => Promise.reject(new Error(`the server ended before it was ready:\n${written}`))),
    ]);
  } catch (error) {
    await served.stop();
    throw error;
  }
  return served;
}

async function becomesReady(health: string): Promise<void> {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const status = await fetch(health).then((answer) => answer.status, () => undefined);
    if (status === 200) return;
    if (Date.now() > giveUpAt) throw new Error(`${health} did not answer 200 within a minute (last: ${status ?? 'no answer'})`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
