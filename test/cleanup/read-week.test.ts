import { describe, expect, it } from '@jest/globals';
import { readWeek } from '../../lib/cleanup/read-week.ts';
import type { WeeklyDigest } from '../../lib/core/digest.ts';
import { dayKey, type EndEntry, type HistoryWord, type Noted } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { NOON } from '../core/a-job.ts';
import { aRun, entryOf } from '../kill/a-run.ts';

const DAY_MS = 86_400_000;
const FROM = NOON - 7 * DAY_MS;
const SEEN = { cluster: 'c', job_id: 'j-1', job_name: 'etl', job_type: '', user: 'ann', queue: 'adhoc', app_id: '', launcher_id: '' };
const ended = (fields: Partial<EndEntry> = {}): EndEntry => ({ at: NOON, trigger: 'cleanup', by: 'x', why: '', since: NOON, began: FROM, ended: FROM, outcome: 'killed', reason: '', job: SEEN, ...fields });
const noted = (what: Noted['what'], fields: Partial<Noted> = {}): Noted => ({ at: FROM, what, by: 'x', why: '', job: SEEN, ...fields });
const entry = (run: string, word: HistoryWord, value: unknown, began = FROM): PutEntry => entryOf(dayKey(began, run, word), value);

async function week(stands: PutEntry[], fails = false) {
  const run = await aRun({ stands });
  if (fails) run.ledger.script = () => 'fails';
  return { digest: await readWeek({ ledger: run.ledger, clock: run.clock, policy: { alerts: [], cleanup: [] } }, FROM, NOON), calls: run.ledger.calls };
}
const counts = ({ killed, warned, kept, refused }: WeeklyDigest): unknown[] => [killed, warned, kept, refused];

describe('a week of the history', () => {
  it.each<[what: string, stands: PutEntry[], like: PutEntry[]]>([
    ['counts each job once, whichever of its runs it was', [entry('a', '1', ended()), entry('b', '1', ended())], [entry('a', '1', ended())]],
    ['counts an End by when it ended', [entry('a', '1', ended({ ended: FROM - 1 })), entry('b', '1', ended({ ended: NOON }))], []],
    ['counts an End by when its run began, where it says no more', [entry('a', '1', ended({ ended: undefined }))], [entry('a', '1', ended())]],
    ['reads what began a day before', [entry('a', '1', ended(), FROM - DAY_MS)], [entry('a', '1', ended())]],
    ['reads nothing that began before that', [entry('a', '1', ended(), FROM - DAY_MS - 1)], []],
    ['reads nothing of what is open, or cannot be read', [entry('a', '0', ended()), entry('b', '1', 'scribble'), entry('c', 'warned', 'scribble'), entry('d', 'handed', noted('warned')), entryOf({ partition: dayKey(FROM, 'a', '1').partition, rest: '2026-02-22T13:00:00.000Z' }, ended())], []],
    ['counts a word by when it was said', [entry('a', 'warned', noted('warned', { at: NOON })), entry('b', 'kept', noted('kept', { at: FROM - 1 }))], []],
  ])('%s', async (_, stands, like) => expect((await week(stands)).digest).toEqual((await week(like)).digest));

  it('counts kills, warnings and keeps, of different jobs', async () => {
    const other = { ...SEEN, job_id: 'j-2' };
    const { digest } = await week([
      entry('a', '1', ended()), entry('b', '1', ended({ job: other })), entry('c', '1', ended({ job: undefined, asked: 'asked' })), entry('d', '1', ended({ job: undefined })), entry('e', '1', ended({ job: undefined })),
      entry('a', 'warned', noted('warned')), entry('b', 'warned', noted('warned', { job: other })), entry('c', 'warned', noted('warned', { job: undefined })), entry('d', 'warned', noted('warned', { job: undefined })),
      entry('a', 'kept', noted('kept')), entry('b', 'kept', noted('kept', { job: other })), entry('c', 'kept', noted('kept', { job: undefined })),
    ]);
    expect(counts(digest)).toMatchObject([5, 4, 3, expect.anything()]);
  });

  it('is read day by day and page by page, to its last day', async () => {
    const many = Array.from({ length: 201 }, (_, index) => entry(`run-${index}`, '1', ended({ job: { ...SEEN, job_id: `j-${index}` } })));
    const { digest, calls } = await week(many);
    expect(counts(digest)[0]).toBe(201);
    expect(calls.map(({ partitions: [partition] }) => partition)).toEqual(['21', '22', '22', '23', '24', '25', '26', '27', '28'].map((day) => `day/2026-02-${day}`).concat('day/2026-03-01'));
  });

  it('throws where the ledger is away', () => expect(week([], true)).rejects.toThrow('DynamoDB gave no answer'));
});
