import { randomBytes } from 'node:crypto';
import { type SmnMessage, subscriptionConfirmation } from './smn-client.ts';

/** What the routes of SMN share: when which token was sent, in epoch ms, and the URNs of the subscriptions that were confirmed. */
export type SmnState = { tokens: Map<string, number>; confirmed: string[] };

/** SMN as tests see it. */
export type SimulatedSmn = {
  /** A signed SubscriptionConfirmation with a link that is good for 48 h from now on. */
  subscribe(): SmnMessage;
  /** The URNs of the subscriptions that were confirmed, in order. */
  confirmed(): string[];
};

/** SMN's state before anything has happened. */
export function makeSmn(): SmnState {
  return { tokens: new Map(), confirmed: [] };
}

/** The view of SMN's state on the clock `now`. */
export function viewSmn({ tokens, confirmed }: SmnState, now: () => number): SimulatedSmn {
  return {
    subscribe() {
      const token = randomBytes(32).toString('hex');
      tokens.set(token, now());
      return subscriptionConfirmation(token, now());
    },
    confirmed: () => [...confirmed],
  };
}
