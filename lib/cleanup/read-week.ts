import { countWeek, type Happening, type WeeklyDigest } from '../core/digest.ts';
import { warningLivesMs } from '../core/warned-rule.ts';
import { dayPartition, EndEntry, historySince, Noted } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Policy } from '../policy/policy.ts';

/** What reading the history needs. */
export type WeekReader = { ledger: Ledger; clock: { now: () => number }; policy: Pick<Policy, 'alerts' | 'cleanup'> };

const DAY_MS = 86_400_000;
const PAGE = 200;
const READ_FOR_MS = 20_000;

/**
 * Counts what the history has of a week (epoch ms; what happened at `until` is the next one's), page by page. It is kept by when a run
 * began, and what a run leaves counts by when it happened: so it is read from as long before as a run lives. Throws LedgerFailed.
 */
export async function readWeek({ ledger, clock, policy }: WeekReader, from: number, until: number): Promise<WeeklyDigest> {
  const week = countWeek(from, until);
  const since = from - warningLivesMs(policy); // a day and more: nothing else lives so long
  for (let day = since; dayPartition(day) <= dayPartition(until); day += DAY_MS) {
    let after: string | undefined;
    do {
      const now = clock.now();
      const page = await ledger.list(dayPartition(day), { now, deadline: now + READ_FOR_MS, since: historySince(since), most: PAGE, after });
      for (const { key, value } of page.entries) {
        const found = readHappening(key.rest, value);
        if (found !== undefined) week.add(found, found.at);
      }
      after = page.after;
    } while (after !== undefined);
  }
  return week.digest();
}

/** What an entry of the history says of a job; undefined where it says nothing that is counted, or cannot be read. */
function readHappening(rest: string, value: unknown): (Happening & { at: number }) | undefined {
  const [, run = '', word] = /^.{24}-(.+)-(\w+)$/.exec(rest) ?? [];
  if (word === '1') {
    const end = EndEntry.safeParse(value).data;
    if (end === undefined) return undefined;
    const { outcome, rule, job, asked, began, ended = began } = end;
    return { what: outcome, rule, of: job?.job_id ?? asked ?? run, user: job?.user, queue: job?.queue, at: ended };
  }
  if (word !== 'warned' && word !== 'kept') return undefined;
  const noted = Noted.safeParse(value).data;
  return noted && { what: word, of: noted.job?.job_id ?? run, at: noted.at };
}
