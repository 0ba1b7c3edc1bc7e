import { UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { parseJsonObject } from '../http/json.ts';
import { createLimit } from '../http/limit.ts';
import type { Send } from '../http/send.ts';
import type { Endpoints } from '../settings/regions.ts';
import { Secret } from '../settings/secret.ts';
import type { Settings } from '../settings/settings.ts';
import type { Cluster, Project } from './cluster.ts';
import { type Authorization, type Credentials, type Proof, tokenProof } from './credentials.ts';
import { callIam, findProjectId, type IamCalls, waitAtMost } from './iam.ts';
import { unreadableAnswer } from './trouble.ts';

type Password = Extract<Settings['credentials'], { kind: 'password' }>;
/** `renewAtMs`: epoch ms by the wall clock, as IAM's `expires_at`. */
type Token = { authorization: Authorization; renewAtMs: number };

const RENEW_EARLY_MS = 5 * 60_000;
const UNDATED_TOKEN_LIVES_MS = 10 * 60_000;
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
      const token = await requestToken({ send, clock }, endpointsOf(cluster.region).iam, password, cluster.project);
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
    if (cached && clock.wall() < cached.renewAtMs) return Promise.resolve(cached);
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
      return (await waitAtMost(tokenFor(cluster), signal, 'IAM', 'token')).authorization;
    },
    renew(cluster, used): boolean {
      const key = keyOf(cluster);
      // Somebody else may have renewed it meanwhile: then theirs is the new try.
      if (tokens.get(key)?.authorization === used) tokens.delete(key);
      return true;
    },
  };
}

async function requestToken(calls: IamCalls, iam: string, password: Password, project: Project): Promise<Token> {
  const { user, domain } = password;
  const identity = {
    methods: ['password'],
    password: { user: { name: user, password: password.password.reveal(), domain: { name: domain } } },
  };
  const answer = await callIam(calls, passwordProof(password), {
    method: 'POST',
    url: new URL(`${iam}/v3/auth/tokens?nocatalog=true`),
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project } } }),
  });
  const token = answer.headers['x-subject-token'];
  if (token === undefined || token === '') throw unreadableAnswer('IAM', answer, 'X-Subject-Token header');
  const proof = tokenProof(new Secret(token));
  const body = parseTokenBody(answer.text);
  const expiresAtMs = Date.parse(body.expires_at ?? '');
  const projectId = 'id' in project ? project.id : (body.project?.id ?? (await findProjectId(calls, proof, iam, project.name)));
  return {
    authorization: { projectId, ...proof },
    renewAtMs: Number.isNaN(expiresAtMs) ? calls.clock.wall() + UNDATED_TOKEN_LIVES_MS : expiresAtMs - RENEW_EARLY_MS,
  };
}

/** The password stands in the body: nothing is added, but an answer may repeat it. */
function passwordProof({ password }: Password): Proof {
  return {
    sign: ({ headers }) => ({ headers, secrets: [password.reveal()] }),
    refused: (refusal) => refusal,
  };
}

function parseTokenBody(text: string): { expires_at?: string; project?: { id?: string } } {
  const body = parseJsonObject(text) as { token?: { expires_at?: string; project?: { id?: string } } };
  return body.token ?? {};
}
