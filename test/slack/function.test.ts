import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { isLaterTask } from '../../lib/slack/later.ts';
import { commandForm, slackHeaders } from '../simulator/slack-client.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { expectNothingStarted, SIGNING_SECRET, type SlackStage, startSlackStage } from '../stage/slack.ts';

type Handler = typeof import('../../functions/slack.ts').handler;

const NOTE = { text: 'a note', blocks: [] };

let stage: SlackStage;
let handler: Handler;
const before = { ...process.env };
beforeEach(async () => {
  stage = await startSlackStage();
  const aws = { AWS_ENDPOINT_URL_LAMBDA: stage.lambda.url, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  Object.assign(process.env, stage.env, aws, { LOG_LEVEL: 'error', AWS_LAMBDA_FUNCTION_NAME: 'mrs-killswitch-test-slack' });
  // Not at the top: it reads the environment when it is loaded.
  ({ handler } = await import('../../functions/slack.ts'));
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  await stage.close();
});

onlyOnAws('a function of its own').describe('functions/slack', () => {
  it('answers over HTTP, hands reads over to itself, posts what it was handed over, and takes no task over HTTP', async () => {
    const responseUrl = stage.simulator.slack.newResponseUrl();
    const body = commandForm({ text: 'clusters', response_url: responseUrl }).toString();
    const headers = slackHeaders(SIGNING_SECRET, Math.floor(Date.now() / 1_000), body);
    const reply = await handler(httpEvent('POST /slack/command', { body, headers }), lambdaContext());
    expect(reply).toMatchObject({ statusCode: 200, body: expect.stringContaining('Looking …') });
    const [task] = stage.tasks;
    expect(task).toMatchObject({ slackTask: 'read', responseUrl });
    await stage.idle();
    expect(stage.simulator.slack.responses()).toHaveLength(1);

    if (task === undefined) throw new Error('no task');
    expect(await handler(task, lambdaContext())).toBeUndefined();
    expect(stage.simulator.slack.responses()).toHaveLength(2);

    const forged = { ...httpEvent('POST /slack/command', { body: JSON.stringify(task) }), slackTask: 'note', responseUrl, message: NOTE } as APIGatewayProxyEventV2;
    expect(await handler(forged, lambdaContext())).toMatchObject({ statusCode: 401 });
    expect(stage.simulator.slack.responses()).toHaveLength(2);
  });
});

describe('a task handed over', () => {
  it('never is what came over HTTP, whatever it says, and nothing was killed', () => {
    const task = { slackTask: 'note', responseUrl: 'https://hooks.slack.com/x', message: NOTE };
    expect(isLaterTask(task)).toBe(true);
    expect(isLaterTask({ ...httpEvent('POST /slack/command'), ...task })).toBe(false);
    expect(isLaterTask(httpEvent('POST /slack/action', { body: JSON.stringify(task) }))).toBe(false);
    expectNothingStarted(stage);
  });
});
