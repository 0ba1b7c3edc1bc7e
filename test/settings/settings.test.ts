import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Secret } from '../../lib/settings/secret.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { runs } from '../support/full-size.ts';

/** Long enough to sign with. */
const [NEW, OLD] = ['a-new-secret-0123', 'an-old-secret-012'] as const;
const MINIMAL = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killer', HW_USER_PASSWORD: 'p:a,s s', HW_DOMAIN_NAME: 'acme' };

function read(env: Record<string, string | undefined>): Settings {
  return readSettings({ ...MINIMAL, ...env });
}

/** The problems as `NAME: what`, or [] for good settings. */
function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.problems.map(({ name, problem }) => `${name}: ${problem}`);
    throw error;
  }
}

const problemsWith = (env: Record<string, string | undefined>): string[] => problemsOf({ ...MINIMAL, ...env });
const reveal = (secrets: Secret[]): string[] => secrets.map((secret) => secret.reveal());

describe('settings', () => {
  it('need a region and an IAM user, and have a default for the rest', () => {
    const settings = readSettings(MINIMAL);
    expect(settings).toMatchObject({
      region: 'eu-west-101',
      project: { name: 'eu-west-101' },
      credentials: { kind: 'password', user: 'killer', domain: 'acme' },
      language: 'en-us',
      slack: { signingSecrets: [], apiUrl: 'https://slack.com/api/' },
      apiTokens: [],
      apiPassThrough: true,
      alertTokens: [],
      grafana: { hmacSecrets: [] },
      pagerdutySecrets: [],
      smnTopics: [],
      askTimeoutSec: 900,
      followIntervalSec: 2,
      followTimeoutSec: 1_800,
    });
    expect(settings.credentials.kind === 'password' && settings.credentials.password.reveal()).toBe('p:a,s s');
    expect(settings).not.toHaveProperty('mrsEndpoint');
    expect(settings).not.toHaveProperty('iamEndpoint');
    expect(settings).not.toHaveProperty('killFunction');
    expect(settings).not.toHaveProperty('warnFunction');
    expect(settings.slack).not.toHaveProperty('botToken');
    expect(settings.grafana).not.toHaveProperty('timestampHeader');
  });

  it('take an empty variable for an unset one, since serverless.yml lists all of them', () => {
    const empty = Object.fromEntries(Object.keys(Variables.shape).map((name) => [name, '']));
    expect(readSettings({ ...empty, ...MINIMAL })).toEqual(readSettings(MINIMAL));
  });

  it('pass over variables that are not ours', () => {
    expect(read({ HOME: '/root', HW_UNKNOWN: 'x' })).toEqual(readSettings(MINIMAL));
  });

  it('cannot be changed after they were read', () => {
    const settings = read({ SLACK_SIGNING_SECRET: NEW });
    expect(() => {
      settings.region = 'elsewhere';
    }).toThrow(TypeError);
    expect(() => settings.slack.signingSecrets.pop()).toThrow(TypeError);
    expect(() => {
      settings.credentials.kind = 'password';
    }).toThrow(TypeError);
  });

  it('report every bad variable at once, by name and with what to do', () => {
    expect(problemsOf({})).toEqual([
      'HW_REGION_NAME: is required: the region of the clusters, such as eu-west-101',
      'HW_USER_NAME: is required: the IAM user needs a name, a password and a domain',
      'HW_USER_PASSWORD: is required: the IAM user needs a name, a password and a domain',
      'HW_DOMAIN_NAME: is required: the IAM user needs a name, a password and a domain',
    ]);
    expect(problemsWith({ HW_DOMAIN_NAME: '', LOG_LEVEL: 'loud', ASK_TIMEOUT_SEC: '-1', PAUSED: 'maybe' })).toEqual([
      'PAUSED: has to be true, false or ssm:/name',
      'ASK_TIMEOUT_SEC: has to be a whole number of seconds from 1 to 14400',
      'LOG_LEVEL: has to be debug, info, warn or error',
      'HW_DOMAIN_NAME: is required: the IAM user needs a name, a password and a domain',
    ]);
  });

  it.each([
    ['HW_REGION_NAME', 'EU West'],
    ['HW_PROJECT_ID', 'not an id'],
    ['HW_PROJECT_NAME', 'x'.repeat(65)],
    ['HW_USER_NAME', '  '],
    ['HW_USER_PASSWORD', '  '],
    ['HW_LANGUAGE', 'english'],
    ['SLACK_BOT_TOKEN', ' '],
    ['API_PASS_THROUGH', 'no'],
    ['GRAFANA_TIMESTAMP_HEADER', 'X Time'],
    ['SMN_TOPICS', 'my-topic'],
    ['KILL_FUNCTION', 'service-stage-kill'],
    ['KILL_FUNCTION', 'service-stage-kill:'],
    ['WARN_FUNCTION', 'service-stage-warn'],
    ['WARN_FUNCTION', 'service-stage-warn:'],
    ['FOLLOW_INTERVAL_SEC', '31'],
    ['FOLLOW_TIMEOUT_SEC', '86401'],
    ['ASK_TIMEOUT_SEC', '1.5'],
    ['ASK_TIMEOUT_SEC', '0'],
    ['ASK_TIMEOUT_SEC', '1e3'],
  ])('do not accept %s=%j', (name, value) => {
    const endpoints = { MRS_ENDPOINT: 'https://mrs.example', HW_AUTH_URL: 'https://iam.example' };
    expect(problemsWith({ ...endpoints, [name]: value })).toEqual([expect.stringMatching(`^${name}: `)]);
  });

  it('read the plain values', () => {
    expect(
      read({
        HW_LANGUAGE: 'zh-cn',
        SLACK_BOT_TOKEN: 'xoxb-1\n',
        API_PASS_THROUGH: 'false',
        GRAFANA_TIMESTAMP_HEADER: 'X-Grafana-Time',
        SMN_TOPICS: 'urn:smn:eu-west-101:0a1b:one, urn:smn:eu-west-101:0a1b:two',
        KILL_FUNCTION: 'service-stage-kill:durable',
        WARN_FUNCTION: 'service-stage-warn:durable',
        ASK_TIMEOUT_SEC: '1',
        FOLLOW_INTERVAL_SEC: '1',
        FOLLOW_TIMEOUT_SEC: '60',
        LOG_LEVEL: 'DEBUG',
        PAUSED: 'true',
      }),
    ).toMatchObject({
      language: 'zh-cn',
      apiPassThrough: false,
      grafana: { timestampHeader: 'x-grafana-time' },
      smnTopics: ['urn:smn:eu-west-101:0a1b:one', 'urn:smn:eu-west-101:0a1b:two'],
      killFunction: 'service-stage-kill:durable',
      warnFunction: 'service-stage-warn:durable',
      askTimeoutSec: 1,
      followIntervalSec: 1,
      followTimeoutSec: 60,
    });
    expect(read({ SLACK_BOT_TOKEN: 'xoxb-1\n' }).slack.botToken?.reveal()).toBe('xoxb-1');
  });

  it('accept the full ARN of the function too', () => {
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:service-stage-kill:durable';
    expect(read({ KILL_FUNCTION: arn }).killFunction).toBe(arn);
  });
});

describe('the project', () => {
  it('is the one of HW_PROJECT_ID before the one of HW_PROJECT_NAME', () => {
    expect(read({ HW_PROJECT_ID: '0a1b2c', HW_PROJECT_NAME: 'eu-west-101_dev' }).project).toEqual({ id: '0a1b2c' });
    expect(read({ HW_PROJECT_NAME: 'eu-west-101_dev' }).project).toEqual({ name: 'eu-west-101_dev' });
  });
});

describe('credentials', () => {
  it('are AK/SK where both are given, also beside a password', () => {
    const { credentials } = read({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW });
    expect(credentials).toMatchObject({ kind: 'ak-sk', accessKey: 'AK' });
    expect(credentials).not.toHaveProperty('securityToken');
    expect(credentials.kind === 'ak-sk' && credentials.secretKey.reveal()).toBe(NEW);
    expect(readSettings({ HW_REGION_NAME: 'eu-west-101', HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW }).credentials).toEqual(credentials);
  });

  it('by temporary AK/SK have a security token', () => {
    const { credentials } = read({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW, HW_SECURITY_TOKEN: 'a+token/==' });
    expect(credentials.kind === 'ak-sk' && credentials.securityToken?.reveal()).toBe('a+token/==');
  });

  it('by AK/SK are refused where the secret key is too short to be one', () => {
    expect(problemsWith({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW.slice(0, 15) })).toEqual(['HW_SECRET_KEY: has to be at least 16 characters long']);
  });

  it('by AK/SK need both keys, whatever else is there', () => {
    expect(problemsWith({ HW_ACCESS_KEY: 'AK' })).toEqual(['HW_SECRET_KEY: is required: AK/SK needs both keys']);
    expect(problemsWith({ HW_SECRET_KEY: NEW })).toEqual(['HW_ACCESS_KEY: is required: AK/SK needs both keys']);
  });

  it('by AK/SK lose the line break that a file had at its end, or every signature would be wrong', () => {
    const { credentials } = read({ HW_ACCESS_KEY: ' AK\n', HW_SECRET_KEY: `${NEW}\r\n`, HW_SECURITY_TOKEN: 'token\n' });
    if (credentials.kind !== 'ak-sk') throw new Error('no AK/SK');
    expect([credentials.accessKey, credentials.secretKey.reveal(), credentials.securityToken?.reveal()]).toEqual(['AK', NEW, 'token']);
  });

  it.each(['HW_ACCESS_KEY', 'HW_SECRET_KEY', 'HW_SECURITY_TOKEN'])('by AK/SK are refused where %s can stand in no header', (name) => {
    for (const value of ['two words', 'two\nlines', 'k\u00e9y', ' ']) {
      expect(problemsWith({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW, [name]: value })).toEqual([expect.stringMatching(`^${name}: takes visible ASCII without blanks`)]);
    }
  });

  it.each(['HW_ACCESS_KEY', 'HW_SECRET_KEY'])('by AK/SK are a problem where their reference could not be read: %s', (name) => {
    expect(problemsWith({ HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW, [name]: 'ssm:/killswitch/x' })).toEqual([
      `${name}: refers to a parameter that cannot be read; write ssm:/name, and see that it exists and that the function may read it`,
    ]);
  });
});

describe('endpoints', () => {
  it.each([
    ['https://mrs.example', 'https://mrs.example'],
    ['https://mrs.example/', 'https://mrs.example'],
    ['https://gateway.example:8443/mrs/', 'https://gateway.example:8443/mrs'],
    ['http://127.0.0.1:9001', 'http://127.0.0.1:9001'],
    ['http://127.8.9.10:9001/', 'http://127.8.9.10:9001'],
    ['http://localhost:9001', 'http://localhost:9001'],
    ['http://[::1]:9001', 'http://[::1]:9001'],
  ])('MRS_ENDPOINT=%s is %s', (given, endpoint) => {
    expect(read({ MRS_ENDPOINT: given }).mrsEndpoint).toBe(endpoint);
  });

  it.each([
    ['https://iam.example', 'https://iam.example'],
    ['https://iam.example/v3', 'https://iam.example'],
    ['https://iam.example/v3/', 'https://iam.example'],
    ['https://gateway.example/iam/v3', 'https://gateway.example/iam'],
  ])("HW_AUTH_URL=%s, also in Terraform's form, is %s", (given, endpoint) => {
    expect(read({ HW_AUTH_URL: given }).iamEndpoint).toBe(endpoint);
  });

  it.each([
    ['http://mrs.example', 'https://'],
    ['http://127.0.0.1.example', 'https://'],
    ['http://localhost.example', 'https://'],
    ['http://10.0.0.1', 'https://'],
    ['mrs.example', 'URL'],
    ['ftp://127.0.0.1', 'URL'],
    ['https://', 'URL'],
    ['https://user:word@mrs.example', 'a user or a password'],
    ['https://user@mrs.example', 'a user or a password'],
    ['https://mrs.example/?a=b', 'a query or a fragment'],
    ['https://mrs.example/#a', 'a query or a fragment'],
    ['https://mrs.example?', 'a query or a fragment'],
  ])('%s is refused (%s)', (given, why) => {
    for (const name of ['MRS_ENDPOINT', 'HW_AUTH_URL']) {
      expect(problemsWith({ [name]: given })).toEqual([expect.stringContaining(why)]);
    }
  });

  it('have to be given where the region is not in the table', () => {
    expect(problemsWith({ HW_REGION_NAME: 'moon-1' })).toEqual([
      expect.stringMatching(/^MRS_ENDPOINT: is required/),
      expect.stringMatching(/^HW_AUTH_URL: is required/),
    ]);
    expect(problemsWith({ HW_REGION_NAME: 'moon-1', MRS_ENDPOINT: 'https://mrs.example' })).toEqual([
      expect.stringMatching(/^HW_AUTH_URL: is required/),
    ]);
    const endpoints = { MRS_ENDPOINT: 'https://mrs.example', HW_AUTH_URL: 'https://iam.example' };
    expect(read({ HW_REGION_NAME: 'moon-1', ...endpoints }).project).toEqual({ name: 'moon-1' });
  });

  it('of Slack end in /api/', () => {
    expect(read({ SLACK_API_URL: 'http://127.0.0.1:9003/api/' }).slack.apiUrl).toBe('http://127.0.0.1:9003/api/');
    for (const url of ['https://slack.com/api', 'https://slack.com/', 'http://slack.com/api/', 'https://slack.com/api/?a=/api/']) {
      expect(problemsWith({ SLACK_API_URL: url })).toEqual([expect.stringMatching(/^SLACK_API_URL: /)]);
    }
  });
});

describe('secrets', () => {
  it.each([
    ['SLACK_SIGNING_SECRET', (settings: Settings) => settings.slack.signingSecrets],
    ['GRAFANA_HMAC_SECRET', (settings: Settings) => settings.grafana.hmacSecrets],
    ['PAGERDUTY_SECRET', (settings: Settings) => settings.pagerdutySecrets],
  ])('of %s can be two at once while they are rotated', (name, of) => {
    expect(reveal(of(read({ [name]: NEW })))).toEqual([NEW]);
    expect(reveal(of(read({ [name]: `${NEW}, ${OLD}` })))).toEqual([NEW, OLD]);
    expect(problemsWith({ [name]: `${NEW},` })).toEqual([`${name}: entry 2 is empty; check the commas`]);
    expect(problemsWith({ [name]: `${NEW}, ${OLD.slice(0, 15)} ` })).toEqual([`${name}: entry 2 has to be at least 16 characters long`]);
    expect(problemsWith({ [name]: OLD.slice(0, 16) })).toEqual([]);
    expect(problemsWith({ [name]: ' ' })).toEqual([`${name}: entry 1 is empty; check the commas`]);
  });

  it.each([
    'HW_USER_PASSWORD',
    'HW_SECURITY_TOKEN',
    'SLACK_SIGNING_SECRET',
    'SLACK_BOT_TOKEN',
    'API_TOKENS',
    'ALERT_TOKENS',
    'GRAFANA_HMAC_SECRET',
    'PAGERDUTY_SECRET',
  ])('of %s are a problem where their reference could not be read', (name) => {
    expect(problemsWith({ [name]: 'ssm:/killswitch/x' })).toEqual([
      `${name}: refers to a parameter that cannot be read; write ssm:/name, and see that it exists and that the function may read it`,
    ]);
  });

  it('are never the name of a parameter, which anybody can guess', () => {
    expect(problemsWith({ SLACK_SIGNING_SECRET: `${NEW},ssm:/killswitch/slack` })).toHaveLength(1);
    expect(problemsWith({ API_TOKENS: 'ci:ssm:/killswitch/ci-token' })).toHaveLength(1);
  });

  it.each(['HW_USER_NAME', 'HW_USER_PASSWORD', 'API_TOKENS', 'PAUSED'])('refuse a file: reference on AWS, and an ssm: reference in the own home: %s', (name) => {
    expect(problemsWith({ [name]: 'file:/run/x' })).toEqual([`${name}: file: references are for the own home; write ssm:/name`]);
    expect(() => readSettings({ ...MINIMAL, [name]: ' ssm:/x' }, 'own')).toThrow(`settings: ${name}: ssm: references need AWS; write file:/path`);
  });

  it('refuse a file: reference as one of several secrets', () => {
    expect(problemsWith({ SLACK_SIGNING_SECRET: `${NEW},file:/run/slack` })).toEqual(['SLACK_SIGNING_SECRET: entry 2: a file: reference has to be the whole value of the variable']);
    expect(problemsWith({ API_TOKENS: 'ci:file:/run/ci-token' })).toHaveLength(1);
  });

  it("refuse the agency's keys on AWS, also beside AK/SK", () => {
    const refusal = 'HW_CREDENTIALS: is for the own home on a Huawei Cloud server; on AWS leave it out and give AK/SK or an IAM user';
    expect([problemsWith({ HW_CREDENTIALS: 'ecs' }), problemsWith({ HW_CREDENTIALS: 'ecs', HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW })]).toEqual([[refusal], [refusal]]);
    expect(readSettings({ HW_REGION_NAME: 'eu-west-101', HW_CREDENTIALS: 'ecs' }, 'own').credentials).toEqual({ kind: 'ecs' });
    expect(readSettings({ ...MINIMAL, HW_CREDENTIALS: 'ecs' }, 'own').credentials).toEqual({ kind: 'ecs' });
    expect(readSettings({ ...MINIMAL, HW_CREDENTIALS: 'ecs', HW_ACCESS_KEY: 'AK', HW_SECRET_KEY: NEW }, 'own').credentials).toMatchObject({ kind: 'ak-sk' });
  });

  it('never stand in a problem, whatever else is wrong', () => {
    const names = Object.keys(Variables.shape).filter((name) => name !== 'HW_REGION_NAME');
    // Upper case with a tilde: nothing that our own words could contain by accident.
    const canary = fc.stringMatching(/^[A-Z]{5,20}~[A-Z]{5,20}$/);
    const shape = fc.constantFrom('X', ' X ', 'X,X', 'a:X', 'X:a', 'a@X:b', 'a@b:X', 'a:X,b:X', 'http://X/', 'https://u:X@h/', 'ssm:X', 'ssm:/X', ',X');
    fc.assert(
      fc.property(canary, fc.dictionary(fc.constantFrom(...names), shape), fc.constantFrom('eu-west-101', 'X', ''), (value, shapes, region) => {
        const env = Object.fromEntries([...Object.entries(shapes), ['HW_REGION_NAME', region]].map(([name, text]) => [name, text?.replaceAll('X', () => value)]));
        try {
          readSettings(env);
        } catch (error) {
          if (!(error instanceof SettingsInvalid)) throw error;
          expect(`${error.message} ${error.stack} ${JSON.stringify(error.problems)}`).not.toContain(value);
        }
      }),
      { numRuns: runs(500) },
    );
  });
});
