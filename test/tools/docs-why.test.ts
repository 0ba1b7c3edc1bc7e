import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DoorStage, startDoorStage } from '../stage/doors.ts';

const DOC = readFileSync(join(import.meta.dirname, '../../docs/why.md'), 'utf8');
const QUERIES = [...DOC.matchAll(/```\n(fields [\s\S]*?)```/g)].map(([, query = '']) => query);

let stage: DoorStage;
beforeAll(async () => {
  stage = await startDoorStage();
  const job = stage.simulator.addJob({ job_name: 'etl' });
  const alert = { labels: { alertname: 'Stuck', cluster: 'analytics', job_id: job.job_id }, fingerprint: 'f-1' };
  await stage.fire(alert);
  await stage.idle();
  await stage.fire(alert, { labels: { alertname: 'Other', job_name: 'etl' } });
  await stage.fire({ labels: { alertname: 'Stuck', job_name: 'gone' } });
  await stage.idle();
});
afterAll(() => stage.close());

/** Whether a line of the log has a field, as Logs Insights finds it: by its path. */
function hasField(line: object, path: string): boolean {
  let value: unknown = line;
  for (const name of path.split('.')) value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return value !== undefined;
}

describe('the queries of docs/why.md', () => {
  it('are two', () => expect(QUERIES).toHaveLength(2));

  it('read fields that the log has', () => {
    const fields = new Set(QUERIES.flatMap((query) => query.replace(/"[^"]*"/g, '').match(/\b[a-z_]+(?:\.[a-z_]+)*\b/g) ?? []));
    for (const word of ['fields', 'filter', 'sort', 'desc', 'limit', 'or', 'and', 'like', 'timestamp']) fields.delete(word);
    fields.delete('code'); // of what failed
    const lines = stage.log();
    expect([...fields].filter((field) => !lines.some((line) => hasField(line, field)))).toEqual([]);
    expect([...fields]).toEqual(expect.arrayContaining(['policy_rule', 'rule', 'job.job_id', 'target.job.name', 'source']));
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
