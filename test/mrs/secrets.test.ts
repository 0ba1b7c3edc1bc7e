import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import { createLog } from '../../lib/log/log.ts';
import type { Credentials } from '../../lib/mrs/credentials.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { GENEROUS_MS, timeOutWhen } from '../support/until.ts';
import { AGENCY, ANALYTICS, connect, type Keys, ONCE } from './connected.ts';

const PASSWORD = 'p4ss"word/hunter2-ü';
const TOKEN = `MII${'Zx9-QwertyToken+'.repeat(300)}`;
const JOB = {
  job_id: 'a-job',
  arguments: '[--class, com.example.Etl, --db-password, fake-argument-secret]',
  properties: '{fs.obs.access.key=FAKEACCESSKEY, fs.obs.secret.key=fake-property-secret}',
};
const KEY = { access: 'QWERTYACCESSKEY', secret: 'sk/p4ss+hunter2/0', securityToken: TOKEN };
const AK_SK = { HW_ACCESS_KEY: KEY.access, HW_SECRET_KEY: KEY.secret, HW_SECURITY_TOKEN: KEY.securityToken };
// Pieces of each: half a secret in a log is one too many. And no signature, which is good for a quarter of an hour.
const NEVER_SHOWN = /p4ss|hunter2|QwertyToken|QWERTYACCESSKEY|[0-9a-f]{64}|fake-argument-secret|fake-property-secret|FAKEACCESSKEY/;

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

let simulator: Simulator;
let server: Server;
let url: string;
/** How the faulty server answers; it sees what the client sent. */
let answer: Answer;
let seen: number;

beforeEach(async () => {
  seen = 0;
  simulator = await startSimulator({
    now: () => Date.parse('2026-11-22T12:00:00Z'),
    users: [{ name: 'killswitch', password: PASSWORD, domain: 'simulator' }],
    keys: [KEY],
  });
  server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    seen++;
    void text(request).then((body) => answer(response, request, body));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await simulator.close();
  const closed = new Promise((resolve) => void server.close(resolve));
  server.closeAllConnections();
  await closed;
});

/** The token or the signature. */
const tokenIn = ({ 'x-auth-token': token, authorization }: IncomingHttpHeaders): string | undefined =>
  token?.toString() ?? authorization?.slice(-64);
/** All that the client sent, and whatever MRS knows of the job besides. */
const echo = ({ method, url: path, headers }: IncomingMessage, body: string): string =>
  `${method} ${path} with ${tokenIn(headers) ?? 'no token'}, ${headers.authorization}, ${headers['x-security-token']?.toString()} and ${body === '' ? 'no body' : body}`;
const canonical = ({ method, headers }: IncomingMessage): string =>
  `${method}|/v2/||${Object.entries(headers).map(([name, value]) => `${name}:${String(value)}`).join('|')}||e3b0c442`;
const json =
  (status: number, body: (request: IncomingMessage, sent: string) => object): Answer =>
  (response, request, sent) =>
    response.writeHead(status).end(JSON.stringify(body(request, sent)));
const raw =
  (bytes: (request: IncomingMessage, sent: string) => string): Answer =>
  (response, request, sent) =>
    response.socket?.end(bytes(request, sent));

const neverAnswers: Answer = () => undefined;

const MISBEHAVIOURS: [string, Answer][] = [
  ['repeats the request in its message', json(400, (request, sent) => ({ error_code: 'APIGW.0602', error_msg: echo(request, sent), job_detail: JOB }))],
  ['repeats it in the shape of IAM', json(401, (request, sent) => ({ error: { code: 401, title: 'Unauthorized', message: echo(request, sent) }, job_detail: JOB }))],
  ['repeats it in other keys', json(500, (request, sent) => ({ errorCode: '12000004', errorMsg: echo(request, sent), job_list: [JOB] }))],
  ['repeats it for a code', json(500, (request, sent) => ({ code: echo(request, sent), message: 'failed', ...JOB }))],
  ['repeats a token for a code', json(500, ({ headers }) => ({ error_code: tokenIn(headers) ?? PASSWORD, error_msg: 'failed' }))],
  ['names the secret alone', json(401, ({ headers }) => ({ error_code: 'IAM.0062', error_msg: `${tokenIn(headers) ?? PASSWORD} is wrong.` }))],
  ['shows the beginning of a token', json(401, () => ({ error_code: 'APIGW.0301', error_msg: `decrypt token fail: ${TOKEN.slice(0, 200)}...` }))],
  ['appends its canonical request', json(401, (request) => ({ error_code: 'APIGW.0301', error_msg: `verify aksk signature fail: ${canonical(request)}` }))],
  ['repeats it in broken JSON', (response, request, sent) => response.writeHead(500).end(`{"error_msg":${JSON.stringify(echo(request, sent))}\n"error_code":"0175"}`)],
  ['repeats it in HTML', (response, request, sent) => response.writeHead(502).end(`<html>${echo(request, sent)} ${JSON.stringify(JOB)}</html>`)],
  ['repeats it in headers', (response, { headers }) => response.writeHead(503, { 'X-Request-Id': tokenIn(headers) ?? 'none', 'Retry-After': tokenIn(headers) ?? '0' }).end()],
  ['throttles with everything', (response, request, sent) => response.writeHead(429, { 'Retry-After': '1' }).end(JSON.stringify({ message: echo(request, sent), ...JOB }))],
  ['answers 200 with something else', json(200, (request, sent) => ({ echo: echo(request, sent), job: JOB, token: TOKEN }))],
  ['answers 202 with half a job', (response) => response.writeHead(202).end(JSON.stringify({ job_detail: JOB }).slice(0, -2))],
  ['answers with a job that has no id', json(202, () => ({ job_detail: { ...JOB, job_id: '' }, job_list: { ...JOB } }))],
  ['redirects with everything', (response, { headers }) => response.writeHead(307, { Location: `/?token=${tokenIn(headers) ?? TOKEN}` }).end()],
  ['hangs up', (response) => response.socket?.destroy()],
  ['hangs up half-way', (response) => void response.writeHead(202, { 'Content-Length': '5000' }).write(JSON.stringify(JOB), () => response.socket?.destroy())],
  ['never answers', neverAnswers],
  ['speaks broken HTTP', raw((request, sent) => `HTTP/1.1 200 OK\r\n${echo(request, sent)} ${JSON.stringify(JOB)}\r\n\r\n`)],
  ['sends a broken chunk', raw((request, sent) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${echo(request, sent)} ${JSON.stringify(JOB)}\r\n`)],
];

type Adapter = (parts: { mrs: Mrs; credentials: Credentials; signal: AbortSignal }) => Promise<unknown>;

/** Each outbound call, and which of the two services is the faulty one. */
const ADAPTERS: [string, 'mrs' | 'iam', Adapter][] = [
  ['the token or the project id', 'iam', ({ credentials, signal }) => credentials.authorize(ANALYTICS, signal)],
  ['one job', 'mrs', ({ mrs, signal }) => mrs.job(ANALYTICS, JOB.job_id, { ...ONCE, signal })],
  ['the active jobs', 'mrs', ({ mrs, signal }) => Array.fromAsync(mrs.activeJobs(ANALYTICS, { ...ONCE, signal }))],
  ['the newest jobs', 'mrs', ({ mrs, signal }) => mrs.recentJobs(ANALYTICS, { ...ONCE, signal })],
  ['the clusters', 'mrs', ({ mrs, signal }) => Array.fromAsync(mrs.clusters(ANALYTICS, { ...ONCE, signal }))],
  ['the kill', 'mrs', ({ mrs, signal }) => mrs.kill(ANALYTICS, JOB.job_id, signal)],
];

/** Everything of an error that anybody could come to see. */
function allFaces(error: unknown): string {
  const lines: string[] = [];
  const log = createLog({ level: 'debug', now: () => Date.parse('2026-11-22T12:00:00Z'), write: (line) => void lines.push(line) });
  const { message, stack } = error as Error;
  log.error('failed', { error, stack });
  log.audit('failed', { trouble: error instanceof UpstreamFailed ? error.trouble : undefined });
  return [message, stack, String(error), inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), ...lines].join('\n');
}

const PROOFS: [string, Keys][] = [['password', {}], ['AK/SK', AK_SK]];
const CASES = PROOFS.flatMap(([proof, keys]) =>
  ADAPTERS.flatMap(([call, faulty, run]) => MISBEHAVIOURS.map(([fault, how]) => ({ proof, keys, call, faulty, run, fault, how }))),
);

describe('no password, token or job secret shows', () => {
  it.each(CASES)('when $call is asked for with $proof and the server $fault', async ({ keys, call, faulty, run, how }) => {
    answer = how;
    simulator.fault({ on: 'token', headers: { 'X-Subject-Token': TOKEN }, times: Infinity });
    const parts = connect(faulty === 'iam' ? { mrs: simulator.url, iam: url } : { mrs: url, iam: simulator.url }, createFakeClock('2026-11-22T12:00:00Z'), { password: PASSWORD, keys });
    if (faulty === 'mrs') await parts.credentials.authorize(ANALYTICS);
    // A kill takes any 2xx for an answer, and what comes with it is never read.
    const signal = how === neverAnswers ? timeOutWhen(() => seen > 0) : AbortSignal.timeout(GENEROUS_MS);
    const ended = await run({ ...parts, signal }).catch((error: unknown) => error);
    expect(seen).toBeGreaterThan(0);
    if (call !== 'the kill') expect(ended).toBeInstanceOf(UpstreamFailed);
    if (ended instanceof Error) expect(allFaces(ended)).not.toMatch(NEVER_SHOWN);
    else expect(inspect(ended)).not.toMatch(NEVER_SHOWN);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(MISBEHAVIOURS)("when the keys of the server's agency are asked for and the server %s", async (_, how) => {
    answer = how;
    const { credentials } = connect({ mrs: simulator.url, metadata: url }, createFakeClock('2026-11-22T12:00:00Z'), { keys: AGENCY });
    const signal = how === neverAnswers ? timeOutWhen(() => seen > 0) : AbortSignal.timeout(GENEROUS_MS);
    const ended = await credentials.authorize(ANALYTICS, signal).catch((error: unknown) => error);
    expect(ended).toBeInstanceOf(UpstreamFailed);
    expect(allFaces(ended)).not.toMatch(NEVER_SHOWN);
    expect(simulator.requests).toEqual([]);
  });

  it.each(PROOFS)('in the parts that hold them, with %s', async (_, keys) => {
    const { credentials, mrs } = connect({ mrs: simulator.url }, createFakeClock('2026-11-22T12:00:00Z'), { password: PASSWORD, keys });
    const authorization = await credentials.authorize(ANALYTICS);
    expect(inspect([credentials, mrs, authorization], { depth: Infinity, showHidden: true })).not.toMatch(NEVER_SHOWN);
  });

  it('while all calls stop because the signature was refused', async () => {
    answer = json(401, (request, sent) => ({ error_code: 'APIGW.0301', error_msg: `${KEY.access} ${KEY.secret} ${echo(request, sent)} ${canonical(request)}` }));
    const { mrs, credentials } = connect({ mrs: url, iam: simulator.url }, createFakeClock('2026-11-22T12:00:00Z'), { keys: AK_SK });
    await credentials.authorize(ANALYTICS);
    const ends = [await mrs.kill(ANALYTICS, JOB.job_id).catch(allFaces), await mrs.kill(ANALYTICS, JOB.job_id).catch(allFaces)];
    expect(seen).toBe(1);
    for (const faces of ends) {
      expect(faces).toContain('no call is made with this access key until 2026-11-22T12:05:00Z');
      expect(faces).not.toMatch(NEVER_SHOWN);
    }
  });
});

describe('what the server says without secrets', () => {
  it('is still shown to people', async () => {
    answer = json(401, () => ({ error_code: 'IAM.0061', error_msg: `User is locked after ${PASSWORD}; wait 15 minutes.` }));
    const { credentials } = connect({ mrs: simulator.url, iam: url }, createFakeClock('2026-11-22T12:00:00Z'), { password: PASSWORD });
    await expect(credentials.authorize(ANALYTICS)).rejects.toThrow(/^IAM answered IAM\.0061: User is locked after \[secret\]; wait 15 minutes\.$/);
  });
});
