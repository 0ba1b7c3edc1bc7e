import type { Clock } from '../core/clock.ts';
import { UpstreamFailed } from '../core/errors.ts';
import { createLimit } from '../http/limit.ts';
import { retryRead } from '../http/retry.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import type { Settings } from '../settings/settings.ts';
import type { Cluster, Project } from './cluster.ts';
import type { Authorization, Credentials } from './credentials.ts';
import type { Endpoints } from './endpoints.ts';
import { troubleOf, troubleOfNoAnswer, unreadableAnswer } from './trouble.ts';

type Password = Extract<Settings['credentials'], { by: 'password' }>;
type Token = { token: string; projectId: string; renewAtMs: number };

const RENEW_EARLY_MS = 5 * 60_000;
const UNDATED_TOKEN_LIVES_MS = 10 * 60_000;
const TRY_TIMEOUT_MS = 8_000;
const RETRY_FOR_MS = 10_000;
// IAM locks a user after about five wrong passwords; we stop before.
const REFUSALS_BEFORE_HOLD = 3;
const HOLD_MS = 5 * 60_000;
// Requests for several projects at once count their refusals only when they are back: so at most four go out before the hold.
const REQUESTS_AT_ONCE = 2;

/**
 * IAM tokens by user and password: one per IAM endpoint, account, user and project, cached until shortly before they
 * expire, with one request in flight for any number of callers.
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
 */
export function createTokenCredentials(options: {
  password: Password;
  endpointsOf: (region: string) => Endpoints;
  send: Send;
  clock: Clock;
}): Credentials {
  const { password, endpointsOf, send, clock } = options;
  const tokens = new Map<string, Token>();
  const pending = new Map<string, Promise<Token>>();
  const limit = createLimit(REQUESTS_AT_ONCE);
  let refusals = 0;
  let heldUntilMs = 0;

  const keyOf = ({ region, project }: Cluster): string =>
    JSON.stringify([endpointsOf(region).iam, password.domain, password.user, project]);

  async function fetchToken(cluster: Cluster): Promise<Token> {
    if (clock.now() < heldUntilMs) {
      throw new UpstreamFailed({
        service: 'IAM',
        kind: 'unauthorized',
        message: 'IAM refused our password several times; no further try for 5 minutes, or it would lock the user',
      });
    }
    try {
      const token = await requestToken(send, clock, endpointsOf(cluster.region).iam, password, cluster.project);
      refusals = 0;
      return token;
    } catch (error) {
      if (error instanceof UpstreamFailed && error.trouble.kind === 'unauthorized' && ++refusals >= REFUSALS_BEFORE_HOLD) {
        heldUntilMs = clock.now() + HOLD_MS;
        refusals = 0;
      }
      throw error;
    }
  }

  function tokenFor(cluster: Cluster): Promise<Token> {
    const key = keyOf(cluster);
    const cached = tokens.get(key);
    if (cached && clock.now() < cached.renewAtMs) return Promise.resolve(cached);
    let request = pending.get(key);
    if (!request) {
      request = limit(() => fetchToken(cluster))
        .then((token) => {
          tokens.set(key, token);
          return token;
        })
        .finally(() => pending.delete(key));
      pending.set(key, request);
    }
    return request;
  }

  return {
    async authorize(cluster, signal): Promise<Authorization> {
      const { token, projectId } = await waitAtMost(tokenFor(cluster), signal);
      return { projectId, headers: { 'x-auth-token': token } };
    },
    renew(cluster, used): boolean {
      const key = keyOf(cluster);
      // Somebody else may have renewed it meanwhile: then theirs is the new try.
      if (tokens.get(key)?.token === used.headers['x-auth-token']) tokens.delete(key);
      return true;
    },
  };
}

/** The caller's own time limits how long they wait; the request goes on for the others. */
function waitAtMost(request: Promise<Token>, signal: AbortSignal | undefined): Promise<Token> {
  if (!signal) return request;
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const stopWaiting = (): void => reject(new UpstreamFailed({ service: 'IAM', kind: 'timeout', message: 'no token in time' }));
  if (signal.aborted) stopWaiting();
  else signal.addEventListener('abort', stopWaiting, { once: true });
  return Promise.race([request, timeUp]).finally(() => signal.removeEventListener('abort', stopWaiting));
}

async function requestToken(send: Send, clock: Clock, iam: string, password: Password, project: Project): Promise<Token> {
  const { user, domain } = password;
  const identity = {
    methods: ['password'],
    password: { user: { name: user, password: password.password.reveal(), domain: { name: domain } } },
  };
  const answer = await callIam(send, clock, [password.password.reveal()], {
    method: 'POST',
    url: new URL(`${iam}/v3/auth/tokens?nocatalog=true`),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project } } }),
  });
  const token = answer.headers['x-subject-token'];
  if (token === undefined || token === '') throw unreadableAnswer('IAM', answer, 'X-Subject-Token header');
  const body = parseTokenBody(answer.text);
  const expiresAtMs = Date.parse(body.expires_at ?? '');
  return {
    token,
    projectId: 'id' in project ? project.id : (body.project?.id ?? (await findProjectId(send, clock, iam, token, project.name))),
    renewAtMs: Number.isNaN(expiresAtMs) ? clock.now() + UNDATED_TOKEN_LIVES_MS : expiresAtMs - RENEW_EARLY_MS,
  };
}

/** Asks IAM for a project's id, for the rare token answer that does not say it. */
async function findProjectId(send: Send, clock: Clock, iam: string, token: string, name: string): Promise<string> {
  const url = new URL(`${iam}/v3/projects`);
  url.searchParams.set('name', name);
  const answer = await callIam(send, clock, [token], { method: 'GET', url, headers: { 'x-auth-token': token } });
  const { projects } = parseJson(answer.text) as { projects?: unknown };
  if (!Array.isArray(projects)) throw unreadableAnswer('IAM', answer, 'projects');
  const ids = projects.filter((project) => project?.name === name).map(({ id }): string | undefined => id);
  if (ids.length === 1 && ids[0] !== undefined) return ids[0];
  throw new UpstreamFailed({
    service: 'IAM',
    kind: 'rejected',
    status: answer.status,
    message: `${ids.length} projects are named ${name}; set HW_PROJECT_ID`,
  });
}

async function callIam(send: Send, clock: Clock, secrets: string[], call: Omit<Parameters<Send>[0], 'timeoutMs'>): Promise<HttpAnswer> {
  return retryRead(clock, { retryForMs: RETRY_FOR_MS }, async () => {
    let answer: HttpAnswer;
    try {
      answer = await send({ ...call, timeoutMs: TRY_TIMEOUT_MS });
    } catch (error) {
      throw troubleOfNoAnswer('IAM', error);
    }
    if (answer.status < 200 || answer.status > 299) throw troubleOf('IAM', answer, secrets);
    return answer;
  });
}

function parseTokenBody(text: string): { expires_at?: string; project?: { id?: string } } {
  const body = parseJson(text) as { token?: { expires_at?: string; project?: { id?: string } } };
  return body.token ?? {};
}

function parseJson(text: string): object {
  try {
    return (JSON.parse(text) as object | null) ?? {};
  } catch {
    return {};
  }
}
