import { CallbackError, type DurableContext } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { nameKey, startBegan, startEnd } from '../../lib/ledger/keys.ts';
import type { KillPayload } from '../../lib/start/engine.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { type KillParts, lookFor, resultOf, runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, entryOf, ID, type PlayedStart, type StartPlan } from './a-start.ts';

/** A durable context that does each step at once. */
function aContext(played: PlayedStart) {
  const steps: string[] = [];
  const context = {
    async step(name: string, move: () => Promise<unknown>) {
      steps.push(name);
      return move();
    },
    wait: async (_name: string, { seconds }: { seconds: number }) => played.clock.sleep(seconds * 1_000),
    async waitForCondition(_name: string, move: (state: unknown) => Promise<unknown>, { initialState, waitStrategy }: { initialState: unknown; waitStrategy: (state: unknown) => { shouldContinue: boolean; delay?: { seconds: number } } }) {
      let state = await move(initialState);
      for (let next = waitStrategy(state); next.shouldContinue; next = waitStrategy(state)) {
        await played.clock.sleep((next.delay?.seconds ?? 0) * 1_000);
        state = await move(state);
      }
      return state;
    },
    createCallback: async () => [Promise.reject(new CallbackError('its time is up')), 'callback-1'],
  } as unknown as DurableContext;
  return { context, steps };
}

type Given = { plan?: StartPlan; payload: KillPayload; parts?: (played: PlayedStart) => Partial<KillParts>; run?: typeof runPayload };
async function play({ plan = {}, payload, parts = () => ({}), run = runPayload }: Given) {
  const played = await aStart(plan);
  const { context, steps } = aContext(played);
  const said: unknown[] = [];
  const reporter = { show: played.parts.show, say: async (...args: unknown[]) => void said.push(args) };
  const given = { ...played.parts, reporter, engine: played.engine, askTimeoutSec: 900, followIntervalSec: 2, followTimeoutSec: 60, ...parts(played) } as unknown as KillParts;
  const result = await run(given, payload, context);
  return { ...played, result, steps, said };
}
const common = { ...ID, attempt: 'a-1' };
const job = aJob({ job_id: 'job-1', job_name: 'etl' });
const byName: KillRequest['target'] = { cluster: 'analytics', job: { by: 'name', name: 'etl' }, submittedBefore: NOON };

describe('an execution', () => {
  it('of a notice says it, and has no result', async () => {
    const { result, said, steps } = await play({ payload: { kind: 'notice', text: 'hello', attempt: 'a-1' } });
    expect([result, said, steps]).toEqual([undefined, [['hello', 'plain']], ['say']]);
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
    expect([picked.result, picked.started.length]).toEqual([{ kill_id: 'kill-p', outcome: 'picked' }, 1]);
    const none = await play({ payload: { kind: 'pick', request: aPick({ killId: 'kill-p' }), ...common } });
    expect(none.result).toEqual({ kill_id: 'kill-p', outcome: 'not-found' });
    const failed = await play({ plan: { jobs, onStart: () => new EngineFailed('down') }, payload: { kind: 'pick', request: aPick({ killId: 'kill-p' }), ...common } });
    expect(failed.lines.filter(({ kill_id }) => kill_id === undefined)).toEqual([]);
  });

  it('of an end closes by the name and the start that it was given', async () => {
    const stands = [entryOf(startBegan(ID.name, 2), { at: NOON, since: NOON, killId: 'kill-1' })];
    const known = await play({ plan: { stands }, payload: { kind: 'end', status: 'STOPPED', ...common, start: 2 } });
    expect(known.result).toEqual({ kill_id: '', outcome: 'failed' });
    expect((await known.stands(startEnd(ID.name, 2)))?.value).toMatchObject({ code: 'STOPPED' });
    const given = await play({ payload: { kind: 'end', status: 'STOPPED', request: aRequest({ killId: 'kill-9', trigger: 'alerts' }), ...common } });
    expect(given.result).toEqual({ kill_id: 'kill-9', outcome: 'failed' });
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
  const looked = async (fields: Partial<KillRequest>, submitted_time: number, target = byName) => {
    const played = await aStart({ stands: [POSTED] });
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

  it('without a moment means any run', async () => {
    expect(await looked({}, NOON + 1, { cluster: 'analytics', job: { by: 'name', name: 'etl' } })).toMatchObject({ found: 'one' });
  });
});

