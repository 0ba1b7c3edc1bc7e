import type * as z from 'zod/mini';
import type { Settings } from '../settings/settings.ts';
import type { Alert } from './alert.ts';
import type { CallBack } from './call-back.ts';
import type { Subscription } from './subscription.ts';

/** One delivery as it came in, when (epoch ms) by the wall clock, as senders have theirs; signatures cover exactly these bytes. Names of headers are in lower case. */
export type Delivery = { headers: Record<string, string>; rawBody: Buffer; receivedAt: number };

/** The alerts of a delivery, in its order, and how many more the sender says it left out. */
export type Reading = {
  alerts: Alert[];
  truncated: number;
  /** Where the delivery is about the sender's subscription: then there are no alerts in it. */
  subscription?: Subscription;
};

/** What README and docs say of who sends alerts, whichever door these come by, in short phrases of Markdown. `npm run docs` writes it there. */
export type About = {
  /** One text, or one for each language that there is a README in. OpenAPI takes the English. */
  title: string | { en: string; zh: string };
  /** The page that documents what it sends, where there is one. */
  link?: string;
  /** How it is known that it sent something. */
  trust: string;
  /** What makes an alert happen once. */
  deliveryKey: string;
  /** How its alerts name a job, and what a rule needs where they name none. */
  namesJob: string;
  otherwise: string;
};

/**
 * What proves a delivery: a token in the Authorization header, or a header of the sender's own, of which OpenAPI has the words.
 * What such a header carries is a secret to whoever shows a delivery, unless the proof itself is in the body.
 */
export type Proof = 'bearer' | 'basic' | { header: string; says: string; isInBody?: boolean };

/**
 * A sender of alerts: how its deliveries are trusted and read, and all that others need to know of it. One file and one row in
 * the table each. Some want to be called back, for a certificate or a confirmation: they name the origins, `verify` is given the
 * way there, and a `subscription` that was read is confirmed by whoever received it, so that `parse` stays pure.
 */
export type AlertSource = {
  about: Omit<About, 'trust'>;
  trust: string;
  proofs: readonly Proof[];
  /** The environment variables that it reads. */
  settings: readonly string[];
  /** Whether the settings let it in at all. */
  isOn(settings: Settings): boolean;
  /** The origins that its sender may be called back at; none where left out. */
  callsBack?(settings: Settings): string[];
  /**
   * Throws Unauthorized, with the same words for every cause, or CallBackFailed where that cannot be found out now. Looks at the
   * raw bytes; nothing is parsed before. Who needs the way back and has none is not let in.
   */
  verify(delivery: Delivery, settings: Settings, callBack?: CallBack): void | Promise<void>;
  /**
   * A saved body as the sender would send it at `now` (epoch ms), for replays and tests. Throws SettingsInvalid without a secret
   * for it, InvalidRequest where the body is none that it could sign.
   */
  sign(rawBody: Buffer, by: { settings: Settings; privateKey?: string | undefined }, now: number): Signed;
  /** Whether `sign` needs a private key (PEM), which only the sender has. */
  signsWithKey?: boolean;
  /** What `parse` takes. OpenAPI has it under its `title`. */
  body: z.ZodMiniType;
  /** Reads the body, already JSON, into alerts. Throws InvalidRequest naming the field; unknown fields pass. */
  parse(body: unknown, delivery: Delivery): Reading;
};

/** A body and the headers that prove it. */
export type Signed = { headers: Record<string, string>; rawBody: Buffer };
