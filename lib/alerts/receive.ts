import { CallBackFailed, TooLarge } from '../core/errors.ts';
import { readJson } from '../http/read-body.ts';
import { errorReply, type HttpReply, type HttpRequest } from '../http/reply.ts';
import type { OpenSend } from '../http/send.ts';
import type { Settings } from '../settings/settings.ts';
import type { CallBack } from './call-back.ts';
import type { AlertSource } from './source.ts';
import { findSource } from './sources.ts';
import { type AlertParts, startAlerts } from './start-alerts.ts';

const MOST_BYTES = 1024 * 1024;
/** What could not be done now mostly passes in seconds; where the engine takes no more, some of what is open has to end. */
const COME_AGAIN = { headers: { 'retry-after': '30' } };

/** What POST /alerts/{source} works with; `openSend` is the way out, whose hosts are guarded by what the sources name. */
export type DeliveryParts = Omit<AlertParts, 'log'> & { settings: Settings; openSend: OpenSend };

type ReceiveParts = DeliveryParts & { callBack: CallBack | undefined };

/**
 * POST /alerts/{source}: verify the bytes, read the alerts, judge each by the rules, start what is to be started. 202 says that
 * it was understood, whatever was decided; 503 that some start failed, or that it could not be written that an alert is
 * resolved, so that the sender's repeat does only that, or that the sender could not be called back.
 */
export function createAlertRoute(load: () => DeliveryParts): (request: HttpRequest) => Promise<HttpReply> {
  const callBacks = new Map<string, CallBack>(); // kept: they hold the certificates
  const callBackTo = async (openSend: OpenSend, origins: string[]): Promise<CallBack> => {
    const { createCallBack, MOST_BYTES: most } = await import('./call-back.ts'); // most senders are not called back
    const key = origins.join(' ');
    const callBack = callBacks.get(key) ?? createCallBack(openSend(origins, most));
    callBacks.set(key, callBack);
    return callBack;
  };
  return async (request) => {
    const sourceName = /^\/alerts\/([^/]+)$/.exec(request.path)?.[1] ?? '';
    const source = await findSource(sourceName);
    if (source === undefined) return errorReply(404, 'no such alert source; openapi.yml lists them');
    const parts = load();
    const origins = source.callsBack?.(parts.settings);
    const callBack = origins && (await callBackTo(parts.openSend, origins));
    try {
      return await receiveDelivery({ ...parts, callBack }, request, sourceName, source);
    } catch (error) {
      if (!(error instanceof CallBackFailed)) throw error;
      request.log.warn('a sender could not be called back', { source: sourceName, error });
      return errorReply(503, `${error.message}; send the delivery again`, COME_AGAIN);
    }
  };
}

async function receiveDelivery(parts: ReceiveParts, request: HttpRequest, sourceName: string, source: AlertSource): Promise<HttpReply> {
  const { rawBody, headers, receivedAt } = request;
  const delivery = { rawBody, headers, receivedAt: parts.starter.clock.wall() };
  await source.verify(delivery, parts.settings, parts.callBack);
  if (rawBody.length > MOST_BYTES) throw new TooLarge('the body is larger than 1 MiB');
  const { alerts, truncated, subscription } = source.parse(readJson(rawBody), delivery);
  if (subscription !== undefined && parts.callBack !== undefined) {
    return (await import('./subscription.ts')).answerSubscription(subscription, parts.callBack, request.log.with({ source: sourceName }));
  }

  const results = await startAlerts({ ...parts, log: request.log }, sourceName, alerts, receivedAt);
  const answer = truncated > 0 ? { results, truncated } : { results };
  request.log.info('alerts received', { source: sourceName, ...answer });
  if (!results.some(({ outcome }) => outcome === 'failed')) return { status: 202, body: answer };
  const reply = errorReply(503, 'some alerts could not be handled; send the delivery again: only those are done again', COME_AGAIN);
  return { ...reply, body: { ...answer, ...reply.body } };
}
