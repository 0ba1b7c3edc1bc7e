import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { thinned } from '../../support/full-size.ts';
import { makeFolder, settingsFor, startHome } from './process.ts';

let simulator: Simulator;
let place: ReturnType<typeof makeFolder>;
beforeAll(async () => void (simulator = await startSimulator()));
afterAll(() => simulator.close());
beforeEach(() => void (place = makeFolder()));
afterEach(() => place.remove());

const contents = (): [string, string][] => readdirSync(place.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name, parentPath }) => [name, readFileSync(join(parentPath, name)).toString('base64')]);

/** Starts it as it cannot be, and gives what it says; nothing was written, and nothing was killed. */
async function refusal(settings: Record<string, string>, ...args: string[]): Promise<string> {
  const before = contents();
  const home = startHome(place.folder, { ...settingsFor(simulator), ...settings }, ...args);
  expect([await home.exitCode, home.stdout()]).toEqual([1, '']);
  expect(contents()).toEqual(before);
  expect(simulator.requests).toEqual([]);
  return home.stderr();
}

function makeStore(sql: string): void {
  const database = new DatabaseSync(join(place.folder, 'old.sqlite'));
  database.exec(sql);
  database.close();
}

describe('a start that cannot be says why in one line, and writes nothing', () => {
  it.each(thinned<[string, Record<string, string>, RegExp]>([
    ['TLS that is not there', { TLS_CERT_FILE: 'tls.crt', TLS_KEY_FILE: 'tls.key' }, /^settings: TLS_CERT_FILE: tls\.crt cannot be read \(ENOENT\)\n$/],
    ['a host of another machine', { HOST: '192.0.2.1', BEHIND_PROXY: 'true' }, /^settings: HOST: cannot listen on 192\.0\.2\.1 \(EADDRNOTAVAIL\): [^\n]*\n$/],
    ['a store where nobody can make a folder', { STORE_FILE: '/proc/nowhere/killswitch.sqlite' }, /^STORE_FILE cannot be made there \(ENOENT\): check its folder and disk\n$/],
    ['a port that is none', { PORT: 'abc' }, /^settings: PORT: has to be a port: 0 to 65535\n$/],
    ['a port for metrics that is none', { METRICS_PORT: '99999' }, /^settings: METRICS_PORT: has to be a port: 0 to 65535\n$/],
    ['a policy that is not there', { POLICY_FILE: 'nowhere.yml' }, /^POLICY_FILE: nowhere\.yml is not there: [^\n]*\n$/],
    ['a policy that is a folder', { POLICY_FILE: '.' }, /^POLICY_FILE: \. is a folder: [^\n]*\n$/],
    ['an empty policy', { POLICY_FILE: '/dev/null' }, /^null:1:1 \(file\): is empty but has to be [^\n]*\n$/],
    ['a store that is a folder', { STORE_FILE: '.' }, /^[^\n]*STORE_FILE[^\n]*\n$/],
    ['an off switch that is none', { PAUSED: 'maybe' }, /^settings: PAUSED: has to be true, false or file:\/path\n$/],
    ['a short token', { API_TOKENS: 'ci:short' }, /^settings: API_TOKENS: entry 1: the token needs at least 16 characters[^\n]*\n$/],
    ['a binding without a token', { ALERT_TOKENS: 'a@datadog' }, /^settings: ALERT_TOKENS: entry 1: write it as [^\n]*\n$/],
    ['a token of a source that there is not', { ALERT_TOKENS: 'a@datdog:0123456789abcdef' }, /^settings: ALERT_TOKENS: entry 1: there is no alert source of that name; they are alertmanager, [^\n]*\n$/],
    ['short secrets', { SLACK_SIGNING_SECRET: 'short', GRAFANA_HMAC_SECRET: 'short', PAGERDUTY_SECRET: 'short' }, /^settings: SLACK_SIGNING_SECRET: entry 1 has to be at least 16 characters long; GRAFANA_HMAC_SECRET: [^\n]*; PAGERDUTY_SECRET: [^\n]*\n$/],
    ['words that are none of a few', { LOG_LEVEL: 'loud', HW_LANGUAGE: 'english', HW_CREDENTIALS: 'agency' }, /^settings: HW_CREDENTIALS: has to be ecs[^\n]*; HW_LANGUAGE: [^\n]*; LOG_LEVEL: has to be debug, info, warn or error\n$/],
    ['no credentials', { HW_USER_NAME: '', HW_USER_PASSWORD: '', HW_DOMAIN_NAME: '' }, /^settings: HW_USER_NAME: is required: [^\n]*HW_CREDENTIALS=ecs[^\n]*\n$/],
    ['a reference of AWS', { API_TOKENS: 'ssm:/tokens' }, /^settings: API_TOKENS: ssm: references need AWS; write file:\/path\n$/],
  ], 8))('%s', async (_what, settings, line) => {
    expect(await refusal(settings)).toMatch(line);
  });

  it('all that is wrong with settings and policy at once', async () => {
    writeFileSync(join(place.folder, 'policy.yml'), 'clusters: {}\nprotekted: []\n');
    const said = await refusal({ PORT: 'x', HW_REGION_NAME: '', PAUSED: 'maybe', HOST: '0.0.0.0', CLEANUP_SCHEDULE: 'rate(1 hour)' });
    expect(said).toMatch(/^settings: (?=.*HW_REGION_NAME: )(?=.*PAUSED: )(?=.*PORT: )(?=.*HOST: )(?=.*CLEANUP_SCHEDULE: ).*\npolicy\.yml:1:11 clusters: .*\npolicy\.yml:2:1 protekted: unknown key.*\n$/);
    expect(said).not.toMatch(/^\s+at /m);
  });

  it('a region of the policy that nobody knows', async () => {
    writeFileSync(join(place.folder, 'policy.yml'), 'clusters: { far: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3, region: far-away-1 } }\n');
    expect(await refusal({ MRS_ENDPOINT: '', HW_AUTH_URL: '' })).toMatch(/^settings: MRS_ENDPOINT: is required, with HW_AUTH_URL: no endpoints are known for region far-away-1 of cluster far\n$/);
  });

  it('a port that is taken by another program', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await refusal({ PORT: String(port) })).toBe(`settings: PORT: port ${port} is taken: stop what listens there, or set PORT to another one\n`);
    server.close();
  });

  it('a port that is taken by another program, where the store was used before', async () => {
    const before = startHome(place.folder, settingsFor(simulator));
    await before.url;
    expect(await before.end('SIGTERM')).toBe(0);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const name of ['PORT', 'METRICS_PORT']) {
      expect(await refusal({ [name]: String(port) })).toBe(`settings: ${name}: port ${port} is taken: stop what listens there, or set ${name} to another one\n`);
    }
    server.close();
  });

  it('settings that stand in a file that is not read by itself, which is named', async () => {
    writeFileSync(join(place.folder, '.env'), 'HW_REGION_NAME=eu-west-101\n');
    expect((await refusal({ HW_REGION_NAME: '' })).split('\n')).toEqual([expect.stringMatching(/^settings: HW_REGION_NAME: is required/), 'the .env that is here is not read by itself: npx node --env-file=.env home/serve.ts', '']);
  });

  it('a store of a newer version', async () => {
    makeStore("PRAGMA application_id = 0x4d52536b; PRAGMA user_version = 1000; CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY) STRICT; INSERT INTO meta VALUES ('service', 'mrs-killswitch')");
    expect(await refusal({ STORE_FILE: 'old.sqlite' })).toMatch(/^[^\n]*STORE_FILE[^\n]*\n$/);
  });

  it.each(thinned<[string[], RegExp]>([
    [['stop'], /^stop takes the name[^\n]*\n$/],
    [['open'], /^no process holds the store[^\n]*\n$/],
    [['--standbye'], /^--standbye is no command or option of npm run serve; did you mean --standby\? npm run serve -- --help tells them all\n$/],
    [['cleanup', '--dryrun'], /^--dryrun is nothing that cleanup takes; did you mean --dry-run\? [^\n]*\n$/],
    [['open', 'all'], /^all is too much here: [^\n]*\n$/],
  ], 2))('the words %j', async (args, line) => {
    expect(await refusal({}, ...args)).toMatch(line);
  });
});
