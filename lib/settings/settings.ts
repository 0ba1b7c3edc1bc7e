import type * as z from 'zod/mini';
import { SettingsInvalid } from '../core/errors.ts';
import { type Home, referenceIn } from './references.ts';
import { isKnownRegion } from './regions.ts';
import type { Secret } from './secret.ts';
import { callsMrs, type FunctionName } from './calls-mrs.ts';
import { Variables } from './variables.ts';

/** The settings of one deployment, as the environment gives them; deeply frozen. Times are seconds. */
export type Settings = {
  region: string;
  project: { id: string } | { name: string };
  credentials:
    | { kind: 'ak-sk'; accessKey: string; secretKey: Secret; securityToken?: Secret }
    /** Temporary keys, which the server's agency hands out. */
    | { kind: 'ecs' }
    | { kind: 'password'; user: string; password: Secret; domain: string }
    /** Of a function that asks MRS nothing. */
    | { kind: 'none' };
  /** Origin and, if any, base path; no trailing slash. The same for `iamEndpoint`, which ends before `/v3`. */
  mrsEndpoint?: string;
  iamEndpoint?: string;
  language: string;
  /** Two signing secrets while they are rotated; none switches the trigger off, as everywhere below. `apiUrl` ends in `/api/`. */
  slack: { signingSecrets: Secret[]; botToken?: Secret; apiUrl: string };
  apiTokens: { name: string; token: Secret }[];
  /** Whether REST callers may bring their own IAM token. */
  apiPassThrough: boolean;
  alertTokens: { name: string; source?: string; token: Secret }[];
  /** The header's name in lower case. */
  grafana: { hmacSecrets: Secret[]; timestampHeader?: string };
  pagerdutySecrets: Secret[];
  smnTopics: string[];
  /** Where certificates of SMN come from instead of the region's own host. */
  smnEndpoint?: string;
  killFunction?: string;
  /** Needed where a rule of the policy warns. */
  warnFunction?: string;
  /** The table of the ledger. */
  ledgerTable?: string;
  askTimeoutSec: number;
  followIntervalSec: number;
  followTimeoutSec: number;
};

type Problem = { name: string; problem: string };
type Given = Record<string, string>;

/**
 * Reads the settings from environment variables, references resolved; `by` the function that reads them, where it does not get all.
 * Throws SettingsInvalid, which names every bad variable and never a value.
 */
export function readSettings(env: Record<string, string | undefined>, home: Home = 'aws', by?: FunctionName): Settings {
  // serverless.yml lists every variable, so those that nobody set arrive empty.
  const given: Given = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined && value !== '') given[name] = value;

  const references = [...unreadReferences(given, Object.keys(Variables.shape).filter((name) => name !== 'PAUSED'), home), ...checkPaused(given, home)];
  const parsed = Variables.safeParse(given);
  const own = (parsed.error?.issues ?? [])
    .map(({ path, message }) => ({ name: String(path[0]), problem: message }))
    .filter(({ name }) => !references.some((reference) => reference.name === name));
  const needsMrs = by === undefined || callsMrs(by);
  const problems = [...references, ...own, ...(needsMrs ? checkCredentials(given, home) : []), ...checkEndpoints(given)];
  if (!parsed.success || problems.length > 0) throw new SettingsInvalid(problems);
  return freeze(toSettings(parsed.data, needsMrs));
}

/**
 * What is wrong with settings before their references are read: those that can be read at all are passed over. For who checks a
 * package or a start before there is anything to read them with.
 */
export function findProblems(env: Record<string, string | undefined>, home: Home = 'aws'): readonly Problem[] {
  try {
    readSettings(env, home);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return error.problems.filter(({ name }) => referenceIn(env[name], home) === undefined);
  }
}

/** How a value begins that the name of a secret would be, were it taken literally. */
const SCHEME = /^\s*(ssm|file):/;

const CANNOT_BE_READ: Readonly<Record<Home, string>> = {
  aws: 'refers to a parameter that cannot be read; write ssm:/name, and see that it exists and that the function may read it',
  own: 'refers to a file that cannot be read; write file:/path with the whole path to a file that is not empty and that this process may read',
};

/** The values of `names` that are still references, which are resolved before where that is possible, each with what to do. */
export function unreadReferences(given: Given, names: readonly string[], home: Home): Problem[] {
  return names.flatMap((name) => {
    const scheme = SCHEME.exec(given[name] ?? '')?.[1];
    return scheme === undefined ? [] : [{ name, problem: problemOfHome(scheme, home) ?? CANNOT_BE_READ[home] }];
  });
}

/** The variables that can be references, of both homes: what else stands in the environment is none of ours. */
export function settingsIn(env: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => Object.hasOwn(Variables.shape, name)));
}

function problemOfHome(scheme: string, home: Home): string | undefined {
  if (home === 'own' && scheme === 'ssm') return 'ssm: references need AWS; write file:/path';
  if (home === 'aws' && scheme === 'file') return 'file: references are for the own home; write ssm:/name';
  return undefined;
}

function checkPaused({ PAUSED: paused }: Given, home: Home): Problem[] {
  const scheme = SCHEME.exec(paused ?? '')?.[1];
  const wrong = scheme && problemOfHome(scheme, home);
  if (wrong) return [{ name: 'PAUSED', problem: wrong }];
  if (paused === undefined || paused === 'true' || paused === 'false' || referenceIn(paused, home) !== undefined) return [];
  return [{ name: 'PAUSED', problem: `has to be true, false or ${home === 'aws' ? 'ssm:/name' : 'file:/path'}` }];
}

/** AK/SK wins where several are given. */
function checkCredentials(given: Given, home: Home): Problem[] {
  const asksForAgency = has(given, 'HW_CREDENTIALS');
  if (asksForAgency && home === 'aws') return [{ name: 'HW_CREDENTIALS', problem: 'is for the own home on a Huawei Cloud server; on AWS leave it out and give AK/SK or an IAM user' }];
  if (has(given, 'HW_ACCESS_KEY') || has(given, 'HW_SECRET_KEY')) {
    return missing(given, ['HW_ACCESS_KEY', 'HW_SECRET_KEY'], 'is required: AK/SK needs both keys');
  }
  if (asksForAgency) return [];
  const names = ['HW_USER_NAME', 'HW_USER_PASSWORD', 'HW_DOMAIN_NAME'];
  const problems = missing(given, names, 'is required: the IAM user needs a name, a password and a domain');
  if (home === 'aws' || problems.length < names.length) return problems;
  return problems.map((one, index) => (index === 0 ? { ...one, problem: `${one.problem}; or give HW_ACCESS_KEY and HW_SECRET_KEY, or HW_CREDENTIALS=ecs for the keys of the server's agency` } : one));
}

function checkEndpoints(given: Given): Problem[] {
  const region = given['HW_REGION_NAME'];
  if (region === undefined || isKnownRegion(region)) return [];
  return missing(given, ['MRS_ENDPOINT', 'HW_AUTH_URL'], 'is required: no endpoints are known for the region in HW_REGION_NAME');
}

function missing(given: Given, names: string[], problem: string): Problem[] {
  return names.filter((name) => !has(given, name)).map((name) => ({ name, problem }));
}

function has(given: Given, name: string): boolean {
  return given[name] !== undefined;
}

function toSettings(variables: z.infer<typeof Variables>, needsMrs: boolean): Settings {
  const { HW_REGION_NAME: region, HW_PROJECT_ID: projectId, MRS_ENDPOINT: mrsEndpoint, HW_AUTH_URL: iamEndpoint } = variables;
  const { SLACK_BOT_TOKEN: botToken, GRAFANA_TIMESTAMP_HEADER: timestampHeader, KILL_FUNCTION: killFunction, WARN_FUNCTION: warnFunction, LEDGER_TABLE: ledgerTable } = variables;
  return {
    region,
    // Every region has a project of its own name; clusters live in it unless somebody made another.
    project: projectId === undefined ? { name: variables.HW_PROJECT_NAME ?? region } : { id: projectId },
    credentials: needsMrs ? toCredentials(variables) : { kind: 'none' },
    ...(mrsEndpoint !== undefined && { mrsEndpoint }),
    ...(iamEndpoint !== undefined && { iamEndpoint }),
    language: variables.HW_LANGUAGE,
    slack: {
      signingSecrets: variables.SLACK_SIGNING_SECRET,
      ...(botToken !== undefined && { botToken }),
      apiUrl: variables.SLACK_API_URL,
    },
    apiTokens: variables.API_TOKENS,
    apiPassThrough: variables.API_PASS_THROUGH === 'true',
    alertTokens: variables.ALERT_TOKENS,
    grafana: { hmacSecrets: variables.GRAFANA_HMAC_SECRET, ...(timestampHeader !== undefined && { timestampHeader }) },
    pagerdutySecrets: variables.PAGERDUTY_SECRET,
    smnTopics: variables.SMN_TOPICS,
    ...(variables.SMN_ENDPOINT !== undefined && { smnEndpoint: variables.SMN_ENDPOINT }),
    ...(killFunction !== undefined && { killFunction }),
    ...(warnFunction !== undefined && { warnFunction }),
    ...(ledgerTable !== undefined && { ledgerTable }),
    askTimeoutSec: variables.ASK_TIMEOUT_SEC,
    followIntervalSec: variables.FOLLOW_INTERVAL_SEC,
    followTimeoutSec: variables.FOLLOW_TIMEOUT_SEC,
  };
}

/** checkCredentials has seen to it that the chosen kind is complete. */
function toCredentials(variables: z.infer<typeof Variables>): Settings['credentials'] {
  const { HW_ACCESS_KEY: accessKey, HW_SECRET_KEY: secretKey, HW_SECURITY_TOKEN: securityToken } = variables;
  if (accessKey !== undefined && secretKey !== undefined) {
    return { kind: 'ak-sk', accessKey, secretKey, ...(securityToken !== undefined && { securityToken }) };
  }
  if (variables.HW_CREDENTIALS === 'ecs') return { kind: 'ecs' };
  const { HW_USER_NAME: user, HW_USER_PASSWORD: password, HW_DOMAIN_NAME: domain } = variables;
  if (user === undefined || password === undefined || domain === undefined) throw new Error('credentials were not checked');
  return { kind: 'password', user, password, domain };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
