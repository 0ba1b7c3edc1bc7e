import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MINUTE_MS, NOON } from '../stage/cleanup.ts';
import { type DoorStage, startDoorStage } from '../stage/doors.ts';
import type { LogLine } from '../stage/stage.ts';
import { OWNER, startWarnStage } from '../stage/warn.ts';

const DOC = readFileSync(join(import.meta.dirname, '../../docs/why.md'), 'utf8');
const QUERIES = [...DOC.matchAll(/```\n(fields [\s\S]*?)```/g)].map(([, query = '']) => query);

let stage: DoorStage;
let warned: LogLine[];
beforeAll(async () => {
  stage = await startDoorStage();
  const job = stage.simulator.addJob({ job_name: 'etl' });
  const alert = { labels: { alertname: 'Stuck', cluster: 'analytics', job_id: job.job_id }, fingerprint: 'f-1' };
  await stage.fire(alert);
  await stage.idle();
  await stage.fire(alert, { labels: { alertname: 'Other', job_name: 'etl' } });
  await stage.fire({ labels: { alertname: 'Stuck', job_name: 'gone' } });
  await stage.idle();
  warned = await keepWarned();
});
afterAll(() => stage.close());

/** The log of a job that is warned of, and kept by its owner. */
async function keepWarned(): Promise<LogLine[]> {
  const warning = await startWarnStage();
  warning.addRunning('nb-old', 9, { user: 'etl_dev' });
  await warning.cleanAt(NOON);
  await warning.clickAndRead(warning.cards()[0]!, 'keep', OWNER);
  await warning.goTo(NOON + MINUTE_MS);
  const lines = warning.log();
  await warning.close();
  return lines;
}

/** Whether a line of the log has a field, as Logs Insights finds it: by its path. */
function hasField(line: object, path: string): boolean {
  let value: unknown = line;
  for (const name of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return value !== undefined;
}

describe('the queries of docs/why.md', () => {
  it('are three', () => expect(QUERIES).toHaveLength(3));

  it('read fields that the log has', () => {
    const fields = new Set(QUERIES.flatMap((query) => query.replace(/"[^"]*"/g, '').match(/\b[a-z_]+(?:\.[a-z_]+)*\b/g) ?? []));
    for (const word of ['fields', 'filter', 'sort', 'asc', 'desc', 'limit', 'in', 'or', 'and', 'like', 'timestamp']) fields.delete(word);
    fields.delete('code'); // of what failed
    const lines = [...stage.log(), ...warned];
    expect([...fields].filter((field) => !lines.some((line) => hasField(line, field)))).toEqual([]);
    expect([...fields]).toEqual(expect.arrayContaining(['policy_rule', 'rule', 'job.job_id', 'target.job.name', 'source']));
  });

  it('find who was warned and who kept the job', () => {
    const found = warned.filter(({ message }) => message === 'warned' || message === 'kept');
    expect(found).toMatchObject([
      { message: 'warned', policy_rule: 'long-adhoc', job: { job_name: 'nb-old' }, until: '2026-11-22T12:30:00.000Z' },
      { message: 'kept', policy_rule: 'long-adhoc', job: { job_name: 'nb-old' }, by: OWNER, until: '2026-11-22T14:00:00.000Z' },
    ]);
  });

  it('find a kill, a refusal and the answer that a sender got', () => {
    const ends = stage.log().filter(({ message }) => message === 'kill request ended');
    expect(ends).toMatchObject([
      { outcome: 'killed', requested_by: 'alertmanager alert Stuck', policy_rule: 'alerts.0', job: { job_name: 'etl' } },
      { outcome: 'refused', rule: 'alerts', requested_by: 'alertmanager alert Other' },
      { outcome: 'not-found', target: { job: { name: 'gone' } } },
    ]);
    const answers = stage.log().filter(({ message }) => message === 'alerts received');
    expect(answers[1]).toMatchObject({ source: 'alertmanager', results: [{ alert: 'f-1', outcome: 'duplicate' }, { outcome: 'refused' }] });
  });
});
