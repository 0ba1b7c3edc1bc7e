import type { Job } from '../core/job.ts';
import type { Show } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import type { RuleNow, RulesNow } from '../core/warned-rule.ts';
import type { Closer } from '../kill/close.ts';
import type { Examiner } from '../kill/examine.ts';
import type { Moves } from '../kill/moves.ts';
import type { StartId } from '../kill/start-id.ts';
import type { Policy } from '../policy/policy.ts';

/** What a round of a warning works with. */
export type Warner = Closer & Examiner & {
  policy: Policy & RulesNow;
  id: StartId;
  moves: Moves;
  show: Show;
  /**
   * Opens a callback that stays open for so long, tells `onOpen` its id, and resolves when it was called or its time is up. Throws
   * what `onOpen` throws.
   */
  awaitClick: (seconds: number, onOpen: (callback: string) => Promise<void>) => Promise<void>;
  /** Wakes who waits for a callback; it may wait no more. */
  wake: (callback: string) => Promise<void>;
  next: NextStarter;
};

/** The one door, for what a warning hands on to. */
export type NextStarter = {
  /** The name of the execution that a request becomes: the same whatever the policy says. */
  nameOf: (request: KillRequest) => string;
  /** Starts it; it may be there already. Throws where it could not be started. */
  start: (request: KillRequest) => Promise<void>;
};

/** A job that people are warned of, and what the rule says of it now; `usedMs`: how much of `keepAtMost` was used in the rounds before. */
export type Warning = { job: Job; rule: RuleNow; usedMs: number; owner?: string | undefined };
