import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { authenticate, refuseCaller } from './authentication.ts';
import type { Cloud, SimulatedProject, SimulatedUser } from './cloud.ts';
import type { Answer, Call, Route } from './routing.ts';

const TOKEN_LIFE_MS = 24 * 3_600_000;

const tokenRequest = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.tuple([z.literal('password')]),
      password: z.object({
        user: z.object({ name: z.string(), password: z.string(), domain: z.object({ name: z.string() }) }),
      }),
    }),
    scope: z
      .object({ project: z.object({ id: z.string().optional(), name: z.string().optional() }).optional() })
      .optional(),
  }),
});

/** IAM v3: tokens by password, and projects. https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html */
export function iamRoutes(cloud: Cloud): Route[] {
  return [
    { on: 'token', method: 'POST', path: /^\/v3\/auth\/tokens$/, answer: (call) => issueToken(cloud, call) },
    { on: 'projects', method: 'GET', path: /^\/v3\/projects$/, answer: (call) => listProjects(cloud, call) },
  ];
}

function issueToken(cloud: Cloud, { request }: Call): Answer {
  const parsed = tokenRequest.safeParse(readJson(request.body));
  if (!parsed.success) return keystoneError(400, 'Bad Request', 'The request body is invalid.');
  const { identity, scope } = parsed.data.auth;
  const wanted = identity.password.user;
  const user = cloud.users.find(
    ({ name, password, domain }) => name === wanted.name && password === wanted.password && domain === wanted.domain.name,
  );
  if (user === undefined) return keystoneError(401, 'Unauthorized', 'The username or password is wrong.');
  const project = scope?.project && findProject(cloud, scope.project);
  if (scope?.project && project === undefined) return keystoneError(401, 'Unauthorized', 'The project does not exist.');

  // As long as real ones, so that a cap on header sizes shows here first.
  const text = `MII${randomBytes(3_072).toString('base64').replaceAll('/', '-')}`;
  const issuedAt = cloud.now();
  const expiresAt = issuedAt + TOKEN_LIFE_MS;
  cloud.tokens.set(text, { expiresAt, projectId: project?.id, revoked: false });
  return {
    status: 201,
    headers: { 'X-Subject-Token': text },
    body: {
      token: {
        expires_at: toKeystoneTime(expiresAt),
        issued_at: toKeystoneTime(issuedAt),
        methods: ['password'],
        ...(project && { project: { ...project, domain: domainOf(user) } }),
        user: { id: hexId(user.name), name: user.name, password_expires_at: '', domain: domainOf(user) },
        roles: [{ id: '0', name: 'mrs_adm' }],
        ...(request.query['nocatalog'] ? {} : { catalog: [{ id: hexId('mrs'), name: 'mrs', type: 'mrs', endpoints: [] }] }),
      },
    },
  };
}

function listProjects(cloud: Cloud, call: Call): Answer {
  const caller = authenticate(cloud, call);
  if (!caller.known) {
    // Signatures are judged by the gateway that IAM too stands behind.
    if (caller.because === 'bad-signature') return refuseCaller(caller, call);
    return keystoneError(401, 'Unauthorized', 'The request you have made requires authentication.');
  }
  const { name } = call.request.query;
  const projects = cloud.projects.filter((project) => name === undefined || project.name === name);
  return {
    status: 200,
    body: {
      links: { self: call.request.path, previous: null, next: null },
      projects: projects.map((project) => ({
        ...project,
        domain_id: hexId('domain'),
        parent_id: hexId('domain'),
        is_domain: false,
        enabled: true,
        description: '',
        links: { self: `/v3/projects/${project.id}` },
      })),
    },
  };
}

function keystoneError(code: number, title: string, message: string): Answer {
  return { status: code, body: { error: { code, message, title } } };
}

type ProjectScope = { id?: string | undefined; name?: string | undefined };

function findProject({ projects }: Cloud, { id, name }: ProjectScope): SimulatedProject | undefined {
  return projects.find((project) => (id === undefined ? project.name === name : project.id === id));
}

function domainOf({ domain }: SimulatedUser): object {
  return { id: hexId('domain'), name: domain };
}

function hexId(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

/** UTC with six decimals, as in `2020-01-04T09:05:22.701000Z`. */
function toKeystoneTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace('Z', '000Z');
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
