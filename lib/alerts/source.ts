import type { Settings } from '../settings/settings.ts';
import type { Alert } from './alert.ts';

/** One delivery as it came in; signatures cover exactly these bytes. */
export type Delivery = { headers: Record<string, string>; rawBody: Buffer; receivedAt: number };

/** The alerts of a delivery, in its order, and how many more the sender says it left out. */
export type Reading = { alerts: Alert[]; truncated: number };

/** A sender of alerts: how its deliveries are trusted and read. One file and one row in the table each. */
export type AlertSource = {
  /** Whether the settings let it in at all. */
  isOn(settings: Settings): boolean;
  /** Throws Unauthorized, with the same words for every cause. Looks at the raw bytes; nothing is parsed before. */
  verify(delivery: Delivery, settings: Settings): void | Promise<void>;
  /** Reads the body, already JSON, into alerts. Throws InvalidRequest naming the field; unknown fields pass. */
  parse(body: unknown, delivery: Delivery): Reading;
};
