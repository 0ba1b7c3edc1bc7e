import type { Simulator } from './simulator.ts';

export const PROJECT_ID = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
export const ANALYTICS_ID = '2b460e01-3351-4170-b0a7-57b9dd5ffef3';
export const JOBS_PATH = `/v2/${PROJECT_ID}/clusters/${ANALYTICS_ID}/job-executions`;

/** An answer read to its end; `json` throws where the body is none. */
export type Reply = { status: number; headers: Headers; text: string; json: () => any };

/** Sends one request to the simulator with `token`, if any. Rejects where no answer comes. */
export async function send(
  simulator: Simulator,
  line: `${string} /${string}`,
  { token, headers, body, signal }: { token?: string; headers?: Record<string, string>; body?: unknown; signal?: AbortSignal } = {},
): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ');
  const response = await fetch(simulator.url + path, {
    method,
    headers: { ...(token === undefined ? {} : { 'X-Auth-Token': token }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) };
}

/** A request for a token of the simulator's default user. */
export function tokenRequest(scope: object = { project: { name: 'eu-west-101' } }, password = 'simulator-password'): object {
  const user = { name: 'killswitch', password, domain: { name: 'simulator' } };
  return { auth: { identity: { methods: ['password'], password: { user } }, scope } };
}

/** A token for the simulator's default user and project. */
export async function logIn(simulator: Simulator): Promise<string> {
  const reply = await send(simulator, 'POST /v3/auth/tokens?nocatalog=true', { body: tokenRequest() });
  return reply.headers.get('x-subject-token') ?? '';
}
