import { AsyncLocalStorage } from 'node:async_hooks';
import { type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';

/** One call, by the function that made it; a call on several partitions is noted once for each. */
export type LedgerCall = { on: keyof Ledger; by: string; partition: string };
/** What a test makes of a call: it fails, or is done and its answer is lost. */
type Fault = 'fails' | 'after-effect';

/** A ledger whose calls are noted, and fail as a test says. */
export type WatchedLedger = Ledger & {
  calls: LedgerCall[];
  script: (call: LedgerCall) => Fault | undefined;
  /** Whatever `work` calls is noted as called by that function. */
  calledBy: <T>(name: string, work: () => T) => T;
};

export function watchLedger(ledger: Ledger): WatchedLedger {
  const caller = new AsyncLocalStorage<string>();
  const by = (): string => caller.getStore() ?? 'a test';
  async function call<T>(on: keyof Ledger, partitions: string[], work: () => Promise<T>): Promise<T> {
    const noted = [...new Set(partitions)].map((partition) => ({ on, by: by(), partition }));
    watched.calls.push(...noted);
    const fault = noted.map((one) => watched.script(one)).find((one) => one !== undefined);
    if (fault === 'fails') throw failure();
    const answer = await work();
    if (fault === 'after-effect') throw failure();
    return answer;
  }
  const watched: WatchedLedger = {
    calls: [],
    script: () => undefined,
    calledBy: (name, work) => caller.run(name, work),
    claim: (key, ...rest) => call('claim', [key.partition], () => ledger.claim(key, ...rest)),
    release: (key, ...rest) => call('release', [key.partition], () => ledger.release(key, ...rest)),
    take: (key, ...rest) => call('take', [key.partition], () => ledger.take(key, ...rest)),
    put: (entries, ...rest) => call('put', entries.map(({ key }) => key.partition), () => ledger.put(entries, ...rest)),
    get: (keys, ...rest) => call('get', keys.map(({ partition }) => partition), () => ledger.get(keys, ...rest)) as never,
    list: (partition, ...rest) => call('list', [partition], () => ledger.list(partition, ...rest)),
  };
  return watched;
}

function failure(): LedgerFailed {
  return new LedgerFailed('unavailable', 'scripted trouble', { cause: new Error('scripted') });
}
