import { AppError } from '../core/errors.ts';

/** A key: a list is of one partition, in the order of `rest` (by its UTF-8 bytes). Neither part is empty. */
export type Key = { partition: string; rest: string };

/**
 * How long a call may go on, by the ledger's own clock. `deadline` is epoch ms: what was throttled is tried again before it,
 * and no try outlasts it. Without one there is one try; the rest of a batch is sent again for as long as one try may take, and
 * who is overtaken by others goes on for 30 s.
 */
export type Call = { deadline?: number | undefined; signal?: AbortSignal | undefined };

/** `now` (epoch ms) is what the call judges by: an entry stands up to and including its `until`, and is over after it. */
export type CallAt = Call & { now: number };

export type Wish = {
  /** Who claims: nobody else is let in until it is over or given back. */
  owner: string;
  /** The number of the owner's start, 1 for the first: `release` of an earlier start leaves alone what a later one claimed. */
  start: number;
  /** Epoch ms, the last moment of the claim. */
  until: number;
  /** Anything JSON; left out while nothing is known yet, so that a later claim of the same owner can bring it. */
  value?: unknown;
};

export type Claimed =
  /** Ours, and what stands in it now, which may be another value than the one given. */
  | { mine: true; start: number; until: number; value: unknown }
  /** Another's; `owner` is '' where the key holds no claim but an entry that was put. */
  | { mine: false; owner: string; until: number; value: unknown };

/** A place in a sliding window, or the moment (epoch ms) at which the next one is free, if nobody else takes it. */
export type Place = { taken: true } | { taken: false; nextAt: number };

/** What stands under a key. `owner` and `start` are those of a claim; an entry that was put has none. */
export type Entry = { key: Key; until: number; value: unknown; owner?: string; start?: number };

/** What is written: `value` is anything JSON, `until` (epoch ms) its last moment. */
export type PutEntry = { key: Key; value: unknown; until: number };

export type ListOptions = CallAt & {
  /** From the greatest `rest` to the least; else from the least. */
  newestFirst?: boolean | undefined;
  /** Only entries whose `rest` is this or greater, in either order. */
  since?: string | undefined;
  /** How many entries at most, 1 or more. */
  most: number;
  /** The `after` of the page before. */
  after?: string | undefined;
};

/** `after` is there only where more entries follow. */
export type Page = { entries: Entry[]; after?: string };

/**
 * What must be remembered between runs: one table with conditional writes and strongly consistent reads. Nothing needs two
 * keys at once, and each call may come twice or late. No call keeps a clock: `now` is handed in. All throw LedgerFailed;
 * a call without an answer may have had its effect all the same, and is safe to repeat as it was.
 */
export type Ledger = {
  /**
   * Free or over (also where the last owner was the same): ours, as given. Ours already: it only grows, the later `until`,
   * the later `start` and the first value stand, each for itself; a shorter `until` shortens nothing and still brings the
   * value where there is none. Another's: nothing changes, and the answer says whose. Of any number at once one wins.
   * A claim that comes late is judged by the `now` it was sent with: it takes nothing from an owner whose time runs.
   */
  claim(key: Key, wish: Wish, call: CallAt): Promise<Claimed>;

  /**
   * Gives a claim back, at once and with its value. No effect, and no error, where it is another's, gone, or where a start of
   * the owner later than `start` has claimed since.
   */
  release(key: Key, owner: string, start: number, call?: Call): Promise<void>;

  /**
   * A place among at most `most` (1 or more) in any `windowMs`, exact; one for each owner. Taken again by its owner it moves
   * to `now`, also where all are taken, and never back; it counts for `windowMs` from there. Being overtaken is no failure.
   */
  take(key: Key, owner: string, window: { most: number; windowMs: number }, call: CallAt): Promise<Place>;

  /**
   * Writes up to 25 entries, each for itself, whatever stood there; returns when all are written. Of two with one key the
   * last counts. After a failure some may stand.
   */
  put(entries: PutEntry[], call?: Call): Promise<void>;

  /** What stands under each key, in the order of the keys; undefined for what is missing, or over at `now`. */
  get(keys: Key[], call: CallAt): Promise<(Entry | undefined)[]>;

  /** One page of a partition, without what is over at `now`. */
  list(partition: string, options: ListOptions): Promise<Page>;
};

/**
 * `throttled` had no effect; `unavailable` (no answer, an answer of trouble, or one that cannot be read) may have had its
 * effect; `refused` is for people to mend, and `too-large` for us.
 */
export type LedgerTrouble = 'throttled' | 'unavailable' | 'refused' | 'too-large';

/** The ledger did not do what was asked. The message says what to do where there is something to do, and repeats no value. */
export class LedgerFailed extends AppError {
  readonly code = 'ledger_failed';
  override readonly retryable: boolean;
  readonly trouble: LedgerTrouble;

  override get name(): string {
    return 'LedgerFailed';
  }

  constructor(trouble: LedgerTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
    this.retryable = trouble === 'throttled' || trouble === 'unavailable';
  }
}
