import { createSqliteLedger } from '../../home/ledger/sqlite.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Key, type Ledger, type Call as LedgerCall, LedgerFailed, type PutEntry } from '../../lib/ledger/port.ts';
import { type Actor, shortName, type SwitchPlace } from './actor.ts';
import { type Call, callOutside } from './call.ts';
import { SECOND_MS, type World } from './world.ts';

const TIMEOUT_MS = 2 * SECOND_MS;

/** Told of what stands after each call that wrote, and of the reads that were answered. */
export type LedgerTraffic = {
  onWritten: (actor: Actor, keys: readonly Key[]) => void;
  onSwitchRead: (actor: Actor, place: SwitchPlace, isOn: boolean, sentAt: number) => void;
};

/** The table itself, which those who judge read without anything in between. `now` is of the caller. */
export type LedgerTable = Ledger & {
  read: (key: Key) => unknown;
  /** What stands there and whose it is, over or not. */
  row: (key: Key) => { owner: string; until: number; value: unknown } | undefined;
  partition: (name: string) => { rest: string; value: unknown }[];
  close: () => void;
};

/** The ledger of the own home, over a database in memory. */
export function makeLedgerTable(): LedgerTable {
  const store = memoryStore();
  const { database } = store;
  const ledger = createSqliteLedger(store);
  const one = database.prepare('SELECT owner, until, value FROM ledger WHERE pk = ? AND sk = ?');
  const all = database.prepare('SELECT sk, value FROM ledger WHERE pk = ? ORDER BY sk');
  const valueOf = (text: unknown): unknown => (typeof text === 'string' ? JSON.parse(text) : undefined);
  return {
    ...ledger,
    read: ({ partition, rest }) => valueOf(one.get(partition, rest)?.['value']),
    row({ partition, rest }) {
      const found = one.get(partition, rest);
      return found && { owner: String(found['owner']), until: Number(found['until']), value: valueOf(found['value']) };
    },
    partition: (name) => all.all(name).map(({ sk, value }) => ({ rest: String(sk), value: valueOf(value) })),
    close: () => store.close(),
  };
}

/** The ledger as an actor reaches it: over a network that the seed rules. */
export function ledgerOver(world: World, table: LedgerTable, who: () => Actor, traffic: LedgerTraffic): Ledger {
  function call<Answer>(what: string, effect: () => Promise<Answer>, more: Pick<Call<Promise<Answer>>, 'show' | 'mayRepeat'> & { wrote?: Key[]; onAnswer?: (answer: Answer) => void } = {}): Promise<Answer> {
    const actor = who();
    const { wrote, onAnswer, ...rest } = more;
    return callOutside<Promise<Answer>>(world, actor, {
      to: 'ledger',
      what,
      timeoutMs: TIMEOUT_MS,
      // The table answers before it returns: what is awaited is nothing but the answer's way back.
      effect() {
        const answer = effect();
        answer.catch(() => undefined);
        if (wrote) traffic.onWritten(actor, wrote);
        return answer;
      },
      noAnswer: () => new LedgerFailed('unavailable', 'the ledger gave no answer'),
      notNow: () => {
        throw new LedgerFailed('throttled', 'the ledger throttles');
      },
      ...rest,
    }).then(async (answer) => {
      const value = await answer;
      onAnswer?.(value);
      return value;
    }) as Promise<Answer>;
  }

  /** Each for itself, as DynamoDB writes them: some may stand, and the others not. */
  async function putSome(entries: PutEntry[], at?: LedgerCall): Promise<void> {
    const written = world.rate() > 0 && entries.length > 1 && world.odd.happens(world.rate() / 2) ? entries.filter(() => world.odd.happens(0.5)) : entries;
    const done = table.put(written, at);
    if (written.length < entries.length) return Promise.reject(new LedgerFailed('unavailable', `of ${entries.length} entries ${written.length} were written`));
    return done;
  }

  const standing = (key: Key): string => {
    const value = table.read(key);
    const { outcome, rule, code, reason } = (value ?? {}) as { outcome?: string; rule?: string; code?: string; reason?: string };
    if (outcome !== undefined) return [outcome, rule, code, `(${reason?.slice(0, 80)})`].filter((word) => word !== undefined).join(' ');
    return JSON.stringify(value ?? 'stands').slice(0, 120);
  };

  return {
    claim: (key, wish, at) => call(`claim ${nameOf(key)}`, () => table.claim(key, wish, at), { wrote: [key], mayRepeat: true, show: () => standing(key) }),
    release: (key, owner, start, at) => call(`release ${nameOf(key)}`, () => table.release(key, owner, start, at), { wrote: [key], mayRepeat: true }),
    take: (key, owner, window, at) => call(`take ${nameOf(key)}`, () => table.take(key, owner, window, at), { wrote: [key], mayRepeat: true }),
    put: (entries, at) => call(`put ${entries.map(({ key }) => nameOf(key)).join(', ')}`, () => putSome(entries, at), { wrote: entries.map(({ key }) => key), mayRepeat: true }),
    get(keys, at) {
      const sentAt = world.now();
      const actor = who();
      const switchAt = keys.findIndex(({ partition }) => partition === 'switch');
      return call(`get ${keys.map(nameOf).join(', ')}`, () => table.get(keys, at), {
        onAnswer: (found) => switchAt >= 0 && traffic.onSwitchRead(actor, 'ledger', found[switchAt] !== undefined, sentAt),
      });
    },
    list: (partition, options) => call(`list ${shortName(partition)}`, () => table.list(partition, options)),
  };
}

function nameOf({ partition, rest }: Key): string {
  return shortName(rest === '-' ? partition : `${partition}|${rest}`);
}
