import type { AboutSetting } from '../../lib/settings/about-settings.ts';

// The settings that no function and no own home reads by itself: each is defined where its name stands in serverless.yml, in
// serverless/ or in the command that reads it; test/tools/docs-settings.test.ts compares.

type Other = AboutSetting & { values: string };

/** Read by every command that reads the policy, the own home included. */
export const POLICY_SETTING: Record<string, Other> = {
  POLICY_FILE: { meaning: 'The policy. On AWS it is read when the package is built, and is in the package.', values: 'path of a file', leftOut: '`policy.yml`' },
};

/** Read when the AWS home is packaged and deployed. */
export const PACKAGING_SETTINGS: Record<string, Other> = {
  CLEANUP_ENABLED: { meaning: 'Whether the schedule of cleanup is on.', values: '`true`, `false`', leftOut: '`false`' },
  CLEANUP_SCHEDULE: { meaning: 'When the cleanup rules run.', values: "EventBridge's `rate(…)` or `cron(…)`", leftOut: '`rate(1 hour)`' },
  CLEANUP_ALARM_HOURS: { meaning: "After so many hours without a cleanup run the alarm rings. Longer than the schedule's interval: 25 for a daily run.", values: 'whole number from 1 to 168', leftOut: '`2`' },
  CLOUDWATCH_EVENTS_ENABLED: { meaning: "Lets CloudWatch's alarms in by EventBridge.", values: '`true`, `false`', leftOut: '`false`' },
  CLOUDWATCH_TOPIC_ARN: { meaning: "Lets CloudWatch's alarms in by this SNS topic.", values: 'ARN', leftOut: '–' },
  CLOUDWATCH_ACTIONS_ENABLED: { meaning: "Lets alarms of this account and region in that invoke the function themselves.", values: '`true`, `false`', leftOut: '`false`' },
  ALARM_TOPIC_ARN: { meaning: 'SNS topic that our own alarms tell.', values: 'ARN', leftOut: 'they stand in the console only' },
  REFUSED_CALLERS_ALARM: { meaning: 'So many refused callers within 5 minutes ring the alarm.', values: 'whole number', leftOut: '`20`' },
  KILL_CONCURRENCY: { meaning: "Reserved concurrency of kill, and as much again of warn. `none` where the account's quota is too small to reserve any (new accounts: 10).", values: 'whole number, `none`', leftOut: '`20`' },
  KMS_KEY_ARN: { meaning: "Your own key for the functions' environment, what executions write, the ledger's table and the SecureString parameters that it encrypts.", values: 'ARN of the key itself, no alias', leftOut: "AWS's keys" },
  SOURCE_MAPS: { meaning: 'Uploads source maps too, so that stacks in the log name our files and lines.', values: '`true`, `false`', leftOut: '`false`' },
};

/** Read by `npm start`, and by commands that speak to it. */
export const LOCAL_SETTINGS: Record<string, Other> = {
  PORT: { meaning: 'The port of the routes.', values: 'port', leftOut: '`3000`' },
  LAMBDA_PORT: { meaning: "The port of serverless-offline's own invoke server.", values: 'port', leftOut: '`3002`' },
  PLAYGROUND_PORT: { meaning: 'The port of the playground, on this machine only.', values: 'port', leftOut: 'a free one' },
  AWS_ENDPOINT_URL_LAMBDA: { meaning: 'Another durable backend than the one of the local start.', values: 'URL', leftOut: 'our own, on a free port' },
  AWS_ENDPOINT_URL_DYNAMODB: { meaning: 'Another DynamoDB than the one in memory. On this machine a missing table is made there.', values: 'URL', leftOut: 'our own, on a free port' },
  SMOKE_TOKEN: { meaning: 'Token of `npm run smoke` for its dry-run kill.', values: 'a token of `API_TOKENS`', leftOut: 'the first of `API_TOKENS`', isSecret: true },
};
