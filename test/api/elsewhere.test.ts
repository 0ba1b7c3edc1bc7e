import { expect, it } from '@jest/globals';
import { createApi } from '../../lib/api/api.ts';
import type { HttpRequest } from '../../lib/http/reply.ts';

const api = createApi(() => {
  throw new Error('nobody asks for the parts');
});

it.each([
  ['GET', '/slack/command', 405, 'POST'],
  ['PUT', '/slack/action', 405, 'POST'],
  ['GET', '/alerts/generic', 405, 'POST, PUT'],
  ['GET', '/alerts/%E0', 405, 'POST, PUT'],
  ['POST', '/alerts/', 404, undefined],
  ['POST', '/alerts', 404, undefined],
  ['POST', '/alerts/generic/', 404, undefined],
  ['POST', '/alerts/generic/more', 404, undefined],
  ['POST', '/slack/other', 404, undefined],
])('the REST API says of %s %s, which other functions take, %i', async (method, path, status, allow) => {
  const { headers, ...reply } = await api({ method, path } as HttpRequest);
  const route = path.startsWith('/alerts') ? '/alerts/{source}' : path;
  expect([reply.status, reply.body?.['error_msg'], headers?.['allow']]).toEqual([status, allow === undefined ? 'no such route' : `${route} takes ${allow} only`, allow]);
});
