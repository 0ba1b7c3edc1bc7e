import { errorReply, type HttpReply, type HttpRequest } from '../http/reply.ts';
import type { Settings } from '../settings/settings.ts';
import { showJob } from './find-job.ts';
import { createHealth } from './health.ts';
import { killByRest, type RestKiller } from './kill-by-rest.ts';

/** What the REST API works with. */
export type ApiParts = RestKiller & { settings: Settings; socketMode?: boolean };

type Params = Record<string, string>;
type Route = {
  path: string;
  /** By method; what is not named here is a 405. */
  methods: Record<string, (load: () => ApiParts, request: HttpRequest, params: Params) => Promise<HttpReply>>;
};

const JOB_PATH = '/v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}';

/** Routes of the other functions: here only what they do not take arrives. */
const ELSEWHERE = [
  { path: '/slack/command', methods: ['POST'] },
  { path: '/slack/action', methods: ['POST'] },
  { path: '/alerts/{source}', methods: ['POST', 'PUT'] },
];

function createRoutes(): Route[] {
  return [
    { path: '/health', methods: { GET: createHealth() } },
    { path: JOB_PATH, methods: { GET: async (load, request, params) => showJob(load(), request, params) } },
    { path: `${JOB_PATH}/kill`, methods: { POST: async (load, request, params) => killByRest(load(), request, params) } },
  ];
}

/**
 * The REST API as one function from request to reply, with 404 and 405 for all that it does not know. `load` is called at
 * each use and throws SettingsInvalid while settings or policy are wrong.
 */
export function createApi(load: () => ApiParts): (request: HttpRequest) => Promise<HttpReply> {
  const routes = createRoutes();
  return async (request) => {
    for (const { path, methods } of routes) {
      const params = matchPath(path, request.path);
      if (params === undefined) continue;
      if (!Object.hasOwn(methods, request.method)) return wrongMethod(path, Object.keys(methods));
      const handle = methods[request.method];
      if (handle) return handle(load, request, params);
    }
    const other = ELSEWHERE.find(({ path }) => matchPath(path, request.path) !== undefined && !request.path.endsWith('/')); // a source has a name
    return other ? wrongMethod(other.path, other.methods) : errorReply(404, 'no such route');
  };
}

function wrongMethod(path: string, methods: string[]): HttpReply {
  const allow = methods.join(', ');
  return errorReply(405, `${path} takes ${allow} only`, { headers: { allow } });
}

/** The `{…}` segments by name; undefined where the path is another one. A segment that cannot be decoded stays as it is. */
function matchPath(template: string, path: string): Params | undefined {
  const wanted = template.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const params: Params = {};
  for (const [index, segment] of wanted.entries()) {
    const value = given[index] ?? '';
    if (segment.startsWith('{')) params[segment.slice(1, -1)] = decode(value);
    else if (segment !== value) return undefined;
  }
  return params;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
