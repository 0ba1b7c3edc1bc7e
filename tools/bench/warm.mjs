// A process that has loaded a handler and is called again and again: it says what each series of calls took. argv: the handler's file.
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]).href);
const context = () => {
  const endsAt = Date.now() + 300_000;
  return { awsRequestId: 'request-1', functionName: process.env.AWS_LAMBDA_FUNCTION_NAME, getRemainingTimeInMillis: () => endsAt - Date.now() };
};

process.on('message', async ({ events }) => {
  const answers = [];
  const before = process.cpuUsage();
  const begunMs = performance.now();
  for (const event of events) answers.push(await handler(event, context()));
  const tookMs = performance.now() - begunMs;
  const { user, system } = process.cpuUsage(before);
  process.send({ tookMs, cpuMs: (user + system) / 1_000, peakMiB: process.resourceUsage().maxRSS / 1024, answers });
});
process.on('disconnect', () => process.exit(0));
process.send('loaded');
