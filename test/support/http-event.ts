import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';

export type EventOptions = { headers?: Record<string, string>; body?: string; isBase64Encoded?: boolean };

/** An HTTP API event (payload 2.0) of a request line such as `GET /health`, as the API gateway delivers it. */
export function httpEvent(line: string, { headers = {}, body, isBase64Encoded = false }: EventOptions = {}): APIGatewayProxyEventV2 {
  const [method = '', target = ''] = line.split(' ');
  const [path = '', query = ''] = target.split('?');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: {
      accountId: '123456789012',
      apiId: 'api-id',
      domainName: 'id.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'id',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'jest' },
      requestId: 'gateway-request',
      routeKey: '$default',
      stage: '$default',
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: 1_583_348_638_390,
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded,
  };
}

/** The context of an invocation that has `remainingMs` left, counted down by the real clock. */
export function lambdaContext(remainingMs = 29_000): Context {
  const endsAt = Date.now() + remainingMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: 'mrs-killswitch-test-api',
    functionVersion: '1',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:mrs-killswitch-test-api',
    memoryLimitInMB: '512',
    awsRequestId: 'request-1',
    logGroupName: '/aws/lambda/mrs-killswitch-test-api',
    logStreamName: 'stream',
    getRemainingTimeInMillis: () => endsAt - Date.now(),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
