// What a person has to hear of. ALARM_TOPIC_ARN, an SNS topic, is told; without it the alarms stand in the console only. Nothing rings
// because nothing has happened yet: what counts trouble takes no data for none.
const given = require('./given.cjs');

const AT_THE_FIRST = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' };
const dimension = (Name, Value) => ({ Dimensions: [{ Name, Value }] });
const queueName = (queue) => ({ 'Fn::GetAtt': [queue, 'QueueName'] });

/** Rings at the first of what is counted. Errors of Lambda are not: most of them are repeated with success. */
const atTheFirst = (Namespace, MetricName, more = {}) => ({ Namespace, MetricName, Statistic: 'Sum', Period: 60, ...AT_THE_FIRST, ...more });

/**
 * Rings for each message that comes into a queue, also where another lies there already. SQS may begin to count late where nobody used
 * a queue for hours: then the first one shows by lying there.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
function forEachIn(queue) {
  const metric = (Id, MetricName, Stat) => ({
    Id, ReturnData: false, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, ...dimension('QueueName', queueName(queue)) }, Period: 60, Stat },
  });
  return {
    Metrics: [
      { Id: 'letters', Label: 'came in', Expression: 'MAX([FILL(sent, 0), DIFF(FILL(lying, 0))])', ReturnData: true },
      metric('sent', 'NumberOfMessagesSent', 'Sum'),
      metric('lying', 'ApproximateNumberOfMessagesVisible', 'Maximum'),
    ],
    ...AT_THE_FIRST,
    // The last minutes may not be counted yet, and FILL takes them for none.
    EvaluationPeriods: 5,
    DatapointsToAlarm: 1,
  };
}

module.exports = async ({ resolveConfigurationProperty, resolveVariable }) => {
  const deployment = `${await resolveConfigurationProperty(['service'])}-${await resolveVariable('sls:stage')}`;
  const { alarmTopicArn, refusedCallersAlarm, cleanupEnabled, cleanupAlarmHours } = given();
  const tell = (kind) => (alarmTopicArn ? { [kind]: [alarmTopicArn] } : {});
  const alarm = (AlarmDescription, what) => ({ Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmDescription, ...what, ...tell('AlarmActions') } });
  const ofFunction = (name) => dimension('FunctionName', `${deployment}-${name}`);

  const Resources = {
    KillFailed: alarm('An execution of kill failed, and its job may still run. The Slack channel and the log of events name it.', atTheFirst('AWS/Lambda', 'DurableExecutionFailed', ofFunction('kill'))),
    KillTimedOut: alarm('An execution of kill ran out of time, and its job may still run. The Slack channel and the log of events name it.', atTheFirst('AWS/Lambda', 'DurableExecutionTimedOut', ofFunction('kill'))),
    // Our own metric, see lib/log/metrics.ts. It has no stage, so stages of one account ring together; so do the other two.
    KillsEndedFailed: alarm('A request to kill ended as failed: its job may still run. Its message, and its audit line in the log, say why and what to run by hand.', atTheFirst('mrs-killswitch', 'Failed')),
    KillsUndelivered: alarm('A kill request came into the dead-letter queue. It was not carried out; look at its job.', forEachIn('KillDeadLetters')),
    WarnFailed: alarm('An execution of warn failed, so its job is not killed. The next cleanup run or alert that finds the job warns again. The Slack channel and the log of events name it.', atTheFirst('AWS/Lambda', 'DurableExecutionFailed', ofFunction('warn'))),
    WarnTimedOut: alarm('An execution of warn ran out of time, so its job is not killed. The next cleanup run or alert that finds the job warns again. The Slack channel and the log of events name it.', atTheFirst('AWS/Lambda', 'DurableExecutionTimedOut', ofFunction('warn'))),
    WarningsUndelivered: alarm('A warning came into the dead-letter queue. It was not carried out; look at its job.', forEachIn('WarnDeadLetters')),
    InvocationsFailed: alarm('An event, a cleanup run, a weekly digest or an answer in Slack failed three times. The queue holds what it was about, and the error.', forEachIn('FailedInvocations')),
    EventsUndelivered: alarm('EventBridge could not hand over an event: word of an execution that ended badly, an alarm of CloudWatch or the weekly digest. The queue holds it, and why.', forEachIn('UndeliveredEvents')),
    ApiFailed: alarm('The HTTP API answered with a 5xx. The access log has the route, the log of its function the request.', atTheFirst('AWS/ApiGateway', '5xx', { ...dimension('ApiId', { Ref: 'HttpApi' }), Period: 300 })),
    ManyRefusedCallers: alarm('Many calls with a wrong signature or token. Somebody guesses, or a secret was rotated on one side only. The access log has the callers.', atTheFirst('mrs-killswitch', 'Unauthorized', { Period: 300, Threshold: refusedCallersAlarm })),
    ReportsLost: alarm("Slack did not take a message in 30 min of tries, so somebody was not told how a kill ended. The log has the message and Slack's error.", atTheFirst('mrs-killswitch', 'ReportsLost', { Period: 300 })),
  };
  if (!cleanupEnabled) return { Resources };
  Resources.CleanupUndelivered = alarm('EventBridge could not start a scheduled run of cleanup.', atTheFirst('AWS/Events', 'FailedInvocations', dimension('RuleName', { Ref: 'CleanupEventsRuleSchedule1' })));
  // Lambda counts nothing while nothing runs. No data for so long is no state to be in before the first run, and is told only as a change:
  // INSUFFICIENT_DATA after OK. CloudWatch looks back a little longer than it is asked to, so this rings an hour or two later than it says.
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
  const missed = alarm('The scheduled cleanup has not run for longer than it should: there is no data. Check that its rule in EventBridge is on.', atTheFirst('AWS/Lambda', 'Invocations', {
    ...ofFunction('cleanup'), Period: 3_600, EvaluationPeriods: cleanupAlarmHours, ComparisonOperator: 'LessThanThreshold', TreatMissingData: 'missing',
  }));
  Object.assign(missed.Properties, tell('InsufficientDataActions'));
  return { Resources: { ...Resources, CleanupMissed: missed } };
};
