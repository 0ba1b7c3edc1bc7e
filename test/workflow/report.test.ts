import { afterEach, describe, expect, it } from '@jest/globals';
import type { View } from '../../lib/core/report.ts';
import { expectEnd } from './expect-end.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { MINUTE_MS, type WorkflowStage, type WorkflowOptions, START_MS, startWorkflowStage } from '../stage/workflow.ts';

let stage: WorkflowStage;
afterEach(() => stage.close());

async function begin(options: WorkflowOptions = {}): Promise<WorkflowStage & { jobId: string }> {
  stage = await startWorkflowStage(options);
  return { ...stage, jobId: stage.simulator.addJob().job_id };
}

/** Loses the views of one stage for as long as `isLost` says. */
function losing(lost: View['stage'], isLost: () => MessageLost | Error | undefined): WorkflowOptions {
  return {
    onShow({ stage: at }) {
      const error = at === lost ? isLost() : undefined;
      if (error) throw error;
    },
  };
}

describe('a report', () => {
  it('that cannot be posted for 10 minutes is posted then, once, and the kill is not repeated', async () => {
    const { jobId, play, clock, shown, lines } = await begin(
      losing('end', () => (stage.clock.now() < START_MS + 10 * MINUTE_MS ? new MessageLost(true) : undefined)),
    );
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(clock.now() - START_MS).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(clock.now() - START_MS).toBeLessThanOrEqual(11 * MINUTE_MS);
    expect(shown.filter(({ view }) => view.stage === 'end')).toHaveLength(1);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that can never be posted is given up after half an hour and logged, and the kill is not repeated', async () => {
    const { jobId, play, clock, simulator, lines, ends } = await begin(losing('end', () => new MessageLost(true)));
    const { status, result } = await play();
    expect([status, JSON.parse(result ?? '')]).toEqual(['SUCCEEDED', { kill_id: 'kill-1', outcome: 'killed' }]);
    expect(clock.now() - START_MS).toBeGreaterThan(28 * MINUTE_MS);
    expect(clock.now() - START_MS).toBeLessThanOrEqual(31 * MINUTE_MS);
    expect(ends()).toEqual([]);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([jobId]);
    expect(lines.at(-1)).toMatchObject({
      level: 'error', message: 'report could not be posted', kill_id: 'kill-1', fault: 'chat.postMessage: service_unavailable', view: { stage: 'end', end: { outcome: 'killed' } },
    });
  });

  it('that Slack will never take is logged at once', async () => {
    const { jobId, play, clock, simulator, lines } = await begin(losing('end', () => new MessageLost(false)));
    expect((await play()).status).toBe('SUCCEEDED');
    expect(clock.now() - START_MS).toBe(2_000);
    expect(simulator.killed()).toEqual([jobId]);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['audit', 'killing'],
      ['audit', 'kill request ended'],
      ['error', 'report could not be posted'],
    ]);
  });

  it('waits as long as Slack asks for', async () => {
    let isThrottled = true;
    const { jobId, play, clock } = await begin(
      losing('end', () => {
        if (!isThrottled) return undefined;
        isThrottled = false;
        return new MessageLost(true, 90);
      }),
    );
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(clock.now() - START_MS).toBe(92_000);
  });

  it('of a refusal is repeated in the same way', async () => {
    let tries = 0;
    const { play, state } = await begin(losing('end', () => (++tries < 4 ? new MessageLost(true) : undefined)));
    state.paused = true;
    expectEnd(stage, await play(), { outcome: 'refused', rule: 'paused', posts: 0, killed: [] });
  });
});

describe('a message that the kill is under way', () => {
  it.each([true, false])('that cannot be posted (retryable: %s) does not stop the kill', async (retryable) => {
    const { jobId, play, clock, shown } = await begin(losing('killing', () => new MessageLost(retryable)));
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(clock.now() - START_MS).toBe(retryable ? 30_000 : 2_000);
    expect(shown).toMatchObject([{ view: { stage: 'end' }, previous: undefined }]);
  });

  it('holds the kill up for a minute at most, however long Slack wants to be left alone', async () => {
    const { jobId, play, simulator } = await begin(losing('killing', () => new MessageLost(true, 600)));
    expectEnd(stage, await play(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(simulator.kills()[0]?.at).toBe(START_MS);
  });
});

describe('a log that cannot be written', () => {
  it('kills nothing: no audit line, no kill', async () => {
    const { play, simulator, trail } = await begin({
      onLine() {
        throw new Error('EPIPE');
      },
    });
    expect((await play()).status).toBe('FAILED'); // functions/events says so
    expect(trail).toContain('checkpoint record');
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });
});
