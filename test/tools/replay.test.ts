import { createVerify, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallBack } from '../../lib/alerts/call-back.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { verifySlackSignature } from '../../lib/slack/verify.ts';
import { replay } from '../../tools/replay/replay.ts';
import { WrongUsage } from '../../tools/command-line.ts';
import { NOON } from '../core/a-job.ts';
import { LOCAL_ALERT_TOKEN } from '../local/local-secrets.ts';
import type { RunningStart } from '../local/running-start.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const TOKEN = 'replay-token-0123456789';
const GRAFANA_SECRET = 'grafana-secret-of-this-test';
const PAGERDUTY_SECRET = 'pagerduty-secret-of-this-test';
const SLACK_SECRET = 'slack-secret-of-this-test';
const env = { ALERT_TOKENS: `other@elsewhere:not-this-token-0123456789,all:${TOKEN}`, GRAFANA_HMAC_SECRET: GRAFANA_SECRET, PAGERDUTY_SECRET, SLACK_SIGNING_SECRET: SLACK_SECRET };

const NO_CALL_BACK: CallBack = { get: () => Promise.reject(new Error('nobody is called back')), getKept: () => Promise.reject(new Error('nobody is called back')) };

type Seen = { method: string; path: string; headers: Record<string, string>; rawBody: Buffer };
type Answer = { status: number; headers?: Record<string, string>; body?: string };

let server: Server;
let url: string;
let seen: Seen[];
let answers: Answer[];
let folder: string;
/** What npm start left word of. */
let start: RunningStart | undefined;
/** The stages whose files were read. */
let stages: (string | undefined)[];

beforeEach(async () => {
  seen = [];
  answers = [];
  stages = [];
  start = undefined;
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      seen.push({ method: request.method ?? '', path: request.url ?? '', headers, rawBody: Buffer.concat(chunks) });
      const { status, headers: own = {}, body = '{"results":[]}' } = answers.shift() ?? { status: 202 };
      response.writeHead(status, own).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function run(args: string[], over: Record<string, string | undefined> = {}): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const code = await replay(args, { env: { ...env, ...over }, loadEnvFiles: (stage) => void stages.push(stage), findStart: () => start, now: () => NOON, sleep: async () => undefined, print: (line) => void lines.push(line) }).catch((error: unknown) => {
    if (!(error instanceof WrongUsage)) throw error;
    lines.push(error.message);
    return 1; // as runCommand does
  });
  return { code, text: lines.join('\n') };
}
function save(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}
const settingsOf = (over: Record<string, string> = {}): Settings =>
  readSettings({ HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'password', HW_DOMAIN_NAME: 'domain', ...env, ...over });
const stuckJob = (source: string): string => join(FIXTURES, `alerts/${source}/stuck-job.json`);
const only = (): Seen => {
  expect(seen).toHaveLength(1);
  return seen[0] as Seen;
};

describe('a saved payload', () => {
  it.each(Object.keys(ALERT_SOURCES).filter((name) => name !== 'smn'))('of %s is let in by the server that has the same settings, byte for byte', async (name) => {
    const { code } = await run([name, stuckJob(name), '--url', url]);
    const { method, path, headers, rawBody } = only();
    expect([code, method, path]).toEqual([0, 'POST', `/alerts/${name}`]);
    expect(rawBody).toEqual(readFileSync(stuckJob(name)));
    await expect((async () => ALERT_SOURCES[name]?.verify({ headers, rawBody, receivedAt: NOON }, settingsOf(), NO_CALL_BACK))()).resolves.toBeUndefined();
  });

  it('that is no text goes out as it is', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0xfe]);
    await run(['pagerduty', save('bytes', bytes), '--url', url]);
    expect(only().rawBody).toEqual(bytes);
  });

  it('of Grafana is signed with the time of now where a header for it is named, and has a token where no secret is set', async () => {
    await run(['grafana', stuckJob('grafana'), '--url', url], { GRAFANA_TIMESTAMP_HEADER: 'X-Grafana-Time' });
    const { headers, rawBody } = only();
    expect(headers['x-grafana-time']).toBe(String(NOON / 1_000));
    await expect((async () => ALERT_SOURCES['grafana']?.verify({ headers, rawBody, receivedAt: NOON }, settingsOf({ GRAFANA_TIMESTAMP_HEADER: 'X-Grafana-Time' }), NO_CALL_BACK))()).resolves.toBeUndefined();
    await run(['grafana', stuckJob('grafana'), '--url', url], { GRAFANA_HMAC_SECRET: '' });
    expect(seen[1]?.headers['authorization']).toBe(`Bearer ${TOKEN}`);
  });

  it.each([
    ['slack-slash-command.form', '/slack/command'],
    ['slack-block-actions.form', '/slack/action'],
  ])('of Slack (%s) goes to %s, signed now', async (file, expectedPath) => {
    const { code, text } = await run(['slack', join(FIXTURES, 'slack', file), '--url', url]);
    const { path, headers, rawBody } = only();
    expect([code, path, headers['content-type']]).toEqual([0, expectedPath, 'application/x-www-form-urlencoded']);
    expect(() => verifySlackSignature({ headers, rawBody, receivedAt: NOON }, [new Secret(SLACK_SECRET)])).not.toThrow();
    for (const secret of ['hooks.slack.com', 'xyzz0WbapA4vBCDEFasx0q6G', headers['x-slack-signature']?.slice(3) ?? '?']) expect(text).not.toContain(secret);
  });

  it('of CloudWatch goes to functions/events, where a failed function is no success', async () => {
    const file = join(FIXTURES, 'cloudwatch/direct.json');
    answers = [{ status: 200, body: 'null' }, { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"some kills could not be started"}' }];
    expect((await run(['cloudwatch', file, '--url', url])).code).toBe(0);
    expect(seen[0]).toMatchObject({ path: '/2015-03-31/functions/mrs-killswitch-local-events/invocations', rawBody: readFileSync(file) });
    expect((await run(['cloudwatch', file, '--url', url])).code).toBe(1);
  });

  it('of SMN is signed anew, time included, with the key that is given, and not without', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const keyFile = save('key.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const message = { type: 'Notification', signature: 'old', subject: '', topic_urn: 'urn:smn:eu-west-101:0a1b:alarms', message_id: 'd84bd662', message: 'words', timestamp: '2024-07-10T09:45:00Z', more: 'kept' };
    const file = save('smn.json', JSON.stringify(message));
    expect((await run(['smn', file, '--url', url, '--key', keyFile])).code).toBe(0);
    const { path, headers, rawBody } = only();
    const sent = JSON.parse(rawBody.toString()) as typeof message;
    expect([path, headers['x-smn-message-type'], headers['x-smn-topic-urn']]).toEqual(['/alerts/smn', 'Notification', message.topic_urn]);
    expect(sent).toEqual({ ...message, signature: sent.signature, timestamp: '2026-03-01T12:00:00Z' });
    const signed = 'message\nwords\nmessage_id\nd84bd662\ntimestamp\n2026-03-01T12:00:00Z\ntopic_urn\nurn:smn:eu-west-101:0a1b:alarms\ntype\nNotification\n';
    expect(createVerify('sha256').update(signed).verify(publicKey, sent.signature, 'base64')).toBe(true);

    const without = await run(['smn', file, '--url', url]);
    expect([without.code, without.text]).toEqual([1, expect.stringContaining('--key')]);
    expect(seen).toHaveLength(1);
  });

  it('is shown with its answer, and no secret', async () => {
    answers = [{ status: 202, body: '{"results":[{"alert":"stuck-4711","outcome":"accepted"}]}' }];
    const { text } = await run(['generic', stuckJob('generic'), '--url', url]);
    expect(text).toContain(`POST ${url}/alerts/generic`);
    expect(text).toContain('authorization: Bearer [hidden]');
    expect(text).toContain('"id": "stuck-4711"');
    expect(text).toContain('202 after 0 ms\n{"results":[{"alert":"stuck-4711","outcome":"accepted"}]}');
    for (const secret of [TOKEN, GRAFANA_SECRET, PAGERDUTY_SECRET, SLACK_SECRET]) expect(text).not.toContain(secret);
  });

  it.each(['alertmanager', 'grafana', 'pagerduty', 'slack'])('of %s in a dry run is shown without its signature, and nothing is sent', async (name) => {
    const { code, text } = await run([name, name === 'slack' ? join(FIXTURES, 'slack/slack-slash-command.form') : stuckJob(name), '--url', url, '--dry-run', '--times', '5']);
    expect([code, text]).toEqual([0, expect.stringMatching(/\[hidden\][^]*nothing was sent/)]);
    expect(text).not.toMatch(/[0-9a-f]{64}/);
    expect(text).not.toContain(TOKEN);
    expect(seen).toEqual([]);
  });

  it('is sent as often as told, one after another, and all have to be taken', async () => {
    answers = [{ status: 202 }, { status: 503 }, { status: 202 }];
    const { code, text } = await run(['generic', stuckJob('generic'), '--url', url, '--times', '3']);
    expect([code, seen.length]).toEqual([1, 3]);
    expect(text).toMatch(/\n1: 202 [^]*\n2: 503 [^]*\n3: 202 /);
  });

  it.each([
    ['401, with what may be wrong', { status: 401 }, 'another secret'],
    ['a redirect, which is not followed', { status: 302, headers: { location: '/elsewhere' } }, '302 after'],
    ['an error', { status: 500, body: 'broken' }, 'broken'],
  ])('that gets %s is not taken', async (_, answer: Answer, expected) => {
    answers = [answer];
    const { code, text } = await run(['generic', stuckJob('generic'), '--url', url]);
    expect([code, text, seen.length]).toEqual([1, expect.stringContaining(expected), 1]);
  });

  it('goes to the port of the environment, and below the path of the URL', async () => {
    await run(['generic', stuckJob('generic')], { PORT: new URL(url).port });
    await run(['cloudwatch', join(FIXTURES, 'cloudwatch/direct.json')], { LAMBDA_PORT: new URL(url).port });
    await run(['generic', stuckJob('generic'), '--url', `${url}/prod/`]);
    expect(seen.map(({ path }) => path)).toEqual(['/alerts/generic', '/2015-03-31/functions/mrs-killswitch-local-events/invocations', '/prod/alerts/generic']);
  });

  it('has the secrets of npm start where that runs and none are set, and where another server is named it has not', async () => {
    start = { simulatorUrl: 'http://127.0.0.1:9', policyFile: 'policy.yml' };
    expect((await run(['generic', stuckJob('generic')], { PORT: new URL(url).port, ALERT_TOKENS: '' })).code).toBe(0);
    expect(only().headers['authorization']).toBe(`Bearer ${LOCAL_ALERT_TOKEN}`);
    await run(['generic', stuckJob('generic')], { PORT: new URL(url).port });
    expect(seen[1]?.headers['authorization']).toBe(`Bearer ${TOKEN}`);
    expect(await run(['generic', stuckJob('generic'), '--url', url], { ALERT_TOKENS: '' })).toMatchObject({ code: 1, text: expect.stringContaining('ALERT_TOKENS has no token for generic') });
    expect(seen).toHaveLength(2);
  });

  it('that nobody takes says so', async () => {
    const gone = url;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const { code, text } = await run(['generic', stuckJob('generic'), '--url', gone]);
    expect([code, text]).toEqual([1, expect.stringMatching(/no answer from http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\): run npm start first, in another terminal$/)]);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
});

describe('a command line', () => {
  const file = stuckJob('generic');

  it.each([[['--help']], [['-h']], [['generic', '--help']]])('%j explains itself', async (args) => {
    const { code, text } = await run(args);
    expect([code, text]).toEqual([0, expect.stringContaining('--dry-run')]);
    for (const name of Object.keys(ALERT_SOURCES)) expect(text).toContain(name);
  });

  it.each([
    [[], /which source\?/],
    [['zabbix', file], /no source zabbix; known are alertmanager, /],
    [['__proto__', file], /no source __proto__/],
    [['generic'], /which file\?/],
    [['generic', '/nowhere/at-all.json'], /\/nowhere\/at-all\.json cannot be read \(ENOENT\)/],
    [['generic', file, 'another.json'], /one file at a time: another\.json/],
    [['generic', file, '--unknown'], /--unknown/],
    [['generic', file, '--times', '0'], /--times/],
    [['generic', file, '--times', '101'], /--times/],
    [['generic', file, '--times', 'x'], /--times/],
    [['generic', file, '--url', 'nonsense'], /--url/],
    [['generic', file, '--url', 'ftp://127.0.0.1'], /--url/],
    [['generic', file, '--url', 'http://example.test'], /https/],
    [['generic', file, '--url', 'https://user:password@127.0.0.1'], /no user/],
    [['generic', file, '--key', file], /--key is for smn/],
    [['generic', file, '--as', 'U012AB3CD'], /--as is not for a saved payload/],
    [['slack', '/mrs jobs', '--times', '2'], /--times is not for a command or a click/],
    [['slack', '/mrs jobs', '--as', 'ana'], /--as has to be an id of Slack such as U012AB3CD/],
    [['slack', '/mrs jobs', '--channel', '#data'], /--channel has to be an id of Slack such as C0123456789/],
    [['slack', 'jobs', '--click', 'Kill'], /jobs is no command: write it as in Slack/],
    [['slack', '--click', 'Kill'], /run npm start first/],
    [['slack', '/mrs/nowhere.form'], /\/mrs\/nowhere\.form cannot be read/],
    [['cleanup', 'now'], /cleanup takes nothing after it/],
    [['cleanup', '--click', 'Kill'], /--click is not for cleanup/],
    [['cleanup', '--home', '--url', 'http://127.0.0.1:1'], /it takes no --url/],
    [['smn', file, '--key', file], /no SMN message/],
    [['smn', file, '--key', '/nowhere/key.pem'], /key\.pem cannot be read/],
  ])('%j is answered with what is wrong, and nothing is sent', async (args, expected) => {
    const { code, text } = await run(args, { PORT: new URL(url).port });
    expect([code, text]).toEqual([1, expect.stringMatching(expected)]);
    expect(seen).toEqual([]);
  });

  it('reads the settings of the stage that it names', async () => {
    await run(['generic', file, '--url', url]);
    await run(['generic', file, '--url', url, '--stage', 'prod']);
    await run(['--help', '--stage', 'prod']);
    expect(stages).toEqual([undefined, 'prod']);
  });

  it.each([
    ['generic', { ALERT_TOKENS: '' }, /ALERT_TOKENS has no token for generic/],
    ['datadog', { ALERT_TOKENS: `other@generic:${TOKEN}` }, /ALERT_TOKENS has no token for datadog/],
    ['generic', { ALERT_TOKENS: 'short:1' }, /ALERT_TOKENS: entry 1/],
    ['generic', { ALERT_TOKENS: 'ssm:/mrs/tokens' }, /ALERT_TOKENS is an ssm: reference/],
    ['grafana', { GRAFANA_HMAC_SECRET: '', ALERT_TOKENS: '' }, /ALERT_TOKENS has no token for grafana/],
    ['pagerduty', { PAGERDUTY_SECRET: '' }, /PAGERDUTY_SECRET is not set/],
    ['slack', { SLACK_SIGNING_SECRET: undefined }, /SLACK_SIGNING_SECRET is not set/],
  ])('for %s with %j says which setting is missing, and nothing is sent', async (name, over, expected) => {
    const { code, text } = await run([name, file, '--url', url], over);
    expect([code, text]).toEqual([1, expect.stringMatching(expected)]);
    expect(seen).toEqual([]);
  });
});
