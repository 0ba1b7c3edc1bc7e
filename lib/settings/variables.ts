import * as z from 'zod';
import { isSafeProtocol } from '../http/guard.ts';
import { LOG_LEVELS } from '../log/log.ts';
import { Secret } from './secret.ts';
import { AlertTokens, ApiTokens } from './tokens.ts';

const text = z.string().trim().min(1, 'is blank; give a value or leave it out');
const secret = z.string().regex(/\S/, 'is blank; give a value or leave it out').transform((value) => new Secret(value));
// Part of a header, or of what is signed: a line break at its end, as files have it, would make a wrong signature.
const key = z.string().trim().regex(/^[\x21-\x7e]+$/, 'takes visible ASCII without blanks');
const flag = z.enum(['true', 'false'], 'has to be true or false');

/** Several values separated by commas; secrets can stand here two at once while they are rotated. */
const secrets = z.string().transform((list, context) =>
  list.split(',').map((entry, index) => {
    const value = entry.trim();
    if (value === '') context.addIssue({ code: 'custom', message: `entry ${index + 1} is empty; check the commas` });
    // Taken literally, the name of a parameter would be a secret that anybody can guess.
    if (value.startsWith('ssm:')) {
      context.addIssue({ code: 'custom', message: `entry ${index + 1}: an ssm: reference has to be the whole value of the variable` });
    }
    return new Secret(value);
  }),
);

const SMN_TOPIC = /^urn:smn:[a-z0-9-]+:[A-Za-z0-9]+:[A-Za-z0-9_-]+$/;
const smnTopics = z.string().transform((list, context) => {
  const topics = list.split(',').map((entry) => entry.trim());
  for (const [index, topic] of topics.entries()) {
    if (!SMN_TOPIC.test(topic)) {
      context.addIssue({ code: 'custom', message: `entry ${index + 1} has to be urn:smn:<region>:<project id>:<topic>` });
    }
  }
  return topics;
});

/** https, or http to this machine; no user, query or fragment. */
const url = z.string().transform((value, context) => {
  const problem = urlProblem(value);
  if (problem === undefined) return new URL(value).href;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});
const endpoint = url.transform((href) => href.replace(/\/+$/, ''));

function urlProblem(value: string): string | undefined {
  const parsed = URL.parse(value);
  if (parsed === null || !/^https?:\/\//i.test(value.trim())) return 'has to be a URL such as https://host.example';
  if (!isSafeProtocol(parsed)) return 'has to begin with https:// (http:// only for this machine)';
  if (parsed.username !== '' || parsed.password !== '') return 'must not contain a user or a password';
  if (/[?#]/.test(value)) return 'must not contain a query or a fragment';
  return undefined;
}

function seconds(max: number, normally: number) {
  const problem = `has to be a whole number of seconds from 1 to ${max}`;
  return z
    .string()
    .regex(/^\d{1,6}$/, { error: problem, abort: true })
    .transform(Number)
    .pipe(z.number().min(1, problem).max(max, problem))
    .default(normally);
}

const LAMBDA_NAME = /^(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_-]{1,140}:(?:\$LATEST|[A-Za-z0-9_-]{1,128})$/;

/** Each environment variable by itself: what it may look like, what it becomes, and what it is when left out. */
export const Variables = z.object({
  HW_REGION_NAME: z
    .string('is required: the region of the clusters, such as eu-west-101')
    .regex(/^[a-z0-9-]{1,64}$/, 'takes 1 to 64 of a-z, 0-9 and -, such as eu-west-101'),
  HW_PROJECT_ID: z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'takes 1 to 64 letters and digits').optional(),
  HW_PROJECT_NAME: text.max(64, 'takes at most 64 characters').optional(),
  HW_ACCESS_KEY: key.optional(),
  HW_SECRET_KEY: key.transform((value) => new Secret(value)).optional(),
  HW_SECURITY_TOKEN: key.transform((value) => new Secret(value)).optional(),
  HW_USER_NAME: text.optional(),
  HW_USER_PASSWORD: secret.optional(),
  HW_DOMAIN_NAME: text.optional(),
  MRS_ENDPOINT: endpoint.optional(),
  // Terraform's provider wants the version in this URL, our client adds it itself.
  HW_AUTH_URL: endpoint.transform((href) => href.replace(/\/+v3$/, '')).optional(),
  HW_LANGUAGE: z.string().regex(/^[a-z]{2}-[a-z]{2}$/, 'has to look like en-us').default('en-us'),
  SLACK_SIGNING_SECRET: secrets.default([]),
  SLACK_BOT_TOKEN: text.transform((value) => new Secret(value)).optional(),
  SLACK_API_URL: url.refine((href) => href.endsWith('/api/'), 'has to end in /api/').default('https://slack.com/api/'),
  API_TOKENS: ApiTokens.default([]),
  API_PASS_THROUGH: flag.default('true'),
  ALERT_TOKENS: AlertTokens.default([]),
  GRAFANA_HMAC_SECRET: secrets.default([]),
  GRAFANA_TIMESTAMP_HEADER: z
    .string()
    .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, 'has to be the name of an HTTP header')
    .toLowerCase()
    .optional(),
  PAGERDUTY_SECRET: secrets.default([]),
  SMN_TOPICS: smnTopics.default([]),
  SMN_ENDPOINT: endpoint.optional(),
  PAUSED: z.string().regex(/^(?:true|false|ssm:\/\S+)$/, 'has to be true, false or ssm:/name').optional(),
  KILL_FUNCTION: z.string().regex(LAMBDA_NAME, 'has to be a function name with a qualifier, such as service-stage-kill:durable').optional(),
  LEDGER_TABLE: z.string().regex(/^[A-Za-z0-9_.-]{3,255}$/, 'has to be the name of a DynamoDB table: 3 to 255 of A-Z, a-z, 0-9, _, - and .').optional(),
  ASK_TIMEOUT_SEC: seconds(14_400, 900),
  FOLLOW_INTERVAL_SEC: seconds(30, 2),
  FOLLOW_TIMEOUT_SEC: seconds(14_400, 1_800),
  // The log reads it by itself, before there are settings; here it is only checked.
  LOG_LEVEL: z.string().toLowerCase().pipe(z.enum(LOG_LEVELS, 'has to be debug, info, warn or error')).optional(),
});
