import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { Question } from '../core/report.ts';
import type { KillRequest, MessageRef } from '../core/request.ts';
import type { Mrs } from '../mrs/mrs.ts';
import type { Closer } from './close.ts';
import type { Examiner } from './examine.ts';
import type { Moves } from './moves.ts';
import type { StartId } from './start-id.ts';
import type { Known } from './remember.ts';

/** How patient a run is. */
export type Pace = {
  /** Whether an earlier start of the request may have left something: not for what begins and ends within one call. */
  takesOver: boolean;
  /** From then on nothing is sent, counted from when the request was received. */
  expiresAfterMs: number;
  /** A look counts for so long; after that it is looked and decided anew before the kill. 0 where the run can be interrupted anywhere. */
  lookCountsForMs: number;
  /** A new try of a read after the POST begins within this. */
  lookForMs: number;
  /** Ends every call, whatever it does. */
  signal?: AbortSignal;
  mostPosts: number;
  /** Whether the last POST, too, is given its time where it went unanswered. */
  settles: boolean;
  followIntervalSec: number;
  followTimeoutSec: number;
  /** How long a question or a card may stand: for so long the rule asks nobody else about the job. */
  holdsForMs: number;
  /** What a request has come to whose job still lives when it was followed long enough. */
  ifStillAlive: 'still-running' | 'accepted';
};

/** `user` said yes, after `tookMs`; or the request ends here. `card` is the message to go on with. */
export type Answered = { answer: 'kill'; card: MessageRef; user: string; tookMs: number } | { answer: 'end'; card?: MessageRef; end: End };

/** Puts a question to people and waits for what they say; goes on with a question that `known` says stands already. */
export type Ask = (request: KillRequest, job: Job, question: Question, known: Known) => Promise<Answered>;

/** What a run is handed: what differs between a durable execution and a REST call is in here, and nothing of it is asked for again. */
export type Run = Examiner & Closer & {
  /** Which start of the request this is. */
  id: StartId;
  mrs: Mrs;
  moves: Moves;
  pace: Pace;
  /** Left out where nobody can be asked. */
  ask?: Ask;
  /** See Sender. */
  bornAt?: number | undefined;
};
