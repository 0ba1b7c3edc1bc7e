import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { eachOnce, readCards, showOnCards, showOrLog } from '../../lib/kill/show-view.ts';
import { startCard } from '../../lib/ledger/keys.ts';
import { aRequest } from '../core/a-job.ts';
import { aRun, entryOf, ID, type PlayedRun } from './a-run.ts';

const CARD = { channel: 'C1', ts: '1.1' };
const END: End = { outcome: 'killed', reason: 'x' };
const view = () => ({ stage: 'end', end: END, tookMs: 1 }) as const;
const counted = (run: PlayedRun): PlayedRun & { lost: number } => {
  const counting = { ...run, lost: 0 };
  counting.parts.log = { ...run.parts.log, metric: (metrics) => void (counting.lost += 'ReportsLost' in metrics ? 1 : 0) };
  return counting;
};

describe('a view that is shown', () => {
  it('was seen; what is of no use at that place, or has no place, was not', async () => {
    const run = counted(await aRun());
    expect(await showOrLog(run.parts, 'report', aRequest(), view, CARD)).toBe(true);
    expect(run.shown).toEqual([{ view: view(), card: CARD }]);
    run.parts.show = async () => undefined;
    expect(await showOrLog(run.parts, 'report', aRequest(), view)).toBe(false);
    const silent = counted(await aRun({ isSilent: true }));
    expect(await showOrLog(silent.parts, 'report', aRequest(), view)).toBe(false);
    expect([run.lost, silent.lost, silent.trail]).toEqual([0, 0, []]);
  });

  it('and is lost is counted, and in the log with what an operator has to mend', async () => {
    const run = counted(await aRun({ onShow: () => Promise.reject(new Error('not_in_channel')) }));
    expect(await showOrLog(run.parts, 'report-2', aRequest(), view)).toBe(false);
    expect(run.lines).toMatchObject([{ level: 'error', message: 'report could not be posted', kill_id: 'kill-1', fault: 'not_in_channel', view: view() }]);
    expect([run.lost, run.trail]).toEqual([1, ['report-2', 'report-2-lost']]);
  });

  it('on several cards has a step for each', async () => {
    const run = await aRun();
    await showOnCards(run.parts, aRequest(), view, [CARD, { ...CARD, ts: '2.2' }], 7);
    expect(run.trail).toEqual(['report-7', 'report-8']);
    expect(run.shown).toEqual(['1.1', '2.2'].map((ts) => ({ view: { ...view(), isCopy: true }, card: { channel: 'C1', ts } })));
  });
});

it('cards are those of one start, as the ledger knows them', async () => {
  const run = await aRun({ stands: [entryOf(startCard(ID.name, 1, 'C1', '1.1'), CARD), entryOf(startCard(ID.name, 2, 'C1', '2.2'), { ...CARD, ts: '2.2' })] });
  expect(await readCards(run.parts, 'cards', ID, 0)).toEqual([CARD]);
});

it('each message stands once, where it came first', () => {
  const [one, two, elsewhere] = [CARD, { ...CARD, ts: '2.2' }, { ...CARD, channel: 'C2' }];
  expect(eachOnce([one, two], [two, elsewhere], [], [{ ...one }])).toEqual([one, two, elsewhere]);
});
