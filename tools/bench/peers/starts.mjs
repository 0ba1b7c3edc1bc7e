import { Agent, request } from 'node:http';
import { signed } from './sign.mjs';

const agent = new Agent({ keepAlive: true });

/** An empty handler that starts executions: `{ functionName, names, payload, atOnce }`. Nothing is read, decided or written. */
export const handler = async ({ functionName, names, payload, atOnce }) => {
  const left = [...names];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) await start(functionName, name, payload);
  }));
  return { statusCode: 200, body: '' };
};

async function start(functionName, name, payload) {
  const url = `${process.env.AWS_ENDPOINT_URL_LAMBDA}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const given = { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': name };
  const headers = { ...given, ...(await signed('lambda', url, given, payload)) };
  await new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers, agent }, (response) => response.resume().on('end', resolve).on('error', reject)).on('error', reject).end(payload);
  });
}
