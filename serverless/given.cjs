// The settings that count at packaging only, as the template takes them. An empty one is unset. One that is wrong is taken for unset
// here: tools/osls/packaging-variables.ts refuses it by its name before anything is packaged.

/** What each is where it is left out; an empty one is off. */
const DEFAULTS = {
  KMS_KEY_ARN: '',
  ALARM_TOPIC_ARN: '',
  REFUSED_CALLERS_ALARM: '20',
  KILL_CONCURRENCY: '20',
  CLEANUP_ENABLED: 'false',
  CLEANUP_SCHEDULE: 'rate(1 hour)',
  CLEANUP_ALARM_HOURS: '2',
  CLOUDWATCH_EVENTS_ENABLED: 'false',
  CLOUDWATCH_TOPIC_ARN: '',
  CLOUDWATCH_ACTIONS_ENABLED: 'false',
};

const given = (name) => process.env[name] || DEFAULTS[name];
const fitting = (name, pattern) => (pattern.test(given(name)) ? given(name) : DEFAULTS[name] || undefined);
const number = (name) => Number(fitting(name, /^\d+$/));

module.exports = () => ({
  kmsKeyArn: fitting('KMS_KEY_ARN', /^arn:/),
  alarmTopicArn: fitting('ALARM_TOPIC_ARN', /^arn:/),
  refusedCallersAlarm: number('REFUSED_CALLERS_ALARM'),
  // Undefined where nothing is to be reserved.
  killConcurrency: given('KILL_CONCURRENCY') === 'none' ? undefined : number('KILL_CONCURRENCY'),
  cleanupEnabled: given('CLEANUP_ENABLED') === 'true',
  cleanupSchedule: fitting('CLEANUP_SCHEDULE', /^(?:rate|cron)\(.+\)$/),
  cleanupAlarmHours: number('CLEANUP_ALARM_HOURS'),
  cloudwatchEventsEnabled: given('CLOUDWATCH_EVENTS_ENABLED') === 'true',
  cloudwatchTopicArn: fitting('CLOUDWATCH_TOPIC_ARN', /^arn:/),
  cloudwatchActionsEnabled: given('CLOUDWATCH_ACTIONS_ENABLED') === 'true',
});
module.exports.DEFAULTS = DEFAULTS;
