import * as z from 'zod/mini';
import { CallBackFailed } from '../core/errors.ts';
import { parseJson } from '../http/json.ts';
import type { HttpReply } from '../http/reply.ts';
import type { Log } from '../log/log.ts';
import type { CallBack } from './call-back.ts';

/** What a sender says of its subscription to us: it wants a GET of that URL to begin, or has ended. `topic` is its name for it. */
export type Subscription = { change: 'asked'; topic: string; confirmAt: URL } | { change: 'ended'; topic: string };

const Confirmed = z.looseObject({ subscription_urn: z.string().check(z.minLength(1)) });

/** Confirms a subscription, or says that one has ended. Throws CallBackFailed where it cannot be confirmed: asked again, we try again. */
export async function answerSubscription(subscription: Subscription, callBack: CallBack, log: Log): Promise<HttpReply> {
  const { change, topic } = subscription;
  switch (change) {
    case 'ended':
      log.warn('a subscription has ended: its alerts come no more', { topic });
      return { status: 202, body: { results: [], subscription: 'ended' } };
    case 'asked': {
      const answer = await callBack.get(subscription.confirmAt);
      // A console that does not know the link shows a page, also with 200.
      if (answer?.status !== 200 || !Confirmed.safeParse(parseJson(answer.text)).success) {
        throw new CallBackFailed(`the subscription was not confirmed: ${answer === undefined ? 'the answer is too large' : `HTTP ${answer.status}`}`);
      }
      log.info('a subscription was confirmed', { topic });
      return { status: 202, body: { results: [], subscription: 'confirmed' } };
    }
  }
}
