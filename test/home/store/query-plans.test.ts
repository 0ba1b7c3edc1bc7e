import { DatabaseSync } from 'node:sqlite';
import { expect, it } from '@jest/globals';
import { createEngine } from '../../../home/engine/engine.ts';
import { createForgetOver } from '../../../home/ledger/forget-over.ts';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { createStore } from '../../../home/store/store.ts';
import { virtualClock } from '../../local/clock.ts';

/** Indexes of what is open, queued or not told yet: they hold a few rows, however many there are in the table. */
const OF_FEW = /USING (?:COVERING )?INDEX (?:executions_open|executions_untold|timers_progress)\b/;
/** For tests and their like: every execution there is. */
const FOR_TESTS = 'SELECT * FROM executions ORDER BY startMs, rowid';

/** All that the home prepares over a store, each statement with its plan. https://sqlite.org/eqp.html */
function plansOfHome(): Map<string, string[]> {
  const database = new DatabaseSync(':memory:');
  const prepare = database.prepare.bind(database);
  const prepared: string[] = [];
  database.prepare = (sql) => {
    prepared.push(sql);
    return prepare(sql);
  };
  const store = createStore(database);
  createSqliteLedger(store);
  createForgetOver(store);
  createEngine({ store, clock: virtualClock(0), createId: () => 'id', version: '1' });
  const plans = new Map(prepared.map((sql) => [sql, prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail))]));
  store.close();
  return plans;
}

it('no statement of the home reads through a table that grows', () => {
  const plans = plansOfHome();
  expect(plans.size).toBeGreaterThan(35);
  const scans = [...plans].filter(([sql]) => sql !== FOR_TESTS).flatMap(([sql, steps]) => steps.filter((step) => step.startsWith('SCAN') && !OF_FEW.test(step)).map((step) => `${step}: ${sql}`));
  expect(scans).toEqual([]);
});

it('nor sorts more than what one execution did, or what is open', () => {
  const sorts = [...plansOfHome()].filter(([, steps]) => steps.some((step) => step.startsWith('USE TEMP B-TREE')) && !steps.some((step) => OF_FEW.test(step))).map(([sql]) => sql);
  expect(sorts.filter((sql) => sql !== FOR_TESTS && !/ WHERE execution = /.test(sql))).toEqual([]);
});
