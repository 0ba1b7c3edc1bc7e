import { SettingsInvalid } from '../lib/core/errors.ts';
import { Variables } from '../lib/settings/variables.ts';

type Env = Record<string, string | undefined>;
type Problem = { name: string; problem: string };
/** What is wrong with a value; undefined where nothing is. */
type Check = (value: string) => string | undefined;

const matching = (pattern: RegExp, problem: string): Check => (value) => (pattern.test(value) ? undefined : problem);
const wholeNumber = (most: number, problem: string): Check => (value) => (/^[1-9]\d{0,5}$/.test(value) && Number(value) <= most ? undefined : problem);
const flag = matching(/^(?:true|false)$/, 'has to be true or false');
const topic = matching(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+$/, 'has to be the ARN of an SNS topic: arn:aws:sns:<region>:<account>:<topic>');
const KEY = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
const UNIT = /^rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d+) (?:minutes|hours|days))\)$/;
const CRON = /^cron\(\S+(?: \S+){5}\)$/;

/** What only a deployment reads: AWS would refuse it when the stack is half made, or the deployment be another than was meant. */
const CHECKS: Record<string, Check> = {
  KMS_KEY_ARN: (value) => (/:alias\/|^alias\//.test(value) ? 'is an alias; give the key itself: arn:aws:kms:<region>:<account>:key/<id>, which `aws kms describe-key --key-id <alias>` shows'
    : matching(KEY, 'has to be the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>')(value)),
  ALARM_TOPIC_ARN: topic,
  CLOUDWATCH_TOPIC_ARN: topic,
  CLEANUP_ENABLED: flag,
  CLOUDWATCH_EVENTS_ENABLED: flag,
  CLOUDWATCH_ACTIONS_ENABLED: flag,
  SOURCE_MAPS: flag,
  CLEANUP_SCHEDULE: (value) => (UNIT.test(value) || CRON.test(value) ? undefined : 'has to be rate(…) or cron(…) as EventBridge has them, such as rate(1 hour) or cron(0 * * * ? *)'),
  CLEANUP_ALARM_HOURS: wholeNumber(168, 'has to be a whole number of hours from 1 to 168: CloudWatch looks back a week at most'),
  KILL_CONCURRENCY: (value) => (value === 'none' ? undefined : wholeNumber(1_000, 'has to be a whole number from 1 to 1000, or none: with 0 nothing could be killed')(value)),
  REFUSED_CALLERS_ALARM: wholeNumber(999_999, 'has to be a whole number from 1 on'),
  LEDGER_TABLE: (value) => Variables.shape.LEDGER_TABLE.safeParse(value).error?.issues[0]?.message,
};

/** Regions where CloudFormation knows no AWS::ApiGatewayV2::Api. https://docs.aws.amazon.com/general/latest/gr/apigateway.html */
const WITHOUT_HTTP_APIS = ['ap-east-2', 'ap-southeast-6'];
/** Regions that are cut off from the others: Lambda's durable functions and the hosts of Slack and Huawei Cloud are not to be had there. */
const CUT_OFF = /^(?:us-iso|us-isob|us-isof|eu-isoe)-/;

/**
 * Checks what only packaging and deployment read, each by its own name, before anything is packaged. An empty one is unset. `region` is
 * the one to deploy to. Throws SettingsInvalid.
 */
export function checkPackaging(env: Env, region: string): void {
  const problems: Problem[] = Object.entries(CHECKS).flatMap(([name, check]) => {
    const problem = env[name] ? check(env[name]) : undefined;
    return problem === undefined ? [] : [{ name, problem }];
  });
  const where = regionProblem(region);
  if (where) problems.push({ name: '--region', problem: where });
  for (const name of ['KMS_KEY_ARN', 'CLOUDWATCH_TOPIC_ARN']) {
    const other = env[name]?.split(':')[3];
    if (other && other !== region && !problems.some((problem) => problem.name === name)) problems.push({ name, problem: `is in ${other}; it has to be in the region of the deployment, ${region}` });
  }
  if (problems.length > 0) throw new SettingsInvalid(problems);
}

function regionProblem(region: string): string | undefined {
  if (!/^[a-z]{2,4}(?:-[a-z]+)+-\d$/.test(region)) return `${region} is no region of AWS, such as eu-west-1`;
  if (WITHOUT_HTTP_APIS.includes(region)) return `${region} has no HTTP APIs (API Gateway); deploy to another region`;
  if (CUT_OFF.test(region)) return `${region} has no Lambda durable functions; deploy to another region`;
  return undefined;
}

/** Where people of AWS and others have named durable functions, or where this was looked up. https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html */
const WITH_DURABLE_FUNCTIONS = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1'];

/** A line to read before deploying to a region that may have no durable functions: there is no whole list to refuse by. */
export function durableRegionHint(region: string): string | undefined {
  if (WITH_DURABLE_FUNCTIONS.includes(region)) return undefined;
  return `--region: see that ${region} has Lambda durable functions before you deploy; where it has none, CloudFormation refuses KillLambdaFunction (DurableConfig)`;
}

/** All that Lambda takes of a function's environment, as JSON. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MOST_BYTES = 4_096;

/** Checks that each function's environment fits, `environments` by the name of the function. Throws SettingsInvalid, which names the longest value, and never a value. */
export function checkEnvironments(environments: Record<string, Record<string, string>>): void {
  const tooLong = Object.entries(environments).flatMap(([functionName, variables]) => {
    const bytes = Buffer.byteLength(JSON.stringify(variables));
    if (bytes <= MOST_BYTES) return [];
    const [longest = ''] = Object.entries(variables).toSorted(([, one], [, other]) => other.length - one.length)[0] ?? [];
    return [{ name: longest, problem: `is too long: with it the environment of ${functionName} has ${bytes} bytes, and Lambda takes ${MOST_BYTES}; put the value into a parameter and write ssm:/name` }];
  });
  const each = tooLong.filter(({ name }, index) => tooLong.findIndex((other) => other.name === name) === index);
  if (each.length > 0) throw new SettingsInvalid(each);
}
