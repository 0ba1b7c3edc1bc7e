import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { openEntries } from '../../lib/kill/remember.ts';
import { nameKey, startBegan, startEnd, startHandedOn } from '../../lib/ledger/keys.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { lookFor, resultOf } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { play } from './a-payload.ts';
import { aPick, aStart, entryOf, ID, type PlayedStart } from './a-start.ts';

const common = { ...ID, attempt: 'a-1' };
const job = aJob({ job_id: 'job-1', job_name: 'etl' });
const byName: KillRequest['target'] = { cluster: 'analytics', job: { by: 'name', name: 'etl' }, submittedBefore: NOON };

describe('an execution', () => {
  it('of a notice says it, and has no result', async () => {
    const { result, said, steps, retries } = await play({ payload: { kind: 'notice', text: 'hello', attempt: 'a-1' } });
    expect([result, said, steps]).toEqual([undefined, [['hello', 'plain']], ['say']]);
    expect([retries.say?.(new Error('x'), 1), retries.say?.(new Error('x'), 100)]).toMatchObject([{ shouldRetry: true }, { shouldRetry: false }]);
  });

  it('of a warning is none of functions/kill, and others are none of functions/warn', async () => {
    const request = aRequest({ trigger: 'alerts' });
    const warn = await play({ payload: { kind: 'warn', request, ...common } });
    const kill = await play({ payload: { kind: 'kill', request, ...common }, run: runWarningPayload });
    expect([warn.result, warn.steps, kill.result, kill.steps]).toEqual([undefined, [], undefined, []]);
  });

  it('of a pick hands on to its children, or has an end; its lines have its id', async () => {
    const jobs = [aJob({ job_id: 'job-1' }), aJob({ job_id: 'job-2' })];
    const picked = await play({ plan: { jobs }, payload: { kind: 'pick', request: aPick({ killId: 'kill-p' }), ...common } });
    expect(picked.ids).toEqual(['kill-p']);
    expect([picked.result, picked.started.length]).toEqual([{ kill_id: 'kill-p', outcome: 'picked' }, 1]);
    const none = await play({ payload: { kind: 'pick', request: aPick({ killId: 'kill-p' }), ...common } });
    expect(none.result).toEqual({ kill_id: 'kill-p', outcome: 'not-found' });
    const failed = await play({ plan: { jobs, onStart: () => new EngineFailed('down') }, payload: { kind: 'pick', request: aPick({ killId: 'kill-p' }), ...common } });
    expect(failed.lines.filter(({ kill_id }) => kill_id === undefined)).toEqual([]);
  });

  it('of an end closes by the name and the start that it was given', async () => {
    const stands = [entryOf(startBegan(ID.name, 2), { at: NOON, since: NOON, killId: 'kill-1' })];
    const known = await play({ plan: { stands }, payload: { kind: 'end', status: 'STOPPED', ...common, start: 2 } });
    expect([known.result, known.ids]).toEqual([{ kill_id: '', outcome: 'failed' }, [undefined]]);
    expect((await known.stands(startEnd(ID.name, 2)))?.value).toMatchObject({ code: 'STOPPED' });
    const given = await play({ payload: { kind: 'end', status: 'STOPPED', request: aRequest({ killId: 'kill-9', trigger: 'alerts' }), ...common } });
    expect(given.result).toEqual({ kill_id: 'kill-9', outcome: 'failed' });
  });

  it('of the end of a warning that handed on has no end of its own', async () => {
    const request = aRequest({ killId: 'kill-w', trigger: 'alerts', warns: true });
    const handed = entryOf(startHandedOn(ID.name, 1, 'x'), { at: NOON, to: 'x', request: { ...request, warns: undefined, warning: { first: ID, round: 1, usedMs: 0 } } });
    const { result, started } = await play({ plan: { stands: [...openEntries(ID, request, { began: NOON, since: NOON }), handed] }, payload: { kind: 'end', status: 'FAILED', request, ...common } });
    expect([result, started.length]).toEqual([{ kill_id: 'kill-w', outcome: 'warned' }, 1]);
  });

  it('of a kill while the switch is on is refused, and nothing was killed', async () => {
    const { result, stands } = await play({ plan: { isPaused: true }, payload: { kind: 'kill', request: aRequest({ killId: 'kill-k', trigger: 'alerts' }), ...common }, parts: () => ({ mrs: { job: async () => job } as never }) });
    expect(result).toEqual({ kill_id: 'kill-k', outcome: 'refused' });
    expect((await stands(startEnd(ID.name, 1)))?.value).toMatchObject({ rule: 'paused' });
  });

  it('has as its result how it ended, and who answered', () => {
    expect(resultOf('k', { outcome: 'declined', reason: '', answeredBy: 'U1' }, 'picked')).toEqual({ kill_id: 'k', outcome: 'declined', answered_by: 'U1' });
    expect(resultOf('k', { outcome: 'killed', reason: '' }, 'picked')).toEqual({ kill_id: 'k', outcome: 'killed' });
    expect(resultOf('k', undefined, 'warned')).toEqual({ kill_id: 'k', outcome: 'warned' });
  });
});

describe('the look of a run', () => {
  const POSTED = entryOf(nameKey(ANALYTICS.id, 'etl', 'job-0', 'run'), { at: NOON - 30 * 60_000 });
  const looked = async (fields: Partial<KillRequest>, submitted_time: number, target = byName, prepare: (played: PlayedStart) => void = () => undefined) => {
    const played = await aStart({ stands: [POSTED] });
    prepare(played);
    const given = { ...played.parts, mrs: { async *activeJobs(_cluster: unknown, budget: unknown) {
      expect(budget).toEqual({ retryForMs: 60_000 });
      yield [{ ...job, submitted_time }];
    } } as never };
    return lookFor(given, aRequest({ trigger: 'alerts', ...fields }))(target);
  };

  it.each<[string, Partial<KillRequest>, number, object]>([
    ['an alert means what was there when it began', {}, NOON - HOUR_MS, { found: 'one' }],
    ['no newer run', {}, NOON, { found: 'none', reason: expect.stringContaining('the alert began') }],
    ['nor the re-run of what was killed within the hour', {}, NOON - 10 * 60_000, { found: 'none', reason: expect.stringContaining('etl was killed 30 min ago') }],
    ['a person means that re-run', { trigger: 'slack' }, NOON - 10 * 60_000, { found: 'one' }],
    ['and no newer run', { trigger: 'slack' }, NOON, { found: 'none', reason: expect.stringContaining('the kill was asked for; to kill the new run too, ask again') }],
  ])('%s', async (_, fields, submitted, found) => expect(await looked(fields, submitted)).toMatchObject(found));

  it('is taken again where the ledger is away for a moment', async () => {
    expect(await looked({}, NOON - 10 * 60_000, byName, ({ ledger }) => {
      let calls = 0;
      ledger.script = ({ partitions }) => (partitions[0]?.startsWith('name/') && ++calls === 1 ? 'fails' : undefined);
    })).toMatchObject({ found: 'none' });
  });

  it('without a moment means any run', async () => {
    expect(await looked({}, NOON + 1, { cluster: 'analytics', job: { by: 'name', name: 'etl' } })).toMatchObject({ found: 'one' });
  });
});

