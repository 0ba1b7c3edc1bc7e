import type { KnownBlock } from '@slack/types';

/** Whom one can be in the playground: a user of the policy, or a stranger to it. */
export type Person = { id: string; role: 'operator' | 'approver' | 'owner' | 'stranger'; title: string };

/** One line of the chat, as it stands now. */
export type ChatEntry = {
  id: string;
  /** `typed`: a command; `note`: an answer that only its reader sees. */
  kind: 'typed' | 'message' | 'note';
  /** The channel, or the direct message. */
  where: string;
  /** The one user who sees it; left out where everybody in the channel does. */
  onlyFor?: string;
  text: string;
  blocks: KnownBlock[];
  /** How often it was changed in place. */
  updates: number;
};

export type PlaygroundJob = { id: string; name: string; cluster: string; type: string; user: string; queue: string; state: string; result: string; yarnId: string; isOver: boolean; /** epoch ms */ submittedAt: number };

/** A request and its answer, as text for people. */
export type Delivery = { id: number; title: string; /** The status, or that it was done. */ result: string; request: string; answer: string };

export type AuditLine = { id: number; text: string };

/** Names of what can be switched. */
export type Switches = { dryRun: boolean; paused: boolean; outage: boolean };

/** Everything that the page shows. */
export type PlaygroundState = {
  /** Epoch ms by the playground's clock, and how far that one was pushed. */
  nowMs: number;
  aheadMs: number;
  policyFile: string;
  switches: Switches;
  people: Person[];
  chat: ChatEntry[];
  jobs: PlaygroundJob[];
  kinds: { id: string; title: string }[];
  sources: string[];
  alertNames: string[];
  deliveries: Delivery[];
  audit: AuditLine[];
};
