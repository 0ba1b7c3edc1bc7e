// The settings that count at packaging only, as the template takes them. An empty one is unset. One that is wrong is taken for unset
// here: tools/packaging-settings.ts refuses it by its name before anything is packaged.
const { env } = process;
const given = (name) => env[name] || undefined;

/** `KILL_CONCURRENCY`; undefined where nothing is to be reserved. */
function killConcurrency() {
  const value = given('KILL_CONCURRENCY') ?? '20';
  return /^[1-9]\d*$/.test(value) ? Number(value) : undefined;
}

const SCHEDULE = /^(?:rate|cron)\(.+\)$/;

module.exports = () => ({
  kmsKeyArn: /^arn:/.test(env.KMS_KEY_ARN ?? '') ? env.KMS_KEY_ARN : undefined,
  alarmTopicArn: given('ALARM_TOPIC_ARN'),
  refusedCallersAlarm: Number(given('REFUSED_CALLERS_ALARM') ?? 20),
  killConcurrency: killConcurrency(),
  cleanupEnabled: env.CLEANUP_ENABLED === 'true',
  cleanupSchedule: SCHEDULE.test(env.CLEANUP_SCHEDULE ?? '') ? env.CLEANUP_SCHEDULE : 'rate(1 hour)',
  cleanupAlarmHours: Number(given('CLEANUP_ALARM_HOURS') ?? 2),
  cloudwatchEventsEnabled: env.CLOUDWATCH_EVENTS_ENABLED === 'true',
  cloudwatchTopicArn: given('CLOUDWATCH_TOPIC_ARN'),
  cloudwatchActionsEnabled: env.CLOUDWATCH_ACTIONS_ENABLED === 'true',
});
