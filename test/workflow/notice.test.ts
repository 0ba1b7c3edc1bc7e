import { afterEach, describe, expect, it } from '@jest/globals';
import { expectEnd } from './expect-end.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { MINUTE_MS, RUN, type WorkflowStage, START_MS, startWorkflowStage } from '../stage/workflow.ts';

let stage: WorkflowStage;
afterEach(() => stage.close());

const NOTICE = { kind: 'notice', text: 'Refused: perHour. 31 kills in an hour', attempt: 'attempt-1' } as const;

describe('a notice', () => {
  it('is said in the channel, once, and MRS is not asked anything', async () => {
    stage = await startWorkflowStage();
    stage.startPayload(NOTICE);
    expect(await stage.settled()).toMatchObject({ status: 'SUCCEEDED' });
    expect(stage.said).toEqual([NOTICE.text]);
    expect(stage.simulator.requests).toEqual([]);
  });

  it('that is lost is said again a little later, once', async () => {
    stage = await startWorkflowStage({
      onSay(time) {
        if (time < 4) throw new MessageLost(true);
      },
    });
    stage.startPayload(NOTICE);
    expect(await stage.settled()).toMatchObject({ status: 'SUCCEEDED', endMs: START_MS + 14_000 });
    expect(stage.said).toEqual([NOTICE.text]);
  });

  it('that is lost for good ends the execution badly, after 10 minutes or at once', async () => {
    for (const retryable of [true, false]) {
      stage = await startWorkflowStage({
        onSay() {
          throw new MessageLost(retryable);
        },
      });
      stage.startPayload(NOTICE);
      const { status, error, endMs = 0 } = await stage.settled();
      expect([status, error?.ErrorMessage]).toEqual(['FAILED', expect.stringContaining('service_unavailable')]);
      expect(endMs - START_MS).toBeLessThanOrEqual(600_000);
      expect(endMs - START_MS).toBeGreaterThanOrEqual(retryable ? 540_000 : 0);
      if (retryable) await stage.close();
    }
  });
});

describe('a request that only tells people', () => {
  it('shows the job, once, takes the button away when the job is over, and nothing was killed', async () => {
    stage = await startWorkflowStage();
    const { job_id } = stage.simulator.addJob();
    stage.clock.stopAt(START_MS + MINUTE_MS);
    stage.start({ action: 'notify' });
    await stage.backend.idle();
    const message = { channel: 'C0123456789', ts: '17951232.1' };
    expect(stage.shown).toMatchObject([
      { view: { stage: 'notify', job: { job_id } }, previous: undefined },
      { view: { stage: 'notify', job: { job_id }, buttons: { name: RUN, start: 1 } }, previous: message },
    ]);
    expect(stage.shown[0]?.view).not.toHaveProperty('buttons');

    stage.simulator.endJob(job_id, 'SUCCEEDED');
    stage.clock.stopAt(START_MS + 2 * MINUTE_MS);
    await stage.backend.idle();
    const { status, result } = await stage.settled();
    expect([status, JSON.parse(result ?? '')]).toEqual(['SUCCEEDED', { kill_id: 'kill-1', outcome: 'notified' }]);
    expect(stage.shown.slice(2)).toMatchObject([{ view: { stage: 'end', end: { outcome: 'notified', job: { job_id } } }, previous: message }]);
    expect(stage.trail).not.toContain('checkpoint record');
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('goes on with the card that stands, and posts no second one, wherever its run is interrupted; nothing was killed', async () => {
    for (const dies of [3, 4, 5, 6, 7]) {
      stage = await startWorkflowStage({ crash: ({ point, call }) => point === 'before-checkpoint' && call === dies });
      const { job_id } = stage.simulator.addJob();
      stage.clock.stopAt(START_MS + MINUTE_MS);
      stage.start({ action: 'notify' });
      await stage.backend.idle();
      expect(stage.shown.filter(({ view, previous }) => view.stage === 'notify' && previous === undefined)).toHaveLength(1);
      stage.simulator.endJob(job_id, 'SUCCEEDED');
      stage.clock.stopAt(Infinity);
      await stage.backend.idle();
      expect((await stage.settled()).status).toBe('SUCCEEDED');
      expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'end', end: { outcome: 'notified' } });
      expect(stage.simulator.kills()).toEqual([]);
      expect(stage.simulator.killed()).toEqual([]);
      if (dies < 7) await stage.close();
    }
  });

  it('that nobody could be told of is a failure, and nothing was killed', async () => {
    const onShow = (): void => {
      throw new MessageLost(false);
    };
    stage = await startWorkflowStage({ onShow });
    stage.simulator.addJob();
    const { status, result } = await stage.play({ action: 'notify' });
    expect([status, JSON.parse(result ?? '')]).toEqual(['SUCCEEDED', { kill_id: 'kill-1', outcome: 'failed' }]);
    expect(stage.lines.find(({ message }) => message === 'kill request ended')).toMatchObject({ code: 'not_told' });
    expect(stage.lines.filter(({ message }) => message === 'report could not be posted')).toHaveLength(2);
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('says so of a job that is over, and nothing was killed', async () => {
    stage = await startWorkflowStage();
    stage.simulator.addJob({ job_state: 'FINISHED' });
    expectEnd(stage, await stage.play({ action: 'notify' }), { outcome: 'already-over', posts: 0, killed: [] });
  });
});
