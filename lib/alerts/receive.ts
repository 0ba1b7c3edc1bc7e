import { InvalidRequest, TooLarge } from '../core/errors.ts';
import { createStarter } from '../kill/create-starter.ts';
import type { Starter } from '../kill/start-all.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../lambda.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import type { AlertSource } from './source.ts';
import { findSource } from './sources.ts';
import { type AlertParts, startAlerts } from './start-alerts.ts';

const MOST_BYTES = 1024 * 1024;

/**
 * POST /alerts/{source}: verify the bytes, read the alerts, judge each by the rules, start what is to be started. 202 says that
 * it was understood, whatever was decided; 503 that some start failed, so that the sender's repeat starts only those.
 */
export function createAlertRoute(load: () => Killswitch, log: Log): (request: HttpRequest) => Promise<HttpReply> {
  let starter: Starter | undefined;
  return async (request) => {
    const sourceName = /^\/alerts\/([^/]+)$/.exec(request.path)?.[1] ?? '';
    const source = findSource(sourceName);
    if (source === undefined) return errorReply(404, 'no such alert source');
    const parts = load();
    starter ??= createStarter(parts, log);
    return receiveDelivery({ ...parts, starter }, request, sourceName, source);
  };
}

async function receiveDelivery(parts: AlertParts, request: HttpRequest, sourceName: string, source: AlertSource): Promise<HttpReply> {
  const { rawBody, headers, receivedAt } = request;
  if (rawBody.length > MOST_BYTES) throw new TooLarge('the body is larger than 1 MiB');
  await source.verify({ rawBody, headers, receivedAt }, parts.settings);
  const { alerts, truncated } = source.parse(parseJson(rawBody), { rawBody, headers, receivedAt });

  const results = await startAlerts(parts, sourceName, alerts, receivedAt);
  const answer = truncated > 0 ? { results, truncated } : { results };
  request.log.info('alerts received', { source: sourceName, ...answer });
  if (!results.some(({ outcome }) => outcome === 'failed')) return { status: 202, body: answer };
  const reply = errorReply(503, 'some kills could not be started; send the delivery again, and only those will be');
  return { ...reply, body: { ...answer, ...reply.body } };
}

function parseJson(rawBody: Buffer): unknown {
  try {
    // Not toString: bytes that are no UTF-8 would all become the same letter, and two ids one.
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody));
  } catch {
    throw new InvalidRequest('body: expected JSON');
  }
}
