import { afterEach, describe, expect, it } from '@jest/globals';
import { createSteppingClock } from '../support/stepping-clock.ts';
import { type RestApi, startRestApi } from '../stage/rest.ts';
import type { WatchedLedger } from '../stage/watched-ledger.ts';
import { START_MS, type WorkflowStage } from '../stage/workflow.ts';
import { type Moment, playUntil } from './play-until.ts';

const REASON = 'paused: the off switch could not be read, so it counts as on; look at /health';

let close: () => Promise<void>;
afterEach(() => close());

type Unread = (ledger: WatchedLedger, isFailing: () => boolean) => void;
const LISTS: Unread = (ledger, isFailing) => void (ledger.script = ({ on, partitions }) => (isFailing() && on === 'list' && partitions.includes('kept') ? 'fails' : undefined));
const SWITCH: Unread = (ledger, isFailing) => void (ledger.script = ({ partitions }) => (isFailing() && partitions.includes('switch') ? 'fails' : undefined));

/** What keeps a brake from being read until that moment. */
const FAULTS: Record<string, (stage: WorkflowStage, until: number) => void> = {
  PAUSED({ state, clock }, until) {
    state.paused = 'unreadable';
    clock.setTimer(until, () => void (state.paused = false));
  },
  'the switch of the ledger': ({ ledger, clock }, until) => SWITCH(ledger, () => clock.now() < until),
  'the keeps': ({ ledger, clock }, until) => LISTS(ledger, () => clock.now() < until),
};

describe.each(Object.entries(FAULTS))('in a run %s', (_, fail) => {
  it.each<[Moment, number]>([
    ['before it is looked at', 1],
    ['before it is looked at', 60_000],
    ['after the first decision', 60_000],
    ['when all but the POST is done', 60_000],
    ['before the POST after one that was put off', 60_000],
  ])('that cannot be read, %s, for %i ms is read then, and the kill goes on', async (moment, forMs) => {
    const { stage, jobId } = await playUntil(moment, { trigger: 'cleanup' }, (on) => fail(on, on.clock.now() + forMs));
    close = stage.close;
    expect([stage.ends().map(({ outcome }) => outcome), stage.simulator.killed()]).toEqual([['killed'], [jobId]]);
  });

  it.each<[Moment, number]>([
    ['before it is looked at', 0],
    ['after the first decision', 0],
    ['when all but the POST is done', 0],
    ['before the POST after one that was put off', 1],
  ])('that cannot be read, %s, for 1 ms more counts as on and says so, and nothing was killed', async (moment, posts) => {
    // The time counts from the first read: after a POST that was put off it comes 2 s later.
    const { stage } = await playUntil(moment, { trigger: 'cleanup' }, (on) => fail(on, on.clock.now() + 60_001 + posts * 2_000));
    close = stage.close;
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'paused', reason: REASON }]);
    expect([stage.simulator.kills().length, stage.simulator.killed()]).toEqual([posts, []]);
  });
});

describe('REST does not wait that long:', () => {
  let api: RestApi;
  async function begin(failsForMs: number): Promise<{ status: number; body: any; tookMs: number; jobId: string }> {
    const clock = createSteppingClock(START_MS);
    api = await startRestApi({ clock });
    close = api.close;
    SWITCH(api.ledger, () => clock.now() < START_MS + failsForMs);
    const jobId = api.simulator.addJob().job_id;
    const { status, body } = await api.kill(jobId);
    return { status, body, tookMs: clock.now() - START_MS, jobId };
  }

  it('a switch that can be read again within 2 s lets kill', async () => {
    const { status, jobId } = await begin(2_000);
    expect([status, api.simulator.killed()]).toEqual([202, [jobId]]);
  });

  it('one that cannot counts as on and says so, and nothing was killed', async () => {
    const { status, body, tookMs } = await begin(2_001);
    expect([status, body.error_code, body.error_msg, tookMs]).toEqual([403, 'KILL.0403', REASON, 2_000]);
    expect([api.simulator.kills(), api.simulator.killed()]).toEqual([[], []]);
  });
});
