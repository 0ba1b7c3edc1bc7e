import type { ParseArgsOptionsConfig } from 'node:util';

const AT_AWS = { 'stage': { type: 'string', short: 's' }, 'region': { type: 'string', short: 'r' }, 'aws-profile': { type: 'string' }, 'verbose': { type: 'boolean' } } as const satisfies ParseArgsOptionsConfig;

/** A command of osls as we offer it: the words for osls, the options of osls that make sense here, and what people read of it. */
export type OslsCommand = { words: readonly string[]; options: ParseArgsOptionsConfig; help: string };

const SETTINGS = `Settings come from the environment, then from .env.<stage>, then from .env. Settings and policy are checked first.`;

export const COMMANDS: Readonly<Record<'start' | 'build' | 'deploy' | 'remove', OslsCommand>> = {
  start: {
    words: ['offline', 'start'],
    options: {},
    help: `Usage: npm start

Starts all of it on this machine, with a simulator in place of MRS, IAM and Slack: no cloud account is touched. It prints what to
try, and stays up until Ctrl-C.

What it listens on and what stands behind it are settings, in the environment or in .env:
  PORT            the routes, default 3000
  LAMBDA_PORT     functions without a route, default 3002
  PLAYGROUND_PORT the playground, default a free one
  POLICY_FILE     default policy.yml; test/local/live-policy.yml kills jobs of the simulator
  MRS_ENDPOINT, HW_AUTH_URL, SLACK_API_URL, AWS_ENDPOINT_URL_DYNAMODB   given: that part is the real one

Options:
  --help

Exit code: 0 it was stopped, 1 it could not start.

Examples:
  npm start
  PORT=4000 POLICY_FILE=test/local/live-policy.yml npm start
`,
  },
  build: {
    words: ['package'],
    options: { ...AT_AWS, package: { type: 'string', short: 'p' } },
    help: `Usage: npm run build -- [options]

Checks the policy and packages the functions as deploy would, into .serverless. Nothing is sent to AWS.
${SETTINGS}

Options:
  --stage <stage>         reads .env.<stage> before .env; default local
  --region <region>       default eu-west-1
  --package <folder>      where to; default .serverless
  --aws-profile <name>    whose AWS credentials
  --verbose
  --help

Exit code: 0 it was packaged, 1 it was not.

Examples:
  npm run build
  npm run build -- --stage prod
`,
  },
  deploy: {
    words: ['deploy'],
    options: { ...AT_AWS, package: { type: 'string', short: 'p' }, force: { type: 'boolean' }, conceal: { type: 'boolean' } },
    help: `Usage: npm run deploy -- --stage <stage> [options]

Packages the functions and deploys them to AWS. Try the settings before: npm run check-config -- --stage <stage>
${SETTINGS}

Options:
  --stage <stage>         required: which deployment; reads .env.<stage> before .env
  --region <region>       default eu-west-1
  --package <folder>      deploys what npm run build left there
  --aws-profile <name>    whose AWS credentials
  --force                 deploys what has not changed too
  --conceal               leaves secrets out of the output
  --verbose
  --help

Exit code: 0 it is deployed, 1 it is not.

Examples:
  npm run deploy -- --stage prod
  npm run deploy -- --stage prod --region eu-central-1
`,
  },
  remove: {
    words: ['remove'],
    options: AT_AWS,
    help: `Usage: npm run remove -- --stage <stage> [options]

Takes a deployment out of AWS: the functions, and what runs in them. Logs, queues and the ledger's table stay: docs/operating.md.

Options:
  --stage <stage>         required: which deployment
  --region <region>       default eu-west-1
  --aws-profile <name>    whose AWS credentials
  --verbose
  --help

Exit code: 0 it is gone, 1 it is not.

Examples:
  npm run remove -- --stage test
`,
  },
};
