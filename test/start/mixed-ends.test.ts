import { expect, it } from '@jest/globals';
import { type EndEntry, startBegan, startChoice, startEndOf, startHandedOn } from '../../lib/ledger/keys.ts';
import type { Entry, Key } from '../../lib/ledger/port.ts';
import { judgeStarts } from '../../lib/start/restart.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';

const NAME = 'alerts-dry-1';
const entry = ({ partition, rest }: Key, value: unknown): Entry => ({ key: { partition, rest }, value, until: NOON + 1_000 * HOUR_MS });
const endAs = (fields: Partial<EndEntry>): EndEntry => ({ at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, ended: NOON, policyHash: 'p', outcome: 'killed', reason: '', ...fields });
function picked(...ends: Partial<EndEntry>[]): Entry[] {
  const jobs = ends.map((_, index) => ({ cluster: 'c-1', job_id: `job-${index}`, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' }));
  return [entry(startBegan(NAME, 1), { at: NOON, since: NOON }), entry(startChoice(NAME, 1), { at: NOON, jobs }), ...ends.flatMap((end, i) => [entry(startHandedOn(NAME, 1, `job-${i}`), { at: NOON, to: 'c' }), entry(startEndOf(NAME, 1, `job-${i}`), endAs(end))])];
}
const PAUSED = { outcome: 'refused', rule: 'paused' } as const;
it.each([
  [{ outcome: 'refused', rule: 'protected' }],
  [{ outcome: 'refused', rule: 'changed' }],
  [{ outcome: 'refused', rule: 'resolved' }],
  [{ outcome: 'failed', code: 'STOPPED' }],
] as Partial<EndEntry>[][])('what becomes of a pick does not hang on the order of its jobs: %p and paused', (other) => {
  const judge = (...ends: Partial<EndEntry>[]) => judgeStarts(picked(...ends), 'p', NOON + 13 * HOUR_MS, 1);
  expect(judge(other ?? PAUSED, PAUSED)).toEqual(judge(PAUSED, other ?? PAUSED));
});
it('nor where one was stopped by an operator, and another failed', () => {
  const judge = (...ends: Partial<EndEntry>[]) => judgeStarts(picked(...ends), 'p', NOON + 13 * HOUR_MS, 1);
  expect(judge({ outcome: 'failed', code: 'STOPPED' }, { outcome: 'failed' })).toEqual(judge({ outcome: 'failed' }, { outcome: 'failed', code: 'STOPPED' }));
});
