// A process of package.test.ts, fresh as a cold start: loads a packaged function, has it answer one request beside a Lambda that
// takes every start, and prints what was answered, how many calls of AWS it took, and each file that was loaded until then.
import { createServer } from 'node:http';
import { registerHooks } from 'node:module';

const [url, event] = process.argv.slice(2);
let calls = 0;
const lambda = createServer((request, response) => {
  calls++;
  request.resume().on('end', () => response.writeHead(202).end());
});
await new Promise((resolve) => void lambda.listen(0, '127.0.0.1', resolve));
process.env.AWS_ENDPOINT_URL_LAMBDA = `http://127.0.0.1:${lambda.address().port}`;

const files = [];
registerHooks({
  load(file, context, next) {
    if (file.startsWith('file:')) files.push(file);
    return next(file, context);
  },
});
const { handler } = await import(url);
const { statusCode, body } = await handler(JSON.parse(event), { awsRequestId: 'a-request', getRemainingTimeInMillis: () => 29_000 });
process.stdout.write(`${JSON.stringify({ statusCode, body, calls, files })}\n`, () => process.exit());
