import { afterEach, describe, expect, it } from '@jest/globals';
import { expectEnd } from './expect-end.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { type WorkflowStage, START_MS, startWorkflowStage } from '../stage/workflow.ts';

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
  it('shows the job, once, and nothing was killed', async () => {
    stage = await startWorkflowStage();
    const { job_id } = stage.simulator.addJob();
    const { status, result } = await stage.play({ action: 'notify' });
    expect([status, JSON.parse(result ?? '')]).toEqual(['SUCCEEDED', { kill_id: 'kill-1', outcome: 'notified' }]);
    expect(stage.shown).toMatchObject([{ view: { stage: 'notify', job: { job_id } }, previous: undefined }]);
    expect(stage.trail).not.toContain('checkpoint record');
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('says so of a job that is over, and nothing was killed', async () => {
    stage = await startWorkflowStage();
    stage.simulator.addJob({ job_state: 'FINISHED' });
    expectEnd(stage, await stage.play({ action: 'notify' }), { outcome: 'already-over', posts: 0, killed: [] });
  });
});
