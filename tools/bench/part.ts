import type { Packages } from './packages.ts';
import type { PeerFiles } from './peers.ts';
import type { Upstream } from './upstream.ts';

/** One thing that was measured; `values` has one for each round, and the rounds of both are pairs. */
export type Row = {
  what: string;
  /** `ms`, `KB`, `MiB`, or what is counted. */
  unit: string;
  ours: number[];
  peer?: { name: string; values: number[] };
  /** What to reach: the ratio to the peer, or the value itself, at most. */
  most?: { ratio: number } | { value: number };
  /** A word for the reader of the table. */
  note?: string;
};

export type Ground = {
  packages: Packages;
  peers: PeerFiles;
  /** An older version of ours, where one is measured beside. */
  older?: Packages | undefined;
  /** What all parts share that need nothing else. */
  upstream: Upstream;
  /** So many rounds of what can be interleaved. */
  rounds: number;
  /** A small size: it shows that all works, its times say nothing. */
  isQuick: boolean;
};

/** A part of the table: its rows are measured together. */
export type Part = { name: string; about: string; usesBolt?: boolean; measure: (ground: Ground) => Promise<Row[]> };

/**
 * Runs the contenders turn by turn, each round in another order, so that none is always the one that comes after the others; gives
 * what each came to, round by round.
 */
export async function interleave<T>(rounds: number, contenders: readonly ((round: number) => Promise<T>)[]): Promise<T[][]> {
  const results = contenders.map((): T[] => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const at = (round + turn) % contenders.length;
      const result = await contenders[at]?.(round);
      results[at]?.push(result as T);
    }
  }
  return results;
}
