import { DatabaseSync } from 'node:sqlite';

/** What the follows of a store did while they were watched. `ratios`: how long after the look before it a look came, over how long it was to wait. */
export type Follows = { looks: number; ratios: number[]; latestMs: number };

type Seen = { attempt: number; lookedAt: number; waitsMs: number };

/** Often enough to meet each look: no two of one job are nearer to each other. */
const SAMPLE_MS = 700;

// A follow that waits: how often it has looked, when it is to look again, and how long it waits until then.
const FOLLOWS = `SELECT execution, operation ->> '$.StepDetails.Attempt' AS attempt, operation ->> '$.StepDetails.NextAttemptTimestamp' AS nextAt, operation ->> '$.StepDetails.Result' AS state
  FROM operations WHERE operation ->> '$.Name' = 'follow' AND operation ->> '$.Status' = 'PENDING'`;

/** Watches the follows in a store that somebody else owns, until `stop`: each on record, so that it needs no word of who follows. */
export function watchFollows(store: string): { stop(): Follows } {
  const database = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
  const statement = database.prepare(FOLLOWS);
  const began = Date.now(); // who was to look before may have had nobody to do it
  const seen = new Map<string, Seen>();
  const follows: Follows = { looks: 0, ratios: [], latestMs: 0 };

  function sample(): void {
    for (const row of statement.all()) {
      const { delaySec = Number.NaN } = JSON.parse(String(row['state'])) as { delaySec?: number };
      const waitsMs = delaySec * 1_000;
      const now: Seen = { attempt: Number(row['attempt']), lookedAt: Date.parse(String(row['nextAt'])) - waitsMs, waitsMs };
      const before = seen.get(String(row['execution']));
      seen.set(String(row['execution']), now);
      if (before === undefined || now.attempt !== before.attempt + 1 || before.lookedAt + before.waitsMs < began) continue;
      const tookMs = now.lookedAt - before.lookedAt;
      follows.looks += 1;
      follows.ratios.push(tookMs / before.waitsMs);
      follows.latestMs = Math.max(follows.latestMs, tookMs - before.waitsMs);
    }
  }

  sample();
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      database.close();
      return follows;
    },
  };
}
