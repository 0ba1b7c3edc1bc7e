import type { Brake } from '../core/decide.ts';
import type { KeptBy } from '../core/report.ts';
import type { KillRequest } from '../core/request.ts';
import { type Clock, nowThatRan, utcText } from '../core/time.ts';
import { isRulesOwn } from '../core/warned-rule.ts';
import { Kept, keptPartition, Resolved, resolvedKey, switchKey } from '../ledger/keys.ts';
import { type Entry, type Ledger, LedgerFailed } from '../ledger/port.ts';
import { listAll, listOfJob } from './remember.ts';

/** What reading the brakes needs. */
export type BrakeParts = {
  /** `PAUSED`, read now. */
  readPaused: () => boolean | 'unreadable' | Promise<boolean | 'unreadable'>;
  ledger: Ledger;
  clock: Clock;
};

/** Whose kill it is, as far as brakes go by it. */
export type Braked = Pick<KillRequest, 'trigger' | 'occurrence' | 'pickedBy' | 'warns' | 'warning'>;

const PAUSED_BY_SETTING: Brake = { rule: 'paused', reason: 'the off switch is on; set PAUSED to false to kill again' };
const UNREADABLE: Brake = { rule: 'paused', reason: 'the off switch could not be read, so it counts as on; look at /health' };
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
/** The last read begins when the time is up, and needs some too. */
const LAST_READ_MS = 1_000;

/**
 * The brakes as they stand now: the off switch in both its places; for an alert whether it was resolved; for what a rule chose
 * whether the job is kept. Undefined where nothing holds the kill back. What cannot be read is tried again for `retryForMs`, and
 * counts as on then. Never throws.
 */
export async function readBrake(parts: BrakeParts, request: Braked, jobId: string | undefined, retryForMs: number): Promise<Brake | undefined> {
  const { clock } = parts;
  const until = clock.now() + retryForMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const read = await readOnce(parts, request, jobId, until + LAST_READ_MS);
    const leftMs = until - clock.now();
    if (read !== UNREADABLE || leftMs <= 0) return read;
    await clock.sleep(Math.min(pauseMs * (0.5 + clock.random() / 2), leftMs));
  }
}

async function readOnce({ readPaused, ledger, clock }: BrakeParts, request: Braked, jobId: string | undefined, deadline: number): Promise<Brake | undefined> {
  const now = nowThatRan(clock);
  try {
    const [paused, [held, resolved], kept] = await Promise.all([
      readPaused(),
      ledger.get([switchKey, ...(request.occurrence === undefined ? [] : [resolvedKey(request.occurrence)])], { now, deadline }),
      jobId !== undefined && isKeepable(request) ? readKeep(ledger, jobId, { now, deadline }) : undefined,
    ]);
    if (paused === 'unreadable') return UNREADABLE;
    if (paused) return PAUSED_BY_SETTING;
    if (held) return { rule: 'paused', reason: `the off switch is on until ${utcText(held.until)}; /mrs resume ends it` };
    if (resolved) return { rule: 'resolved', reason: `the alert was resolved${atOf(resolved)}; to kill the job all the same, use /mrs kill` };
    return kept && { rule: 'kept', reason: `kept until ${utcText(kept.until)} by ${kept.by}` };
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    return UNREADABLE;
  }
}

/** The latest of a job's keeps; undefined where none holds now. Throws LedgerFailed. */
export async function readKeep(ledger: Ledger, jobId: string, call: { now: number; deadline?: number }): Promise<Kept | undefined> {
  const keeps = (await listOfJob(ledger, keptPartition, jobId, call)).flatMap(({ value }) => Kept.safeParse(value).data ?? []);
  return keeps.toSorted((a, b) => b.until - a.until)[0];
}

/** The same of all jobs that are kept, by their id. Throws LedgerFailed. */
export async function readKeeps(ledger: Ledger, now: number): Promise<Map<string, Kept>> {
  const keeps = (await listAll(ledger, keptPartition, now)).flatMap(({ value }) => Kept.safeParse(value).data ?? []);
  return new Map(keeps.toSorted((a, b) => a.until - b.until).map((kept) => [kept.job.job_id, kept]));
}

/** Who keeps a job whose kill no keep holds back, and until when, for its card; undefined where nobody does, or it cannot be read. */
export async function readKeptBy({ ledger, clock }: Pick<BrakeParts, 'ledger' | 'clock'>, request: Braked, jobId: string): Promise<KeptBy | undefined> {
  if (isKeepable(request)) return undefined;
  try {
    const kept = await readKeep(ledger, jobId, { now: clock.now() });
    return kept && { until: kept.until, by: kept.by };
  } catch (error) {
    if (error instanceof LedgerFailed) return undefined;
    throw error;
  }
}

/** Whether a keep holds it back: what a rule chose, or warns of. */
function isKeepable({ trigger, pickedBy, warns, warning }: Braked): boolean {
  return trigger === 'cleanup' || pickedBy !== undefined || isRulesOwn({ warns, warning });
}

function atOf({ value }: Entry): string {
  const at = Resolved.safeParse(value).data?.at;
  return at === undefined ? '' : ` at ${utcText(at)}`;
}
