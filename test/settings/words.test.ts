import { describe, expect, it } from '@jest/globals';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Home } from '../../lib/settings/references.ts';
import { readSettings, settingsIn, unreadReferences } from '../../lib/settings/settings.ts';
import { checkTokenSources } from '../../lib/settings/token-sources.ts';

const MINIMAL = { HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killer', HW_USER_PASSWORD: 'password', HW_DOMAIN_NAME: 'acme' };

function problemsOf(env: Record<string, string>, home: Home = 'aws'): string[] {
  try {
    readSettings(env, home);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return error.problems.map(({ name, problem }) => `${name}: ${problem}`);
  }
}
const wrong = (name: string, value: string, home: Home = 'aws'): string[] => problemsOf({ ...MINIMAL, [name]: value }, home).map((line) => line.replace(`${name}: `, ''));

const SHORT = 'has to be at least 16 characters long';
const WHOLE = 'reference has to be the whole value of the variable';
const ASCII = 'takes visible ASCII without blanks';
const BLANK = 'is blank; give a value or leave it out';

describe('what is wrong with a setting is said in words', () => {
  it.each<[name: string, value: string, said: string[]]>([
    ['HW_PROJECT_ID', 'a-b', ['takes 1 to 64 letters and digits']],
    ['HW_PROJECT_NAME', 'x'.repeat(65), ['takes at most 64 characters']],
    ['HW_PROJECT_NAME', ' ', [BLANK]],
    ['HW_SECURITY_TOKEN', 'a b', [ASCII]],
    ['HW_USER_PASSWORD', ' ', [BLANK]],
    ['HW_CREDENTIALS', 'role', ['has to be ecs, or left out', 'is for the own home on a Huawei Cloud server; on AWS leave it out and give AK/SK or an IAM user']],
    ['MRS_ENDPOINT', 'mrs.example', ['has to be a URL such as https://host.example']],
    ['MRS_ENDPOINT', 'ftp://mrs.example', ['has to be a URL such as https://host.example']],
    ['MRS_ENDPOINT', 'http://mrs.example', ['has to begin with https:// (http:// only for this machine)']],
    ['MRS_ENDPOINT', 'https://me@mrs.example', ['must not contain a user or a password']],
    ['MRS_ENDPOINT', 'https://:pw@mrs.example', ['must not contain a user or a password']],
    ['MRS_ENDPOINT', 'https://mrs.example?a', ['must not contain a query or a fragment']],
    ['SLACK_API_URL', 'https://slack.example/', ['has to end in /api/']],
    ['HW_LANGUAGE', 'xen-us', ['has to look like en-us']],
    ['HW_LANGUAGE', 'en-usa', ['has to look like en-us']],
    ['API_PASS_THROUGH', 'no', ['has to be true or false']],
    ['GRAFANA_TIMESTAMP_HEADER', 'X Time', ['has to be the name of an HTTP header']],
    ['SMN_TOPICS', 'urn:smn:a:b:c,topic', ['entry 2 has to be urn:smn:<region>:<project id>:<topic>']],
    ['KILL_FUNCTION', 'kill', ['has to be a function name with a qualifier, such as service-stage-kill:durable']],
    ['WARN_FUNCTION', 'warn', ['has to be a function name with a qualifier, such as service-stage-warn:durable']],
    ...['arn:aws:lambda:eu-central-1:123456789012:function:kill:durable!', 'x/kill:durable', 'arn:gcp:lambda:eu-central-1:123456789012:function:kill:durable'].map((value): [string, string, string[]] => ['KILL_FUNCTION', value, ['has to be a function name with a qualifier, such as service-stage-kill:durable']]),
    ...['x urn:smn:a:b:c', 'urn:smn:a:b:c/x', 'urn:smn:a:b'].map((value): [string, string, string[]] => ['SMN_TOPICS', value, ['entry 1 has to be urn:smn:<region>:<project id>:<topic>']]),
    ...['/abc', 'abc/'].map((value): [string, string, string[]] => ['LEDGER_TABLE', value, ['has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .']]),
    ['MRS_ENDPOINT', 'x-https://mrs.example', ['has to be a URL such as https://host.example']],
    ['API_TOKENS', 'ci:ssm:/name-of-a-parameter', ['entry 1: an ssm: reference has to be the whole value of the variable']],
    ['ALERT_TOKENS', 'ci@Grafana:a-token-01234567', ['entry 1: the source takes a-z, 0-9 and - (name:token or name@source:token)']],
    ['ALERT_TOKENS', '@grafana:a-token-01234567', ['entry 1: the name takes 1 to 32 of a-z, 0-9, _ and - (name:token or name@source:token)']],
    ['LEDGER_TABLE', 'a/b', ['has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .']],
    ['LEDGER_TABLE', 'ab', ['has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .']],
    ['FOLLOW_INTERVAL_SEC', '31', ['has to be a whole number of seconds from 1 to 30']],
    ['FOLLOW_TIMEOUT_SEC', '14401', ['has to be a whole number of seconds from 1 to 14400']],
    ['LOG_LEVEL', 'loud', ['has to be debug, info, warn or error']],
    ['SLACK_SIGNING_SECRET', 'a-secret-01234567,', ['entry 2 is empty; check the commas']],
    ['SLACK_SIGNING_SECRET', 'short', [`entry 1 ${SHORT}`]],
    ['PAGERDUTY_SECRET', 'a-secret-01234567,ssm:/name', [`entry 2: an ssm: ${WHOLE}`]],
    ['GRAFANA_HMAC_SECRET', 'a-secret-01234567, file:/run/x', [`entry 2: a file: ${WHOLE}`]],
  ])('%s=%j', (name, value, said) => expect(wrong(name, value)).toEqual(said));

  it.each<[name: string, value: string]>([
    ['HW_PROJECT_NAME', 'x'.repeat(64)], ['FOLLOW_INTERVAL_SEC', '30'], ['FOLLOW_INTERVAL_SEC', '1'], ['FOLLOW_TIMEOUT_SEC', '14400'], ['ASK_TIMEOUT_SEC', '14400'],
    ['LEDGER_TABLE', 'abc'], ['SLACK_SIGNING_SECRET', '0123456789abcdef'], ['LOG_LEVEL', 'WARN'], ['HW_PROJECT_ID', 'a'], ['MRS_ENDPOINT', 'http://127.0.0.1:8080'],
    ['KILL_FUNCTION', 'arn:aws:lambda:eu-central-1:123456789012:function:kill:$LATEST'], ['KILL_FUNCTION', 'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:kill:durable'], ['API_TOKENS', 'ci:not-ssm:/a-token-of-ours'], ['SMN_TOPICS', 'urn:smn:a:b:c, urn:smn:a:b:d'],
  ])('%s=%j is good, though at the border', (name, value) => expect(wrong(name, value)).toEqual([]));

  it.each<[Home, string, string]>([
    ['aws', 'ssm:/name', 'refers to a parameter that cannot be read; write ssm:/name, and see that it exists and that the function may read it'],
    ['own', 'file:/run/x', 'refers to a file that cannot be read; write file:/path with the whole path to a file that is not empty and that this process may read'],
    ['own', ' ssm:/name', 'ssm: references need AWS; write file:/path'],
    ['aws', 'file:/run/x', 'file: references are for the own home; write ssm:/name'],
  ])('on %s %s is a reference that nobody read', (home, value, problem) => {
    expect(unreadReferences({ HW_USER_NAME: value, LOG_LEVEL: 'x ssm:/name' }, ['HW_USER_NAME', 'LOG_LEVEL', 'PAUSED'], home)).toEqual([{ name: 'HW_USER_NAME', problem }]);
  });

  it.each<[Home, string, string[]]>([
    ['aws', 'true', []], ['aws', 'false', []], ['aws', 'ssm:/name', []], ['own', 'file:/run/x', []],
    ['aws', 'maybe', ['has to be true, false or ssm:/name']],
    ['own', 'maybe', ['has to be true, false or file:/path']],
    ['own', 'ssm:/name', ['ssm: references need AWS; write file:/path']],
    ['aws', 'file:/run/x', ['file: references are for the own home; write ssm:/name']],
  ])('on %s PAUSED=%s', (home, value, said) => expect(wrong('PAUSED', value, home)).toEqual(said));
});

describe('credentials that lack something', () => {
  const { HW_REGION_NAME } = MINIMAL;
  const USER = 'is required: the IAM user needs a name, a password and a domain';
  it.each<[string, Home, Record<string, string>, string[]]>([
    ['nothing at all, at home', 'own', {}, [`HW_USER_NAME: ${USER}; or give HW_ACCESS_KEY and HW_SECRET_KEY, or HW_CREDENTIALS=ecs for the keys of the server's agency`, `HW_USER_PASSWORD: ${USER}`, `HW_DOMAIN_NAME: ${USER}`]],
    ['nothing at all, on AWS', 'aws', {}, [`HW_USER_NAME: ${USER}`, `HW_USER_PASSWORD: ${USER}`, `HW_DOMAIN_NAME: ${USER}`]],
    ['a domain alone, at home', 'own', { HW_DOMAIN_NAME: 'acme' }, [`HW_USER_NAME: ${USER}`, `HW_USER_PASSWORD: ${USER}`]],
    ['a region with more behind it', 'own', { HW_CREDENTIALS: 'ecs', HW_REGION_NAME: 'eu-west-101/x', MRS_ENDPOINT: 'https://mrs.moon', HW_AUTH_URL: 'https://iam.moon' }, ['HW_REGION_NAME: takes 1 to 64 of a-z, 0-9 and -, such as eu-west-101']],
    ['a region that is none, with its endpoints', 'own', { HW_CREDENTIALS: 'ecs', HW_REGION_NAME: 'EU West', MRS_ENDPOINT: 'https://mrs.moon', HW_AUTH_URL: 'https://iam.moon' }, ['HW_REGION_NAME: takes 1 to 64 of a-z, 0-9 and -, such as eu-west-101']],
    ['one key of two', 'own', { HW_ACCESS_KEY: 'AK' }, ['HW_SECRET_KEY: is required: AK/SK needs both keys']],
    ['the other one', 'own', { HW_SECRET_KEY: '0123456789abcdef' }, ['HW_ACCESS_KEY: is required: AK/SK needs both keys']],
    ["the server's agency", 'own', { HW_CREDENTIALS: 'ecs' }, []],
    ['a region that nobody knows', 'own', { HW_CREDENTIALS: 'ecs', HW_REGION_NAME: 'moon-1', MRS_ENDPOINT: 'https://mrs.moon' }, ['HW_AUTH_URL: is required: no endpoints are known for the region in HW_REGION_NAME']],
  ])('%s', (_, home, env, said) => expect(problemsOf({ HW_REGION_NAME, ...env }, home)).toEqual(said));
});

describe('tokens of alert sources', () => {
  const SOURCES = ['grafana', 'datadog'];
  const words = (entry: number) => ({ name: 'ALERT_TOKENS', problem: `entry ${entry}: there is no alert source of that name; they are grafana, datadog` });
  it.each<[string | undefined, object[]]>([
    [undefined, []], ['', []], ['ssm:/tokens', []], ['file:/run/tokens', []], ['no list', []],
    // A path may look like more entries.
    ['file:/run/tokens-0123456789,b@nagios:0123456789abcdef', []],
    ['ops:a-token-01234567', []],
    ['ops@grafana:a-token-01234567', []],
    ['ops@grafana:a-token-01234567,dev@nagios:b-token-01234567,me@zabbix:c-token-01234567', [words(2), words(3)]],
  ])('of %j', (tokens, problems) => expect(checkTokenSources(tokens, SOURCES)).toEqual(problems));
});

it('what else stands in the environment is none of the settings', () => expect(settingsIn({ HW_REGION_NAME: 'a', HOME: '/x', toString: 'x' })).toEqual({ HW_REGION_NAME: 'a' }));
