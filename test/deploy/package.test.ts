import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLog } from '../../lib/log/log.ts';
import { countAfterWarning, countBadRequest, countEnd, countLostReport, countStarts, countUnauthorized, countUnusable, countWarning } from '../../lib/log/metrics.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import { slackHeaders } from '../simulator/slack-client.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { describeLint } from './lint.ts';
import { type Packaged, packageCopy } from './package-copy.ts';
import { describeRights } from './rights.ts';
import { describeSecrets, PLAIN, REFERENCES } from './secrets.ts';
import { FUNCTIONS, functionIn, logical, variablesOf } from './packaged.ts';
import { propertiesOf, resourcesOfType } from './template.ts';

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:operators';
const ALARMS_IN = 'arn:aws:sns:eu-west-1:123456789012:alarms-of-yarn';

const FIRST_POLICY = `
dryRun: false
clusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3 } }
slack: { channel: C0123456789, team: T0123456789, mayKill: [U0123456789] }
alerts: [{ match: { alertname: JobTooLong }, cluster: analytics, job: job_id, action: kill }]
`;
const SAID = /Looking at|accepted/;
const LOADED_FIRST = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/deploy/loaded-first.json'), 'utf8')) as Record<string, string[]>;
const SIGNING_SECRET = 'a-signing-secret-of-slack';
const FIRST_ENV = {
  AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', LEDGER_TABLE: 'mrs-killswitch-prod-ledger', KILL_FUNCTION: 'mrs-killswitch-prod-kill:durable',
  WARN_FUNCTION: 'mrs-killswitch-prod-warn:durable',
  HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'somebody', HW_USER_PASSWORD: 'some password', HW_DOMAIN_NAME: 'some account',
  SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN: 'xoxb-a-token', ALERT_TOKENS: 'sender:a-token-of-an-alert-sender',
};
/** As Lambda has the names of headers. */
const lowerCase = (headers: Record<string, string>): Record<string, string> => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

type EmbeddedMetric = { _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] } };

/** With everything that can be switched on, and with nothing. */
let full: Packaged;
let bare: Packaged;

beforeAll(async () => {
  const everything = {
    ...REFERENCES, POLICY_FILE: join(import.meta.dirname, '../fixtures/deploy/warns.yml'), PAUSED: 'ssm:/kill/paused', KMS_KEY_ARN: KEY, ALARM_TOPIC_ARN: TOPIC, CLEANUP_ENABLED: 'true', KILL_CONCURRENCY: '7',
    CLOUDWATCH_EVENTS_ENABLED: 'true', CLOUDWATCH_TOPIC_ARN: ALARMS_IN, CLOUDWATCH_ACTIONS_ENABLED: 'true',
  };
  const [one, other] = await Promise.allSettled([packageCopy('prod', everything), packageCopy('dev', { ...PLAIN, KILL_CONCURRENCY: 'none', SOURCE_MAPS: 'true' })]);
  if (one.status === 'fulfilled') full = one.value;
  if (other.status === 'fulfilled') bare = other.value;
  for (const result of [one, other]) if (result.status === 'rejected') throw result.reason;
}, 240_000);

afterAll(() => {
  full?.remove();
  bare?.remove();
});


describeRights(() => full, () => bare);
describeSecrets(() => full, () => bare);
describeLint(() => [full, bare]);

describe('who may invoke a function from outside its routes', () => {
  const invokers = ({ template }: Packaged) =>
    resourcesOfType(template, 'AWS::Lambda::Permission')
      .map(([, { FunctionName, Principal, SourceArn, SourceAccount = 'no account' }]) => ({ FunctionName, Principal, SourceArn, SourceAccount }))
      .filter(({ Principal }) => Principal !== 'apigateway.amazonaws.com');
  const rule = ({ template }: Packaged, detailType: string) =>
    resourcesOfType(template, 'AWS::Events::Rule').find(([, { EventPattern }]) => JSON.stringify(EventPattern ?? '').includes(detailType))?.[1]['State'];

  it("CloudWatch's alarms have no way in until a setting opens it", () => {
    expect(invokers(bare).map(({ Principal }) => Principal)).toEqual(['events.amazonaws.com', 'events.amazonaws.com', 'events.amazonaws.com']);
    expect(rule(bare, 'CloudWatch Alarm State Change')).toBe('DISABLED');
    expect(rule(bare, 'Durable Execution Status Change')).toBe('ENABLED');
    expect(resourcesOfType(bare.template, 'AWS::SNS::Subscription')).toEqual([]);
  });

  it('opened, it is for that topic, and for alarms of this account and region only', () => {
    const events = 'EventsLambdaFunction.Arn';
    expect(invokers(full).filter(({ Principal }) => Principal !== 'events.amazonaws.com')).toEqual([
      { FunctionName: events, Principal: 'sns.amazonaws.com', SourceArn: ALARMS_IN, SourceAccount: '123456789012' },
      { FunctionName: events, Principal: 'lambda.alarms.cloudwatch.amazonaws.com', SourceArn: 'arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*', SourceAccount: '123456789012' },
    ]);
    expect(rule(full, 'CloudWatch Alarm State Change')).toBe('ENABLED');
    expect(resourcesOfType(full.template, 'AWS::SNS::Subscription').map(([, subscription]) => subscription)).toEqual([{ TopicArn: ALARMS_IN, Protocol: 'lambda', Endpoint: events }]);
  });
});

describe('failures are not lost', () => {
  it.each([['kill', 36_000], ['warn', 86_400 + 45 * 60 + 3 * 86_400]])('%s is durable, begins whatever was started however long that waited, and leaves what failed in its dead-letter queue', (name, ExecutionTimeout) => {
    expect(functionIn(full, name)).toMatchObject({
      Timeout: 120,
      DurableConfig: { ExecutionTimeout, RetentionPeriodInDays: 14 },
      DeadLetterConfig: { TargetArn: `${logical(name)}DeadLetters.Arn` },
    });
    expect(propertiesOf(full.template, `${logical(name)}LambdaEvConf`)).toMatchObject({ MaximumEventAgeInSeconds: 21_600 }); // no start is dropped in a storm: npm run stress -- --storm
  });

  it('warn lives as long as the longest warn and the longest keepAtMost of the policy that is packaged, and a day', () => {
    const lifeOf = (packaged: Packaged) => (functionIn(packaged, 'warn')['DurableConfig'] as { ExecutionTimeout: number }).ExecutionTimeout;
    for (const packaged of [full, bare]) expect(lifeOf(packaged)).toBe(warningLifeSec(JSON.parse(String(packaged.filesOf('warn').get('build/policy.json'))) as Policy));
    expect(lifeOf(full)).toBeGreaterThan(lifeOf(bare));
  });

  it.each(['kill', 'warn'])('running executions stay on their version: %s has one, behind the alias that is called, and no other function', (name) => {
    const versions = resourcesOfType(full.template, 'AWS::Lambda::Version');
    expect(new Set(versions.map(([, { FunctionName }]) => FunctionName))).toEqual(new Set(['KillLambdaFunction', 'WarnLambdaFunction']));
    expect(versions).toHaveLength(2);
    const own = versions.find(([, { FunctionName }]) => FunctionName === `${logical(name)}LambdaFunction`)?.[0];
    expect(propertiesOf(full.template, `${logical(name)}DurableLambdaAlias`)).toMatchObject({ Name: 'durable', FunctionVersion: `${own}.Version` });
  });

  it.each(['slack', 'cleanup', 'events'])('%s leaves an invocation that failed to the end in a queue, and starts none that is older than 15 min', (name) => {
    expect(propertiesOf(full.template, `${logical(name)}LambdaEvConf`)).toMatchObject({
      DestinationConfig: { OnFailure: { Destination: 'FailedInvocations.Arn' } },
      MaximumEventAgeInSeconds: 900,
    });
  });

  it('the queues keep their messages for 14 days, encrypted', () => {
    const queues = resourcesOfType(full.template, 'AWS::SQS::Queue');
    expect(queues.map(([name]) => name).toSorted()).toEqual(['FailedInvocations', 'KillDeadLetters', 'UndeliveredEvents', 'WarnDeadLetters']);
    for (const [, queue] of queues) expect(queue).toEqual({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true }); // no name, so that those that are kept are in nobody's way
  });

  it('logs and queues are kept when the deployment is removed', () => {
    const { Resources } = JSON.parse(full.templateText) as { Resources: Record<string, { Type: string; DeletionPolicy?: string; UpdateReplacePolicy?: string }> };
    const kept = Object.entries(Resources).filter(([, { DeletionPolicy }]) => DeletionPolicy === 'RetainExceptOnCreate');
    expect(kept.map(([name]) => name).toSorted()).toEqual([...FUNCTIONS.map((name) => `${logical(name)}LogGroup`), 'FailedInvocations', 'KillDeadLetters', 'LedgerTable', 'UndeliveredEvents', 'WarnDeadLetters'].toSorted());
    for (const [, { UpdateReplacePolicy }] of kept) expect(UpdateReplacePolicy).toBe('Retain');
  });

  it('what EventBridge cannot hand over is left in a queue that only the rules of this deployment can write to', () => {
    const rules = resourcesOfType(full.template, 'AWS::Events::Rule').filter(([, { EventPattern }]) => EventPattern !== undefined);
    expect(rules).toHaveLength(2);
    for (const [, { Targets }] of rules) expect(Targets).toMatchObject([{ DeadLetterConfig: { Arn: 'UndeliveredEvents.Arn' } }]);
    for (const [, { Name }] of rules) expect(Name).toMatch(/^mrs-killswitch-prod-events-rule-\d$/);
    expect(resourcesOfType(full.template, 'AWS::SQS::QueuePolicy').map(([, policy]) => policy)).toEqual([{
      Queues: ['UndeliveredEvents'],
      PolicyDocument: { Version: '2012-10-17', Statement: [{
        Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: 'UndeliveredEvents.Arn',
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:events:eu-west-1:123456789012:rule/mrs-killswitch-prod-events-rule-*' } },
      }] },
    }]);
  });

  it.each(['kill', 'warn'])('what executions of %s write is encrypted with the key where one is given', (name) => {
    expect(functionIn(full, name)['DurableConfig']).toMatchObject({ KMSKeyArn: KEY });
    expect(functionIn(bare, name)['DurableConfig']).not.toHaveProperty('KMSKeyArn');
  });

  it('executions of kill and warn that end badly are told to events', () => {
    const patterns = resourcesOfType(full.template, 'AWS::Events::Rule').map(([, { EventPattern }]) => EventPattern);
    expect(patterns).toContainEqual({
      'source': ['aws.lambda'],
      'detail-type': ['Durable Execution Status Change'],
      'detail': { status: ['FAILED', 'TIMED_OUT', 'STOPPED'], functionArn: [{ wildcard: '*:function:mrs-killswitch-prod-kill:*' }, { wildcard: '*:function:mrs-killswitch-prod-warn:*' }] },
    });
  });
});

describe('alarms', () => {
  const alarm = (packaged: Packaged, name: string) => propertiesOf(packaged.template, name);
  const ONE = { Threshold: 1, EvaluationPeriods: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold', TreatMissingData: 'notBreaching' };

  it.each([
    ['KillFailed', 'AWS/Lambda', 'DurableExecutionFailed', { Name: 'FunctionName', Value: 'mrs-killswitch-prod-kill' }],
    ['KillTimedOut', 'AWS/Lambda', 'DurableExecutionTimedOut', { Name: 'FunctionName', Value: 'mrs-killswitch-prod-kill' }],
    ['WarnFailed', 'AWS/Lambda', 'DurableExecutionFailed', { Name: 'FunctionName', Value: 'mrs-killswitch-prod-warn' }],
    ['WarnTimedOut', 'AWS/Lambda', 'DurableExecutionTimedOut', { Name: 'FunctionName', Value: 'mrs-killswitch-prod-warn' }],
    ['ApiFailed', 'AWS/ApiGateway', '5xx', { Name: 'ApiId', Value: 'HttpApi' }],
    ['CleanupUndelivered', 'AWS/Events', 'FailedInvocations', { Name: 'RuleName', Value: 'CleanupEventsRuleSchedule1' }],
  ])('%s rings at the first', (name, Namespace, MetricName, dimension) => {
    expect(alarm(full, name)).toMatchObject({ ...ONE, Namespace, MetricName, Dimensions: [dimension] });
  });

  it.each([
    ['KillsUndelivered', 'KillDeadLetters'],
    ['WarningsUndelivered', 'WarnDeadLetters'],
    ['InvocationsFailed', 'FailedInvocations'],
    ['EventsUndelivered', 'UndeliveredEvents'],
  ])('%s rings for each message that comes into %s, also where another lies there', (name, queue) => {
    const metric = (Id: string, MetricName: string, Stat: string) => ({ Id, ReturnData: false, MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: `${queue}.QueueName` }] }, Period: 60, Stat } });
    expect(alarm(full, name)).toMatchObject({
      ...ONE, EvaluationPeriods: 5, DatapointsToAlarm: 1,
      Metrics: [
        { Id: 'letters', Expression: 'MAX([FILL(sent, 0), DIFF(FILL(lying, 0))])', ReturnData: true },
        metric('sent', 'NumberOfMessagesSent', 'Sum'),
        metric('lying', 'ApproximateNumberOfMessagesVisible', 'Maximum'),
      ],
    });
  });

  it('a request that ends as failed rings, whatever it is counted by, also where its execution succeeded or there was none', () => {
    const { namespace, name, totals } = countedMetrics().find((metric) => metric.name === 'Failed') ?? {};
    expect(totals).toBe(true);
    expect(alarm(full, 'KillsEndedFailed')).toMatchObject({ ...ONE, Namespace: namespace, MetricName: name, Statistic: 'Sum' });
    expect(alarm(full, 'KillsEndedFailed')['Dimensions']).toBeUndefined();
  });

  it('nothing rings at the first deployment: no alarm takes no data for trouble', () => {
    const alarms = resourcesOfType(full.template, 'AWS::CloudWatch::Alarm');
    expect(alarms.filter(([, { TreatMissingData }]) => TreatMissingData !== 'notBreaching').map(([name]) => name)).toEqual(['CleanupMissed']);
  });

  it('a burst of refused callers rings: the alarm reads the metric that they are counted in', () => {
    const { namespace, name, dimensions } = countedMetrics().find((metric) => metric.name === 'Unauthorized') ?? { dimensions: [] };
    expect(alarm(full, 'ManyRefusedCallers')).toMatchObject({ Namespace: namespace, MetricName: name, Statistic: 'Sum', Threshold: 20, Period: 300 });
    expect(alarm(full, 'ManyRefusedCallers')['Dimensions'] ?? []).toEqual(dimensions);
  });

  it('a message that nobody got rings at the first: the alarm reads the metric that it is counted in', () => {
    const { namespace, name, dimensions } = countedMetrics().find((metric) => metric.name === 'ReportsLost') ?? { dimensions: [] };
    expect(alarm(full, 'ReportsLost')).toMatchObject({ ...ONE, Namespace: namespace, MetricName: name, Statistic: 'Sum' });
    expect(alarm(full, 'ReportsLost')['Dimensions'] ?? []).toEqual(dimensions);
  });

  it('the access log says who was refused, and holds no header and no query, which may be secret', () => {
    const { AccessLogSettings } = propertiesOf(full.template, 'HttpApiStage') as { AccessLogSettings: { DestinationArn: string; Format: string } };
    expect(AccessLogSettings.DestinationArn).toBe('HttpApiLogGroup.Arn');
    expect(JSON.parse(AccessLogSettings.Format)).toMatchObject({ caller: '$context.identity.sourceIp', status: '$context.status' });
    expect(AccessLogSettings.Format).not.toMatch(/header|query|authorizer/i);
  });

  it('a missed cleanup rings, and only where cleanup is on', () => {
    expect(alarm(full, 'CleanupMissed')).toMatchObject({
      Dimensions: [{ Name: 'FunctionName', Value: 'mrs-killswitch-prod-cleanup' }],
      MetricName: 'Invocations', ComparisonOperator: 'LessThanThreshold', Threshold: 1, Period: 3_600, EvaluationPeriods: 2,
      // Lambda counts nothing while nothing runs: then there is no data, which is told once there was some.
      TreatMissingData: 'missing', InsufficientDataActions: [TOPIC],
    });
    for (const name of ['CleanupMissed', 'CleanupUndelivered']) expect(bare.template.has(name)).toBe(false);
    const schedule = ({ template }: Packaged) => propertiesOf(template, 'CleanupEventsRuleSchedule1');
    expect([schedule(full)['State'], schedule(bare)['State']]).toEqual(['ENABLED', 'DISABLED']);
  });

  it('every alarm tells the topic, where there is one', () => {
    const actions = ({ template }: Packaged) => resourcesOfType(template, 'AWS::CloudWatch::Alarm').map(([, { AlarmActions }]) => AlarmActions);
    expect(new Set(actions(full).map((action) => JSON.stringify(action)))).toEqual(new Set([JSON.stringify([TOPIC])]));
    expect(new Set(actions(bare))).toEqual(new Set([undefined]));
  });
});

describe('the dashboard', () => {
  it('shows every metric that is counted, by the dimensions that it is counted by', () => {
    const { DashboardBody } = propertiesOf(full.template, 'Dashboard') as { DashboardBody: string };
    const { widgets } = JSON.parse(DashboardBody) as { widgets: { properties: { region: string; metrics: unknown } }[] };
    expect(new Set(widgets.map(({ properties }) => properties.region))).toEqual(new Set(['eu-west-1']));
    const shown = JSON.stringify(widgets.map(({ properties }) => properties.metrics)).replaceAll('\\"', '');
    const searched = [...shown.matchAll(/SEARCH\('\{([^}]+)\} MetricName=(\w+)'/g)].map(([, schema = '', name = '']) => `${name} in ${schema}`);
    const counted = countedMetrics().map(({ namespace, name, dimensions }) => `${name} in ${[namespace, ...dimensions].join(',')}`);
    expect([...searched, 'Unauthorized in mrs-killswitch', 'ReportsLost in mrs-killswitch'].toSorted()).toEqual(counted.toSorted());
    for (const name of ['Unauthorized', 'ReportsLost']) expect(shown).toContain(`["mrs-killswitch","${name}"]`);
  });
});

describe('bounds', () => {
  it('every log is kept for 90 days', () => {
    const groups = resourcesOfType(full.template, 'AWS::Logs::LogGroup');
    expect(groups.map(([name]) => name).toSorted()).toEqual(
      ['AlertsLogGroup', 'ApiLogGroup', 'CleanupLogGroup', 'EventsLogGroup', 'HttpApiLogGroup', 'KillLogGroup', 'SlackLogGroup', 'WarnLogGroup'],
    );
    for (const [, group] of groups) expect(group['RetentionInDays']).toBe(90);
  });

  it('the HTTP API takes 50 requests a second, and 100 at once', () => {
    expect(propertiesOf(full.template, 'HttpApiStage')).toMatchObject({ DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } });
  });

  it.each(['kill', 'warn'])('%s runs so many times at once as KILL_CONCURRENCY says; none reserves nothing', (name) => {
    expect(functionIn(full, name)['ReservedConcurrentExecutions']).toBe(7);
    expect(functionIn(bare, name)['ReservedConcurrentExecutions']).toBeUndefined();
  });
});

describe('packages', () => {
  it.each(FUNCTIONS)('%s holds its bundle, what that loads lazily, the checked policy, and nothing else: no source map', (name) => {
    const files = full.filesOf(name);
    const bundles = Object.keys(full.outputsOf(name)).map((path) => path.slice(path.indexOf('functions/')));
    expect(bundles).toContain(`functions/${name}.mjs`);
    expect([...files.keys()].toSorted()).toEqual(['build/policy.json', ...bundles].toSorted());
    expect(JSON.parse(String(files.get('build/policy.json')))).toMatchObject({ dryRun: true, clusters: { analytics: { region: 'eu-west-101' } } });
  });

  it.each(FUNCTIONS)('%s holds a source map for each of its bundles where SOURCE_MAPS wants them, and Node reads them then', (name) => {
    const files = [...bare.filesOf(name).keys()];
    const bundles = Object.keys(bare.outputsOf(name)).map((path) => path.slice(path.indexOf('functions/')));
    expect(files.filter((path) => path.endsWith('.map')).toSorted()).toEqual(bundles.map((path) => `${path}.map`).toSorted());
    expect([variablesOf(bare, name)['NODE_OPTIONS'], variablesOf(full, name)['NODE_OPTIONS']]).toEqual(['--enable-source-maps', '']);
  });

  it.each(FUNCTIONS)('%s brings no parser of YAML, no test and no tool', (name) => {
    const sources = Object.values(full.outputsOf(name)).flatMap(({ inputs }) => Object.keys(inputs));
    expect(sources.filter((source) => source.endsWith('lib/policy/load-policy.ts'))).toHaveLength(1);
    const strangers = sources.filter((source) => /node_modules\/(?:yaml|js-yaml|serverless|esbuild|jest|@jest)\/|lib\/policy\/(?:parse|schema|selectors|fields|check|check-rules|check-slack|problem|outline)\.ts$|^(?:\.\.\/)*(?:test|tools)\//.test(source));
    expect(strangers).toEqual([]);
  });

  it.each(FUNCTIONS)('%s stays small: a package of 450 KB at most', (name) => {
    expect(full.sizeOf(name)).toBeLessThanOrEqual(450_000);
  });

  const form = new URLSearchParams({ trigger_id: 't-1', team_id: 'T0123456789', user_id: 'U0123456789', channel_id: 'C0123456789', response_url: 'https://hooks.slack.com/commands/1', command: '/mrs', text: 'kill application_1700000000000_0001' }).toString();
  const alert = JSON.stringify({ id: 'an-alert', labels: { alertname: 'JobTooLong', job_id: '431b135e-c090-489f-b1db-0abe3822b855' } });
  const firstCalls: [name: string, path: string, body: string, headers: () => Record<string, string>, mostBytes: number][] = [
    ['slack', '/slack/command', form, () => lowerCase(slackHeaders(SIGNING_SECRET, Math.floor(Date.now() / 1_000), form)), 100_500],
    ['alerts', '/alerts/generic', alert, () => ({ authorization: 'Bearer a-token-of-an-alert-sender', 'content-type': 'application/json' }), 100_500],
  ];
  it.each(firstCalls)('%s starts an execution without more than it needs: no undici, no SDK, one call of AWS', (name, path, body, headers, mostBytes) => {
    const folder = unpack(full, [name]);
    try {
      writeFileSync(join(folder, 'policy.json'), JSON.stringify(parsePolicy(FIRST_POLICY, { hasBotToken: true, file: 'policy.yml' })));
      const event = { headers: headers(), rawPath: path, requestContext: { http: { method: 'POST' } }, body, isBase64Encoded: false };
      const url = pathToFileURL(join(folder, name, 'functions', `${name}.mjs`)).href;
      const printed = execFileSync(process.execPath, [join(import.meta.dirname, 'first-answer.mjs'), url, JSON.stringify(event)], { cwd: folder, env: { ...FIRST_ENV, POLICY_FILE: join(folder, 'policy.json') }, encoding: 'utf8', timeout: 30_000 });
      const { statusCode, body: said, calls, files } = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as { statusCode: number; body: string; calls: number; files: string[] };
      expect({ statusCode, said, calls }).toEqual({ statusCode: name === 'slack' ? 200 : 202, said: expect.stringMatching(SAID), calls: 1 });
      const loaded = files.flatMap((file) => {
        const output = Object.entries(full.outputsOf(name)).find(([path]) => basename(path) === basename(file))?.[1];
        return output === undefined ? [] : [output];
      });
      const inputs = loaded.flatMap((output) => Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])));
      const packages = new Set(inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []));
      expect([...packages].toSorted()).toEqual(['@middy/core', 'zod']);
      // Each file of ours by name: whoever imports one more on this way makes every cold start wait for it, and says so in that list.
      const own = new Set(inputs.filter((input) => !input.includes('node_modules/')).map((input) => input.replace(/^.*?(?=(?:lib|functions)\/)/, '')));
      expect([...own].toSorted()).toEqual(LOADED_FIRST[name]);
      // What is not needed to start an execution: who imports one of these eagerly makes every cold start wait for it.
      expect(inputs.filter((input) => /lib\/(?:mrs\/connect|ledger\/dynamodb|http\/undici|slack\/(?:reporter|answer-later)|start\/restart)\.ts$/.test(input))).toEqual([]);
      expect(loaded.reduce((bytes, output) => bytes + output.bytes, 0)).toBeLessThanOrEqual(mostBytes);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([['api', 147_000], ['cleanup', 112_000], ['events', 116_000], ['kill', 250_000], ['warn', 250_000]] as const)('%s loads one file of at most %i bytes, and nothing else, until it is called', (name, mostBytes) => {
    const outputs = full.outputsOf(name);
    const [entry] = Object.entries(outputs).filter(([path]) => path.endsWith(`functions/${name}.mjs`)).map(([, output]) => output);
    const first = (entry?.imports ?? []).filter(({ kind, external }) => kind === 'import-statement' && !external).map(({ path }) => outputs[path]);
    expect(first).toHaveLength(1);
    expect(first[0]?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external)).toEqual([]);
    expect(first[0]?.bytes).toBeLessThanOrEqual(mostBytes);
  });

  it('each bundle loads by itself, far from any node_modules, and exports its handler', () => {
    const folder = unpack(full, FUNCTIONS);
    try {
      const modules = FUNCTIONS.map((name) => pathToFileURL(join(folder, name, 'functions', `${name}.mjs`)).href);
      const program = `for (const url of ${JSON.stringify(modules)}) console.log(typeof (await import(url)).handler);`;
      expect(runNode(folder, program)).toBe('function\n'.repeat(FUNCTIONS.length));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('the packaged API finds its policy and settings: GET /health is ok', () => {
    const folder = unpack(full, ['api']);
    try {
      const url = pathToFileURL(join(folder, 'api/functions/api.mjs')).href;
      const event = { headers: {}, rawPath: '/health', requestContext: { http: { method: 'GET' } }, isBase64Encoded: false };
      const program = `const context = { awsRequestId: 'a-request', getRemainingTimeInMillis: () => 29_000 };
        const { handler } = await import(${JSON.stringify(url)});
        const { statusCode, body } = await handler(${JSON.stringify(event)}, context);
        console.log(statusCode, JSON.parse(body).status); process.exit();`;
      const env = { AWS_REGION: 'eu-west-1', LEDGER_TABLE: 'mrs-killswitch-prod-ledger', HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'somebody', HW_USER_PASSWORD: 'some password', HW_DOMAIN_NAME: 'some account' };
      expect(runNode(folder, program, env)).toBe('200 ok\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Each metric that the code writes, as CloudWatch is told of it. */
function countedMetrics(): { namespace: string; name: string; dimensions: string[]; totals: boolean }[] {
  const lines = new Set<string>();
  const log = createLog({ level: 'error', now: () => Date.UTC(2026, 10, 22), write: (line) => void lines.add(line) });
  countUnauthorized(log);
  countBadRequest(log, 'alerts', 400);
  countUnusable(log, 'sqs');
  countLostReport(log);
  countStarts(log, 'alerts', [{ outcome: 'accepted' }]);
  for (const what of ['Warned', 'Kept'] as const) countWarning(log, 'alerts', what);
  for (const outcome of ['killed', 'already-over'] as const) countAfterWarning(log, 'alerts', outcome);
  for (const end of [{ outcome: 'killed' }, { outcome: 'refused', rule: 'paused' }, { outcome: 'failed', code: '0175' }] as const) countEnd(log, 'alerts', end, 1_000);
  const metrics = [...lines].flatMap((line) => (JSON.parse(line) as EmbeddedMetric)._aws.CloudWatchMetrics).map(({ Namespace, Dimensions, Metrics }) => ({
    namespace: Namespace, name: Metrics[0]?.Name ?? '', dimensions: Dimensions[0] ?? [], totals: Dimensions[1]?.length === 0,
  }));
  return metrics.filter(({ name }, index) => metrics.findIndex((other) => other.name === name) === index);
}

function unpack(packaged: Packaged, functionNames: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-unpacked-'));
  for (const name of functionNames) {
    for (const [path, content] of packaged.filesOf(name)) {
      mkdirSync(dirname(join(folder, name, path)), { recursive: true });
      writeFileSync(join(folder, name, path), content);
    }
  }
  return folder;
}

function runNode(cwd: string, program: string, env: Record<string, string> = {}): string {
  return execFileSync(process.execPath, ['--input-type=module', '--eval', program], { cwd, env: { AWS_REGION: 'eu-west-1', ...env }, encoding: 'utf8', timeout: 30_000 });
}
