/** An empty handler that starts executions: `{ functionName, names, payload, atOnce }`. Nothing is read, decided or written. */
export const startBy = (post) => async ({ functionName, names, payload, atOnce }) => {
  const url = `${process.env.AWS_ENDPOINT_URL_LAMBDA}/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`;
  const left = [...names];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      await post('lambda', url, { 'content-type': 'application/json', 'x-amz-invocation-type': 'Event', 'x-amz-durable-execution-name': name }, payload);
    }
  }));
  return { statusCode: 200, body: '' };
};
