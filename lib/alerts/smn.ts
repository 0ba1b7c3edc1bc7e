import { InvalidRequest } from '../core/errors.ts';
import { readBody } from '../read-body.ts';
import { Envelope } from './smn-envelope.ts';
import { callBackOrigins, readConfirmationUrl, regionOf } from './smn-hosts.ts';
import { readMessage } from './smn-message.ts';
import { verifySignature } from './smn-signature.ts';
import type { AlertSource } from './source.ts';

/**
 * Huawei's Simple Message Notification: what Cloud Eye, MRS and people publish to the topics of SMN_TOPICS. SMN's signature has
 * to hold; `message_id` as delivery key. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html
 */
export const smn: AlertSource = {
  isOn: ({ smnTopics }) => smnTopics.length > 0,
  callsBack: ({ smnTopics, smnEndpoint }) => callBackOrigins(smnTopics, smnEndpoint),
  verify: (delivery, settings, callBack) => verifySignature(delivery, settings, callBack),
  parse(body) {
    const envelope = readBody(Envelope, body);
    const { type, topic_urn: topic } = envelope;
    switch (type) {
      case 'Notification':
        return { alerts: [readMessage(envelope)], truncated: 0 };
      case 'SubscriptionConfirmation':
        return { alerts: [], truncated: 0, subscription: { change: 'asked', topic, confirmAt: confirmationUrl(envelope) } };
      case 'UnsubscribeConfirmation':
        return { alerts: [], truncated: 0, subscription: { change: 'ended', topic } };
    }
  },
};

function confirmationUrl(envelope: { subscribe_url: string; topic_urn: string }): URL {
  const url = readConfirmationUrl(envelope.subscribe_url, regionOf(envelope.topic_urn));
  if (url === undefined) throw new InvalidRequest('subscribe_url: leads to none of the hosts of SMN and its consoles; confirm the subscription by hand');
  return url;
}
