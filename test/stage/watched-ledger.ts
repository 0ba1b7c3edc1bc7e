import { AsyncLocalStorage } from 'node:async_hooks';
import { type Ledger, LedgerFailed } from '../../lib/ledger/port.ts';
import { isGranted } from './ledger-rights.ts';

/** One call, by the function that made it. */
export type WatchedCall = { on: keyof Ledger; by: string; partitions: string[] };
/** What a test makes of a call: it fails (as given), or is done and its answer is lost. */
type Fault = 'fails' | 'after-effect' | LedgerFailed;

/** A ledger whose calls are noted, fail as a test says, and are held against the role of the function that makes them. */
export type WatchedLedger = Ledger & {
  calls: WatchedCall[];
  /** What the role of a function would not have let it do: the product may swallow that, a stage that closes does not. */
  forbidden: Set<string>;
  script: (call: WatchedCall) => Fault | undefined;
  /** Keeps a call waiting, where it gives something to wait for. */
  pause: (call: WatchedCall) => Promise<unknown> | undefined;
  mostInFlight: () => number;
  /** Whatever `work` calls is noted as called by that function. */
  calledBy: <T>(name: string, work: () => T) => T;
  /** The function that calls now; undefined where a test does. */
  caller: () => string | undefined;
  /** Remembers what a role does not let its function do, and throws it. */
  forbid: (what: string) => never;
};

const NOBODY = 'a test';

export function watchLedger(ledger: Ledger): WatchedLedger {
  const caller = new AsyncLocalStorage<string>();
  let inFlight = 0;
  let most = 0;
  async function call<T>(on: keyof Ledger, all: string[], work: () => Promise<T>): Promise<T> {
    const noted = { on, by: caller.getStore() ?? NOBODY, partitions: [...new Set(all)] };
    watched.calls.push(noted);
    const forbidden = noted.by === NOBODY ? [] : noted.partitions.filter((partition) => !isGranted(noted.by, on, partition));
    if (forbidden.length > 0) watched.forbid(`the role of ${noted.by} does not let it ${on} ${forbidden.join(', ')}: see serverless/ledger-rights.cjs`);
    const fault = watched.script(noted);
    if (fault === 'fails') throw failure();
    if (fault instanceof LedgerFailed) throw fault;
    most = Math.max(most, ++inFlight);
    try {
      const pause = watched.pause(noted);
      if (pause) await pause;
      const answer = await work();
      if (fault === 'after-effect') throw failure();
      return answer;
    } finally {
      inFlight--;
    }
  }
  const watched: WatchedLedger = {
    calls: [],
    forbidden: new Set(),
    script: () => undefined,
    pause: () => undefined,
    mostInFlight: () => most,
    calledBy: (name, work) => caller.run(name, work),
    caller: () => caller.getStore(),
    forbid(what) {
      watched.forbidden.add(what);
      throw new Error(what);
    },
    claim: (key, ...rest) => call('claim', [key.partition], () => ledger.claim(key, ...rest)),
    release: (key, ...rest) => call('release', [key.partition], () => ledger.release(key, ...rest)),
    take: (key, ...rest) => call('take', [key.partition], () => ledger.take(key, ...rest)),
    put: (entries, ...rest) => call('put', entries.map(({ key }) => key.partition), () => ledger.put(entries, ...rest)),
    get: (keys, ...rest) => call('get', keys.map(({ partition }) => partition), () => ledger.get(keys, ...rest)),
    list: (partition, ...rest) => call('list', [partition], () => ledger.list(partition, ...rest)),
  };
  return watched;
}

function failure(): LedgerFailed {
  return new LedgerFailed('unavailable', 'DynamoDB gave no answer: timeout after 1000 ms', { cause: new Error('scripted') });
}
