import type { IncomingHttpHeaders } from 'node:http';
import type { FaultTarget } from './faults.ts';

/** A request as it arrived. `at` is epoch ms of the simulator's clock; `answeredStatus` stays undefined where no answer went out. */
export type RecordedRequest = {
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  /** The query as it was written: `?name=eu-west-101`, or ''. */
  search: string;
  headers: IncomingHttpHeaders;
  body: string;
  answeredStatus: number | undefined;
};

/** A text body goes out as it stands, an object as JSON, none as an empty body. */
export type Answer = { status: number; body?: string | object; headers?: Record<string, string> };

/** One request on its way through a route; `requestId` is what the answer carries as X-Request-Id. */
export type Call = { request: RecordedRequest; requestId: string };

/** One row of the table of routes; the groups of `path` arrive as further arguments. `on` is the name its faults go by. */
export type Route = {
  on: Exclude<FaultTarget, 'any'>;
  method: string;
  path: RegExp;
  answer: (call: Call, ...segments: string[]) => Answer;
};

/** The route that serves a request and the groups of its path, or undefined. */
export function findRoute(
  routes: Route[],
  { method, path }: Pick<RecordedRequest, 'method' | 'path'>,
): { route: Route; segments: string[] } | undefined {
  for (const route of routes) {
    const match = route.method === method ? route.path.exec(path) : null;
    if (match) return { route, segments: match.slice(1) };
  }
  return undefined;
}
