import { SettingsInvalid } from '../../lib/core/errors.ts';

type Env = Record<string, string | undefined>;

// What a deployment would find out only when its stack is half made, beside what each variable may be (packaging-variables.ts).

/** Regions where CloudFormation knows no AWS::ApiGatewayV2::Api. https://docs.aws.amazon.com/general/latest/gr/apigateway.html */
const WITHOUT_HTTP_APIS = ['ap-east-2', 'ap-southeast-6'];
/** Regions that are cut off from the others, and have no durable functions. */
const CUT_OFF = /^(?:us-iso[a-z]?|eu-isoe)-/;
/** Where durable functions were named. https://docs.aws.amazon.com/lambda/latest/dg/durable-functions.html */
const WITH_DURABLE_FUNCTIONS = ['us-east-1', 'us-east-2', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-southeast-1'];

/** Checks that `region` has what is deployed there, and that what the settings name by its ARN is in it, where it has to be. Throws SettingsInvalid. */
export function checkRegion(env: Env, region: string): void {
  const where = regionProblem(region);
  const elsewhere = ['KMS_KEY_ARN', 'CLOUDWATCH_TOPIC_ARN'].flatMap((name) => {
    const other = env[name]?.split(':')[3];
    return other && other !== region ? [{ name, problem: `is in ${other}; it has to be in the region of the deployment, ${region}` }] : [];
  });
  const problems = [...(where === undefined ? [] : [{ name: '--region', problem: where }]), ...elsewhere];
  if (problems.length > 0) throw new SettingsInvalid(problems);
}

function regionProblem(region: string): string | undefined {
  if (WITHOUT_HTTP_APIS.includes(region)) return `${region} has no HTTP APIs (API Gateway); deploy to another region`;
  return CUT_OFF.test(region) ? `${region} has no Lambda durable functions; deploy to another region` : undefined;
}

/** A line to read before deploying to a region that may have no durable functions: there is no whole list to refuse by. */
export function durableRegionHint(region: string): string | undefined {
  if (WITH_DURABLE_FUNCTIONS.includes(region)) return undefined;
  return `--region: see that ${region} has Lambda durable functions before you deploy; where it has none, CloudFormation refuses KillLambdaFunction (DurableConfig)`;
}

/** All that Lambda takes of a function's environment, as JSON. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const MOST_BYTES = 4_096;

/** Checks that each function's environment fits, `environments` by the name of the function. Throws SettingsInvalid, which names the longest value, and never shows it. */
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
