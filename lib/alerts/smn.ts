import { InvalidRequest } from '../core/errors.ts';
import { readBody } from '../http/read-body.ts';
import { callBackOrigins, readConfirmationUrl, regionOf } from './smn-hosts.ts';
import { readMessage } from './smn-message.ts';
import { Envelope, SignedEnvelope, signMessage, verifySignature } from './smn-signature.ts';
import type { AlertSource } from './source.ts';

/**
 * Huawei's Simple Message Notification: what Cloud Eye, MRS and people publish to the topics of SMN_TOPICS. SMN's signature has
 * to hold; `message_id` as delivery key. https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html
 */
export const smn: AlertSource = {
  about: {
    title: { en: 'Huawei SMN (Cloud Eye, MRS, anything that publishes)', zh: '华为云消息通知服务 SMN（云监控 CES、MRS，以及任何向主题发布消息的程序）' },
    link: 'https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9002.html',
    deliveryKey: '`message_id`',
    namesJob: "MRS's ALM-18020 by its YARN id; `{\"labels\": …}` of your own; not Cloud Eye",
    otherwise: '`pick` with `cluster:`',
  },
  trust: "SMN's own signature; only topics of `SMN_TOPICS`, messages of the last hour",
  proofs: [
    {
      header: 'X-SMN-Message-Type',
      says:
        'The header repeats `type`; the proof is `signature` in the body, by the certificate at `signing_cert_url`, which has to ' +
        "be one of SMN in the topic's region. `topic_urn` has to be one of `SMN_TOPICS`, and `timestamp` within the hour. " +
        'https://support.huaweicloud.com/intl/en-us/usermanual-smn/smn_ug_a9003.html',
      isInBody: true,
    },
  ],
  settings: ['SMN_TOPICS', 'SMN_ENDPOINT'],
  isOn: ({ smnTopics }) => smnTopics.length > 0,
  callsBack: ({ smnTopics, smnEndpoint }) => callBackOrigins(smnTopics, smnEndpoint),
  verify: (delivery, settings, callBack) => verifySignature(delivery, settings, callBack),
  sign: (rawBody, { privateKey = '' }, now) => signMessage(rawBody, privateKey, now),
  signsWithKey: true,
  body: SignedEnvelope,
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
  if (url === undefined) throw new InvalidRequest('subscribe_url: its host is not one of SMN or its consoles; confirm the subscription by hand');
  return url;
}
