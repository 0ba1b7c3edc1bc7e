import * as z from 'zod/mini';
import { isSafeProtocol } from '../http/guard.ts';
import { LOG_LEVELS } from '../log/log.ts';
import { Secret } from './secret.ts';
import { AlertTokens, ApiTokens, schemeOf } from './tokens.ts';

/** A text that becomes what `read` makes of it, or `problem` where that is undefined. One schema: each costs a cold start something. */
export function fitting<Value>(read: (value: string) => Value | undefined, problem: string) {
  return z.pipe(string, z.transform((value, { issues }): Value => {
    const given = read(value);
    if (given !== undefined) return given;
    issues.push({ code: 'custom', input: undefined, message: problem });
    return z.NEVER;
  }));
}

const string = z.string();
const matching = (pattern: RegExp, problem: string) => fitting((value) => (pattern.test(value) ? value : undefined), problem);

const BLANK = 'is blank; give a value or leave it out';
const text = fitting((value) => value.trim() || undefined, BLANK);
const optionalText = z.optional(text);
const asSecret = z.transform((value: string) => new Secret(value));
const secret = fitting((value) => (/\S/.test(value) ? new Secret(value) : undefined), BLANK);
// Part of a header, or of what is signed: a line break at its end, as files have it, would make a wrong signature.
const key = fitting((value) => /^[\x21-\x7e]+$/.exec(value.trim())?.[0], 'takes visible ASCII without blanks');
/** What signs, or is compared with what a caller gives: shorter ones can be guessed. As the tokens of tokens.ts. */
const LEAST_SECRET = 16;
const TOO_SHORT = 'has to be at least 16 characters long';
const signingKey = z.optional(z.pipe(key, fitting((value) => (value.length < LEAST_SECRET ? undefined : new Secret(value)), TOO_SHORT)));
export const flag = z.enum(['true', 'false'], 'has to be true or false');

/** Several values separated by commas; secrets can stand here two at once while they are rotated. */
const secrets = z._default(z.pipe(string, z.transform((list, { issues }) =>
  list.split(',').map((entry, index) => {
    const value = entry.trim();
    if (value === '') issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1} is empty; check the commas` });
    // Taken literally, the name of a parameter would be a secret that anybody can guess.
    const scheme = schemeOf(value);
    if (scheme !== undefined) issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1}: ${scheme} reference has to be the whole value of the variable` });
    else if (value !== '' && value.length < LEAST_SECRET) issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1} ${TOO_SHORT}` });
    return new Secret(value);
  }))), []);

const SMN_TOPIC = /^urn:smn:[a-z0-9-]+:[A-Za-z0-9]+:[A-Za-z0-9_-]+$/;
const smnTopics = z.pipe(string, z.transform((list, { issues }) => {
  const topics = list.split(',').map((entry) => entry.trim());
  for (const [index, topic] of topics.entries()) {
    if (!SMN_TOPIC.test(topic)) {
      issues.push({ code: 'custom', input: undefined, message: `entry ${index + 1} has to be urn:smn:<region>:<project id>:<topic>` });
    }
  }
  return topics;
}));

/** https, or http to this machine; no user, query or fragment. */
const url = z.pipe(string, z.transform((value, { issues }) => {
  const problem = urlProblem(value);
  if (problem === undefined) return new URL(value).href;
  issues.push({ code: 'custom', input: undefined, message: problem });
  return z.NEVER;
}));
const endpoint = z.pipe(url, z.transform((href) => href.replace(/\/+$/, '')));
const optionalEndpoint = z.optional(endpoint);

function urlProblem(value: string): string | undefined {
  const parsed = URL.parse(value);
  if (parsed === null || !/^https?:\/\//i.test(value.trim())) return 'has to be a URL such as https://host.example';
  if (!isSafeProtocol(parsed)) return 'has to begin with https:// (http:// only for this machine)';
  if (parsed.username !== '' || parsed.password !== '') return 'must not contain a user or a password';
  if (/[?#]/.test(value)) return 'must not contain a query or a fragment';
  return undefined;
}

function seconds(max: number, normally: number) {
  const read = (value: string): number | undefined => (/^\d{1,6}$/.test(value) && Number(value) >= 1 && Number(value) <= max ? Number(value) : undefined);
  return z._default(fitting(read, `has to be a whole number of seconds from 1 to ${max}`), normally);
}

const LAMBDA_NAME = /^(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,140}:(?:\$LATEST|[A-Za-z0-9_-]{1,128})$/;
const durableFunction = (name: string) => z.optional(matching(LAMBDA_NAME, `has to be a function name with a qualifier, such as service-stage-${name}:durable`));

/** Each environment variable by itself: what it may look like, what it becomes, and what it is when left out. */
export const Variables = z.object({
  HW_REGION_NAME: z.string('is required: the region of the clusters, such as eu-west-101').check(z.regex(/^[a-z0-9-]{1,64}$/, 'takes 1 to 64 of a-z, 0-9 and -, such as eu-west-101')),
  HW_PROJECT_ID: z.optional(matching(/^[A-Za-z0-9]{1,64}$/, 'takes 1 to 64 letters and digits')),
  HW_PROJECT_NAME: z.optional(z.pipe(text, fitting((value) => (value.length <= 64 ? value : undefined), 'takes at most 64 characters'))),
  HW_ACCESS_KEY: z.optional(key),
  HW_SECRET_KEY: signingKey,
  HW_SECURITY_TOKEN: z.optional(z.pipe(key, asSecret)),
  HW_CREDENTIALS: z.optional(fitting((value) => (value === 'ecs' ? value : undefined), 'has to be ecs, or left out')),
  HW_USER_NAME: optionalText,
  HW_USER_PASSWORD: z.optional(secret),
  HW_DOMAIN_NAME: optionalText,
  MRS_ENDPOINT: optionalEndpoint,
  // Terraform's provider wants the version in this URL, our client adds it itself.
  HW_AUTH_URL: z.optional(z.pipe(endpoint, z.transform((href) => href.replace(/\/+v3$/, '')))),
  HW_LANGUAGE: z._default(matching(/^[a-z]{2}-[a-z]{2}$/, 'has to look like en-us'), 'en-us'),
  SLACK_SIGNING_SECRET: secrets,
  SLACK_BOT_TOKEN: z.optional(z.pipe(text, asSecret)),
  SLACK_API_URL: z._default(z.pipe(url, fitting((href) => (href.endsWith('/api/') ? href : undefined), 'has to end in /api/')), 'https://slack.com/api/'),
  API_TOKENS: z._default(ApiTokens, []),
  API_PASS_THROUGH: z._default(flag, 'true'),
  ALERT_TOKENS: z._default(AlertTokens, []),
  GRAFANA_HMAC_SECRET: secrets,
  GRAFANA_TIMESTAMP_HEADER: z.optional(fitting((value) => /^[\w!#$%&'*+.^`|~-]{1,100}$/.exec(value)?.[0].toLowerCase(), 'has to be the name of an HTTP header')),
  PAGERDUTY_SECRET: secrets,
  SMN_TOPICS: z._default(smnTopics, []),
  SMN_ENDPOINT: optionalEndpoint,
  // What it may say depends on the home: see settings.ts.
  PAUSED: z.optional(string),
  KILL_FUNCTION: durableFunction('kill'),
  WARN_FUNCTION: durableFunction('warn'),
  LEDGER_TABLE: z.optional(matching(/^[A-Za-z0-9_.-]{3,255}$/, 'has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .')),
  ASK_TIMEOUT_SEC: seconds(14_400, 900),
  FOLLOW_INTERVAL_SEC: seconds(30, 2),
  FOLLOW_TIMEOUT_SEC: seconds(14_400, 1_800),
  // The log reads it by itself, before there are settings; here it is only checked.
  LOG_LEVEL: z.optional(fitting((value) => LOG_LEVELS.find((level) => level === value.toLowerCase()), 'has to be debug, info, warn or error')),
});
