import type { Ledger } from './port.ts';

/** A ledger that is opened at its first call: most first answers need none, and its code need not be loaded before. */
export function openLater(open: () => Promise<Ledger>): Ledger {
  let opened: Promise<Ledger> | undefined;
  const ledger = (): Promise<Ledger> => (opened ??= open());
  return {
    claim: async (...given) => (await ledger()).claim(...given),
    release: async (...given) => (await ledger()).release(...given),
    take: async (...given) => (await ledger()).take(...given),
    put: async (...given) => (await ledger()).put(...given),
    get: async (...given) => (await ledger()).get(...given),
    list: async (...given) => (await ledger()).list(...given),
  };
}
