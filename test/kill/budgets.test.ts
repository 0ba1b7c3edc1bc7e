import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { startBegan } from '../../lib/ledger/keys.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, entryOf, ID, type PlayedRun, type RunPlan } from './a-run.ts';

// For how long (s) each step of a run is tried again. The names of steps stand in open executions: they never change.

const RULE = { name: 'stale', askAgainMs: HOUR_MS };
async function budgets(plan: RunPlan, request: Partial<KillRequest> = {}, script?: PlayedRun['ledger']['script']): Promise<PlayedRun['budgets']> {
  const run = await aRun(plan);
  if (script) run.ledger.script = script;
  await run.play(request);
  return run.budgets;
}
const [FIVE, TEN, QUARTER, HALF] = [300, 600, 900, 1_800];

describe('a step is tried for as long as it may be', () => {
  it('of a kill', async () => {
    expect(await budgets({})).toEqual({
      begin: HALF, look: undefined, 'look-again': undefined, place: QUARTER, record: QUARTER, 'audit-before': undefined, 'answer-1': undefined, killing: 60, end: FIVE, audit: undefined, report: HALF, history: HALF,
    });
  });

  it('of a second POST', async () => {
    expect(await budgets({ onPost: (post) => (post === 1 ? { service: 'MRS', kind: 'busy', message: 'x' } : 'taken') })).toMatchObject({ 'look-after-kill-1': undefined, 'look-after-kill-2': undefined, 'record-2': QUARTER, 'answer-2': undefined });
  });

  it('of a look at the job, which comes before those of others that are followed', async () => {
    const { signal } = new AbortController();
    const run = await aRun({ pace: { lookForMs: 60_000, signal }, onPost: (post) => (post === 1 ? { service: 'MRS', kind: 'busy', message: 'x' } : 'taken') });
    await run.play();
    expect(run.reads).toEqual([{ retryForMs: 60_000, signal }, { retryForMs: 60_000, signal }, { rank: 'follow', retryForMs: 0, signal }]);
    const told = await aRun({ endsAtMs: 1 });
    await told.play({ action: 'notify' });
    expect(told.reads).toEqual([{ rank: 'follow', retryForMs: 0 }, { rank: 'follow', retryForMs: 0 }]);
  });

  it('of a question', async () => {
    expect(await budgets({}, { trigger: 'cleanup', action: 'ask', rule: RULE })).toMatchObject({ hold: QUARTER, settle: TEN });
  });

  it('of a message that only tells people', async () => {
    expect(await budgets({ endsAtMs: 1 }, { action: 'notify' })).toMatchObject({ notify: HALF, 'remember-told': TEN });
  });

  it('of the kill that a warning came to', async () => {
    const stands = [entryOf({ partition: 'start/first', rest: '000001/card/C1/1.1' }, { channel: 'C1', ts: '1.1' })];
    const policy = { cleanup: [{ name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', warnMs: 1 } as never] };
    expect(await budgets({ stands, policy }, { trigger: 'cleanup', policyRule: 'stale', rule: RULE, warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } })).toMatchObject({
      'warning-cards': QUARTER, 'hold-warning': QUARTER, 'under-way-1': 5, 'release-warning': TEN,
    });
    let reads = 0;
    const warned = { trigger: 'cleanup', rule: RULE, warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } } as const;
    expect(await budgets({}, warned, ({ on, partitions: [first] }) => (on === 'list' && first === 'start/first' && ++reads <= 3 ? 'fails' : undefined))).toMatchObject({ 'cards-again': FIVE });
  });

  it('of an end that is said once an hour', async () => {
    const run = await aRun({ stands: [entryOf(startBegan(ID.name, 1), { at: NOON, since: NOON })] });
    run.parts.look = async () => ({ found: 'none', reason: 'x' });
    await run.play();
    expect(run.budgets).toMatchObject({ said: FIVE });
  });

  it('of an end that the ledger does not take, and of a message that is lost', async () => {
    let claims = 0;
    const late = await budgets({}, { warning: { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 } }, ({ on, partitions: [first] }) => (on === 'claim' && first === `start/${ID.name}` && ++claims <= 3 ? 'fails' : undefined));
    expect(late).toMatchObject({ told: HALF, 'end-late': HALF, 'cards-late': HALF, 'warning-cards-late': FIVE });
    const lost = await budgets({ onShow: () => Promise.reject(new Error('channel_not_found')) });
    expect(lost).toMatchObject({ 'report-lost': undefined });
  });

  it('where somebody waits for the answer', async () => {
    const plan: RunPlan = { isSilent: true, pace: { takesOver: false, mostPosts: 1, settles: false, lookCountsForMs: 10_000 } };
    expect(await budgets(plan, { trigger: 'api' }, ({ on }) => (on === 'claim' ? 'fails' : undefined))).toEqual({ look: undefined, record: QUARTER, 'audit-before': undefined, history: HALF, end: FIVE, audit: undefined, 'end-late': undefined });
  });
});
