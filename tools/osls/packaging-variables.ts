type Rule = { fits: (value: string) => boolean; problem: string };

const trueOrFalse: Rule = { fits: (value) => value === 'true' || value === 'false', problem: 'has to be true or false' };
const topic: Rule = { fits: matches(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/), problem: 'has to be the ARN of an SNS topic: arn:aws:sns:<region>:<account>:<topic>' };
const MOST_HOURS = 168;

/** What serverless.yml and its parts read beside the settings of the functions, at packaging only (tools/docs/other-settings.ts), and what it may be. */
export const RULES: Readonly<Record<string, Rule>> = {
  CLEANUP_ENABLED: trueOrFalse,
  // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
  CLEANUP_SCHEDULE: {
    fits: matches(/^(?:rate\((?:1 (?:minute|hour|day)|(?:[2-9]|[1-9]\d+) (?:minutes|hours|days))\)|cron\(\S+(?: \S+){5}\))$/),
    problem: 'has to be rate(…) or cron(…) of EventBridge, such as rate(1 hour), rate(30 minutes) or cron(30 6 * * ? *)',
  },
  // The longest that an alarm with periods of an hour looks back: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  CLEANUP_ALARM_HOURS: { fits: (value) => /^[1-9]\d{0,2}$/.test(value) && Number(value) <= MOST_HOURS, problem: `has to be a whole number of hours from 1 to ${MOST_HOURS}` },
  KILL_CONCURRENCY: { fits: matches(/^(?:none|[1-9]\d{0,4})$/), problem: 'has to be a whole number from 1, or none where the account has too little to reserve any' },
  KMS_KEY_ARN: { fits: matches(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/), problem: 'has to be the ARN of a key, no alias: arn:aws:kms:<region>:<account>:key/<id>' },
  ALARM_TOPIC_ARN: topic,
  REFUSED_CALLERS_ALARM: { fits: matches(/^[1-9]\d{0,5}$/), problem: 'has to be a whole number from 1' },
  CLOUDWATCH_EVENTS_ENABLED: trueOrFalse,
  CLOUDWATCH_TOPIC_ARN: topic,
  CLOUDWATCH_ACTIONS_ENABLED: trueOrFalse,
  SOURCE_MAPS: trueOrFalse,
};

/** What is wrong with those that are given; an empty one counts as unset. */
export function checkPackagingVariables(env: Record<string, string | undefined>): { name: string; problem: string }[] {
  return Object.entries(RULES).flatMap(([name, { fits, problem }]) => (!env[name] || fits(env[name]) ? [] : [{ name, problem }]));
}

function matches(pattern: RegExp): (value: string) => boolean {
  return (value) => pattern.test(value);
}
