// How CloudWatch's alarms may come to functions/events, beside EventBridge; each way is closed until its setting opens it.
const given = require('./given.cjs');

const EVENTS = { 'Fn::GetAtt': ['EventsLambdaFunction', 'Arn'] };
const permission = (more) => ({ Type: 'AWS::Lambda::Permission', Properties: { FunctionName: EVENTS, Action: 'lambda:InvokeFunction', ...more } });

module.exports = () => {
  const { cloudwatchTopicArn: topic, cloudwatchActionsEnabled } = given();
  return {
    Resources: {
      ...(topic && {
        // The topic has to be of this region; one of another account has to let this one subscribe.
        AlarmTopicSubscription: { Type: 'AWS::SNS::Subscription', Properties: { TopicArn: topic, Protocol: 'lambda', Endpoint: EVENTS } },
        AlarmTopicPermission: permission({ Principal: 'sns.amazonaws.com', SourceArn: topic, SourceAccount: topic.split(':')[4] }),
      }),
      // Alarms of this account and region can name the function as their action.
      ...(cloudwatchActionsEnabled && {
        AlarmActionPermission: permission({
          Principal: 'lambda.alarms.cloudwatch.amazonaws.com',
          SourceAccount: { Ref: 'AWS::AccountId' },
          SourceArn: { 'Fn::Sub': 'arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*' },
        }),
      }),
    },
  };
};
