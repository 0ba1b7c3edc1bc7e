import { describe, expect, it } from '@jest/globals';
import { SettingsInvalid } from '../../../lib/core/errors.ts';
import { type HomeSettings, readHomeSettings } from '../../../home/settings/home-settings.ts';

const MINIMAL = { HW_REGION_NAME: 'eu-west-101', HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: 'a-secret-key-0123' };
const APP_TOKEN = 'xapp-1-A0123-456-fake-token';

const read = (env: Record<string, string | undefined>): HomeSettings => readHomeSettings({ ...MINIMAL, ...env });

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readHomeSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems.map(({ name, problem }) => `${name}: ${problem}`);
    throw error;
  }
}
const problemsWith = (env: Record<string, string | undefined>): string[] => problemsOf({ ...MINIMAL, ...env });

describe('the settings of the own home', () => {
  it('have a default each', () => {
    expect(read({})).toEqual({ host: '127.0.0.1', port: 3_000, storeFile: 'data/killswitch.sqlite', behindProxy: false });
    expect(read({ HOST: '', PORT: '', TLS_CERT_FILE: '', CLEANUP_SCHEDULE: '', METRICS_PORT: '' })).toEqual(read({}));
  });

  it('are taken as they are given', () => {
    const settings = read({
      HOST: '::', PORT: '8443', STORE_FILE: '/var/lib/mrs-killswitch/store.sqlite', TLS_CERT_FILE: '/run/tls.crt', TLS_KEY_FILE: '/run/tls.key',
      BEHIND_PROXY: 'false', CLEANUP_SCHEDULE: ' 0 6 * * mon-fri ', SLACK_APP_TOKEN: `${APP_TOKEN}\n`, METRICS_PORT: '9464',
    });
    expect(settings).toMatchObject({
      host: '::', port: 8_443, storeFile: '/var/lib/mrs-killswitch/store.sqlite', tls: { certFile: '/run/tls.crt', keyFile: '/run/tls.key' },
      behindProxy: false, cleanupSchedule: '0 6 * * mon-fri', metricsPort: 9_464,
    });
    expect(settings.slackAppToken?.reveal()).toBe(APP_TOKEN);
    expect(JSON.stringify(settings)).not.toContain('xapp');
  });

  it('are complained about all at once, those of both homes too', () => {
    expect(problemsOf({ HW_REGION_NAME: 'eu-west-101', HW_ACCESS_KEY: 'ssm:/ak', HW_SECRET_KEY: 'file:/run/sk', PAUSED: 'ssm:/paused', SLACK_APP_TOKEN: 'ssm:/app', PORT: '70000', HOST: '0.0.0.0' })).toEqual([
      'HW_ACCESS_KEY: ssm: references need AWS; write file:/path',
      'HW_SECRET_KEY: refers to a file that cannot be read; write file:/path with the whole path to a file that is not empty and that this process may read',
      'PAUSED: ssm: references need AWS; write file:/path',
      'SLACK_APP_TOKEN: ssm: references need AWS; write file:/path',
      'PORT: has to be a port: 0 to 65535',
      'HOST: is not loopback: give TLS_CERT_FILE and TLS_KEY_FILE, or BEHIND_PROXY=true where a proxy in front of it has TLS',
    ]);
  });

  it.each(['KILL_FUNCTION', 'WARN_FUNCTION', 'LEDGER_TABLE', 'KMS_KEY_ARN', 'CLEANUP_ENABLED', 'KILL_CONCURRENCY', 'LAMBDA_PORT'])('pass over %s, which only AWS needs', (name) => {
    expect(problemsWith({ [name]: 'not a good value!' })).toEqual([]);
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('take %s without TLS', (host) => {
    expect(read({ HOST: host }).host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '10.0.0.5', '::ffff:127.0.0.1', 'killswitch.example', 'localhost.example', '128.0.0.1'])('refuse %s without TLS or a proxy', (host) => {
    expect(problemsWith({ HOST: host })).toEqual([expect.stringMatching(/^HOST: is not loopback: give TLS_CERT_FILE/)]);
    expect(problemsWith({ HOST: host, BEHIND_PROXY: 'false' })).toHaveLength(1);
    expect(problemsWith({ HOST: host, BEHIND_PROXY: 'true' })).toEqual([]);
    expect(problemsWith({ HOST: host, TLS_CERT_FILE: '/tls.crt', TLS_KEY_FILE: '/tls.key' })).toEqual([]);
  });

  it.each(['127.0.0.1:3000', '[::1]', '127.1', '1.2.3.4.5', 'http://localhost', 'a b', '-a', '127.evil.example:1'])('refuse %s as a host', (host) => {
    expect(problemsWith({ HOST: host, BEHIND_PROXY: 'true' })).toEqual(['HOST: has to be an IP address or a host name of this machine, without a port']);
  });

  it('refuse half of TLS, also on loopback', () => {
    expect(problemsWith({ TLS_CERT_FILE: '/tls.crt' })).toEqual(['TLS_KEY_FILE: is required: TLS_CERT_FILE is given, and TLS needs both']);
    expect(problemsWith({ TLS_KEY_FILE: '/tls.key', HOST: '0.0.0.0', BEHIND_PROXY: 'true' })).toEqual(['TLS_CERT_FILE: is required: TLS_KEY_FILE is given, and TLS needs both']);
    expect(problemsWith({ TLS_CERT_FILE: '/tls.crt', TLS_KEY_FILE: 'file:/tls.key' })).toEqual(['TLS_KEY_FILE: has to be the path itself, without file:']);
  });

  it.each([
    ['rate(1 hour)', /^CLEANUP_SCHEDULE: rate\(…\) is for AWS; here write five fields of cron in UTC/],
    ['cron(0 6 ? * MON-FRI *)', /^CLEANUP_SCHEDULE: cron\(…\) with six fields is for AWS; here write five fields/],
    ['hourly', /^CLEANUP_SCHEDULE: has to be five fields of cron/],
    ['@daily', /five fields/],
    ['* * * *', /five fields/],
    ['0 0 * * * *', /five fields/],
    ['60 * * * *', /five fields/],
    ['0 24 * * *', /five fields/],
    ['0 0 0 * *', /five fields/],
    ['0 0 * 13 *', /five fields/],
    ['*/0 * * * *', /five fields/],
    ['5-1 * * * *', /five fields/],
    ['0 0 * * foo', /five fields/],
    ['0 0 , * *', /five fields/],
  ])('refuse the schedule %j', (schedule, problem) => {
    expect(problemsWith({ CLEANUP_SCHEDULE: schedule })).toEqual([expect.stringMatching(problem)]);
  });

  it.each(['* * * * *', '*/15 * * * *', '0 6,18 * * 1-5', '30 6 1 jan SUN', '0-30/10 0 1-15 * *', '0 0 * * 7'])('take the schedule %j', (schedule) => {
    expect(read({ CLEANUP_SCHEDULE: schedule }).cleanupSchedule).toBe(schedule);
  });

  it.each(['xoxb-1-fake-token-of-the-bot', 'xapp-', 'token', 'file:relative'])('refuse %j as the app token, without showing it', (token) => {
    const problems = problemsWith({ SLACK_APP_TOKEN: token });
    expect(problems).toEqual([expect.stringMatching(/^SLACK_APP_TOKEN: (?:has to be the app-level token|refers to a file that cannot be read)/)]);
    expect(problems.join()).not.toContain('fake-token');
  });

  it('refuse one port for two things', () => {
    expect(problemsWith({ METRICS_PORT: '3000' })).toEqual(['METRICS_PORT: is the same as PORT; give it another one']);
    expect(problemsWith({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
  });

  it.each([['PORT', '3e3'], ['PORT', '-1'], ['METRICS_PORT', '65536'], ['STORE_FILE', ' '], ['BEHIND_PROXY', 'yes']])('refuse %s=%s', (name, value) => {
    expect(problemsWith({ [name]: value })).toEqual([expect.stringContaining(`${name}: has to be`)]);
  });
});

describe('who we are towards MRS, at home', () => {
  it('is the agency where HW_CREDENTIALS asks for it, and AK/SK wins over it', () => {
    expect(problemsOf({ HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs' })).toEqual([]);
    expect(problemsWith({ HW_CREDENTIALS: 'ecs' })).toEqual([]);
    expect(problemsOf({ HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs', HW_ACCESS_KEY: 'AK' })).toEqual(['HW_SECRET_KEY: is required: AK/SK needs both keys']);
  });

  it('is no other word', () => {
    expect(problemsWith({ HW_CREDENTIALS: 'ECS' })).toEqual(['HW_CREDENTIALS: has to be ecs, or left out']);
  });

  it.each(['http://169.254.169.254', 'https://127.0.0.1:4010', 'http://10.0.0.5', 'http://127.0.0.1:4010/path', 'http://u:p@127.0.0.1', 'loopback'])('comes from no other host than the server and, in tests, this machine: %s', (url) => {
    expect(problemsWith({ HW_METADATA_URL: url })).toEqual([expect.stringMatching(/^HW_METADATA_URL: is for tests: has to be http:/)]);
  });

  it('comes from a port of this machine in tests', () => {
    expect(read({ HW_METADATA_URL: 'http://127.0.0.1:4010/' }).metadataUrl).toBe('http://127.0.0.1:4010');
    expect(read({})).not.toHaveProperty('metadataUrl');
  });
});
