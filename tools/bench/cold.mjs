// A process of its own for each cold start: loads one handler, calls it once where there is an event, and says what that took.
// argv: the file of the handler, and the event as JSON. Plain JavaScript, so that no types are stripped in what is measured.
import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [, , file, text] = process.argv;
const event = text === undefined ? undefined : JSON.parse(text);
const endsAt = Date.now() + 29_000;
const context = {
  awsRequestId: 'request-1',
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '1',
  invokedFunctionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}:1`,
  getRemainingTimeInMillis: () => endsAt - Date.now(), // whole ms, as Lambda's
};

const begunMs = performance.now();
const { handler } = await import(pathToFileURL(file).href);
const loadedMs = performance.now();
const answer = event === undefined ? undefined : await handler(event, context);
const answeredMs = performance.now();
const { user, system } = process.cpuUsage();

writeSync(3, JSON.stringify({
  loadMs: loadedMs - begunMs,
  loadedMs,
  answeredMs,
  cpuMs: (user + system) / 1_000,
  startedAt: performance.timeOrigin,
  status: answer?.statusCode ?? answer?.Status ?? '',
  body: answer?.body ?? '',
  loaded: globalThis.loadedFiles ?? [],
}));
process.exit(0);
