import type { Settings } from '../settings/settings.ts';
import type { Alert } from './alert.ts';
import type { CallBack } from './call-back.ts';
import type { Subscription } from './subscription.ts';

/** One delivery as it came in; signatures cover exactly these bytes. */
export type Delivery = { headers: Record<string, string>; rawBody: Buffer; receivedAt: number };

/** The alerts of a delivery, in its order, and how many more the sender says it left out. */
export type Reading = {
  alerts: Alert[];
  truncated: number;
  /** Where the delivery is about the sender's subscription: then there are no alerts in it. */
  subscription?: Subscription;
};

/**
 * A sender of alerts: how its deliveries are trusted and read. One file and one row in the table each. Some want to be called
 * back, for a certificate or a confirmation: they name the origins, `verify` is given the way there, and a `subscription` that
 * was read is confirmed by whoever received it, so that `parse` stays pure.
 */
export type AlertSource = {
  /** Whether the settings let it in at all. */
  isOn(settings: Settings): boolean;
  /** The origins that its sender may be called back at; none where left out. */
  callsBack?(settings: Settings): string[];
  /**
   * Throws Unauthorized, with the same words for every cause, or CallBackFailed where that cannot be found out now. Looks at the
   * raw bytes; nothing is parsed before. Who needs the way back and has none is not let in.
   */
  verify(delivery: Delivery, settings: Settings, callBack?: CallBack): void | Promise<void>;
  /** Reads the body, already JSON, into alerts. Throws InvalidRequest naming the field; unknown fields pass. */
  parse(body: unknown, delivery: Delivery): Reading;
};
