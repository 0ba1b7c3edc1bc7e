import { createServer, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export type Fault =
  /** An answer in place of the table's, which is not asked. */
  | { answer: { status: number; type?: string; body: string } }
  /** The table is asked, and its answer replaced. */
  | { change: (body: any) => unknown }
  /** The table is asked or not, and no answer comes. */
  | { silent: 'before' | 'after' }
  /** The connection is cut in place of an answer. */
  | { cut: true };

export type FaultFront = {
  url: string;
  /** The operations that came in, in order, with their bodies. */
  seen: { operation: string; body: any }[];
  /** The next requests of an operation have these faults, one each; then the table answers again. */
  next: (operation: string, ...faults: Fault[]) => void;
  reset: () => void;
  close: () => Promise<void>;
};

export const throttled: Fault = {
  answer: { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"Rate exceeded"}' },
};
export const error = (status: number, code: string, message = ''): Fault => ({
  answer: { status, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${code}`, message }) },
});

/** Stands in front of a table's server and lets everything through but what it was told to spoil; `spoil` is asked where it was told nothing. */
export async function startFaultFront(target: string, spoil: (operation: string) => Fault | undefined = () => undefined): Promise<FaultFront> {
  const seen: FaultFront['seen'] = [];
  const faults = new Map<string, Fault[]>();
  const send = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => void response.writeHead(status, { 'content-type': type }).end(body);

  const server = createServer(async (incoming, response) => {
    const body = await buffer(incoming);
    const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
    seen.push({ operation, body: JSON.parse(body.toString()) });
    const fault = faults.get(operation)?.shift() ?? spoil(operation);
    if (fault !== undefined && 'answer' in fault) return send(response, fault.answer.status, fault.answer.type ?? 'application/x-amz-json-1.0', fault.answer.body);
    if (fault !== undefined && 'cut' in fault) return void response.destroy();
    if (fault !== undefined && 'silent' in fault && fault.silent === 'before') return;
    const { headers } = incoming;
    // A connection of its own: the table closes one that was idle, which would break off the next request.
    const forwarded = request(target, { method: 'POST', headers, agent: false }, async (answer) => {
      const text = await buffer(answer);
      if (fault !== undefined && 'silent' in fault) return;
      const changed = fault !== undefined && 'change' in fault ? JSON.stringify(fault.change(JSON.parse(text.toString()))) : text;
      send(response, answer.statusCode ?? 0, 'application/x-amz-json-1.0', changed);
    });
    forwarded.on('error', () => response.destroy()).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    seen,
    next: (operation, ...more) => void faults.set(operation, [...(faults.get(operation) ?? []), ...more]),
    reset: () => {
      faults.clear();
      seen.length = 0;
    },
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
