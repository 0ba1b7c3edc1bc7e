import { DatabaseSync } from 'node:sqlite';
import { parseJson } from '../../lib/http/json.ts';
import type { Clicked } from './people.ts';
import { judgeEnds } from './judge-ends.ts';
import { judgeAccepted, judgePosts } from './judge-posts.ts';
import type { Asked } from './load.ts';
import type { World } from './world.ts';

/** A promise that was broken, and by what. */
export type Blame = (rule: string, line: string) => void;

/** An entry of the ledger. */
export type Row = { pk: string; sk: string; value: unknown };

export type Judged = { faults: string[]; starts: number; ends: number; posts: number };

/** Judges all, when the last process is over: the store, what MRS and Slack saw, and what had been promised. */
export function judge(world: World, asked: readonly Asked[], clicked: readonly Clicked[]): Judged {
  const faults: string[] = [];
  const blame: Blame = (rule, line) => void faults.push(`${rule}: ${line}`);
  const database = new DatabaseSync(world.storeFile, { readOnly: true });
  try {
    const whole = Object.values(database.prepare('PRAGMA integrity_check').get() ?? {})[0];
    if (whole !== 'ok') blame('the store is damaged', String(whole));
    for (const { name, phase } of database.prepare("SELECT name, phase FROM executions WHERE phase <> 'over'").all()) blame('never ended', `${String(name)} is ${String(phase)}`);
    const rows = database.prepare('SELECT pk, sk, value FROM ledger ORDER BY pk, sk').all().map(({ pk, sk, value }): Row => ({ pk: String(pk), sk: String(sk), value: parseJson(String(value)) }));
    const { starts, ends } = judgeEnds(world.simulator, rows, { asked, clicked }, blame);
    judgeAccepted(rows, blame);
    return { faults, starts, ends, posts: judgePosts(world.simulator, blame) };
  } finally {
    database.close();
  }
}

/** How many executions are open or not told of, as the store says it while its owner works. */
export function countOpen({ storeFile }: World): number {
  const database = new DatabaseSync(storeFile, { readOnly: true, timeout: 5_000 });
  try {
    return Number(database.prepare("SELECT count(*) AS open FROM executions WHERE phase <> 'over' OR isTold = 0").get()?.['open']);
  } finally {
    database.close();
  }
}
