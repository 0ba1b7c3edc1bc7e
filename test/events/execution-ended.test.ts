import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EngineFailed } from '../../lib/start/engine.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { RUN, type WorkflowStage, type WorkflowOptions, startWorkflowStage } from '../stage/workflow.ts';

const environment = { ...process.env };
let stage: WorkflowStage;
/** What EventBridge would deliver, in order. */
let events: StatusEvent[];

beforeEach(() => {
  events = [];
});
afterEach(async () => {
  await stage.close();
  process.env = { ...environment };
});

/** The workflow with Lambda's API over HTTP; an approver has to agree to its only job. */
async function begin(options: WorkflowOptions = {}): Promise<string> {
  stage = await startWorkflowStage({ ...options, durable: { executionTimeoutSec: 600, onStatusChange: (event) => void events.push(event) } });
  return stage.simulator.addJob({ job_type: 'Flink' }).job_id;
}

const handle = (event: unknown): Promise<void> => stage.event(event);
const last = (): StatusEvent => events.at(-1) as StatusEvent;

async function startAsking(): Promise<void> {
  stage.start();
  await stage.backend.idle();
}

describe('an execution that ended without a report', () => {
  it('FAILED: is said to have failed, where its request came from, and the log has it', async () => {
    let isBroken = true;
    const jobId = await begin({
      onLine({ message }) {
        if (isBroken && message === 'killing') throw new Error('EPIPE');
      },
    });
    await startAsking();
    await stage.click({ decision: 'kill', by: 'U045EF6GH' });
    expect((await stage.settled()).status).toBe('FAILED');
    expect(stage.ends()).toEqual([]);
    isBroken = false;

    await handle(last());
    const reason = 'the execution failed (EPIPE); whether the job was killed is not known here: look at it';
    expect(stage.ends()).toEqual([{ outcome: 'failed', code: 'FAILED', reason }]);
    expect(stage.lines.at(-1)).toMatchObject({
      level: 'audit', message: 'kill request ended', kill_id: 'kill-1', requested_by: 'MrsJobStuck', status: 'FAILED', outcome: 'failed', reason,
      target: { cluster: 'analytics', job: { by: 'mrs-id', id: jobId } },
    });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('TIMED_OUT: is said to have run out of time, how long after the request', async () => {
    await begin();
    await startAsking();
    stage.clock.advanceTo(stage.clock.now() + 600_000);
    expect((await stage.settled()).status).toBe('TIMED_OUT');
    await handle(last());
    expect(stage.shown.at(-1)?.view).toMatchObject({
      stage: 'end', end: { outcome: 'failed', reason: expect.stringMatching(/^the execution ran out of time;/) }, tookMs: 600_000,
    });
    expect(stage.lines.at(-1)).toMatchObject({ level: 'audit', status: 'TIMED_OUT', outcome: 'failed' });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('STOPPED: is said to have been stopped, with the words of who stopped it', async () => {
    await begin();
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn, { ErrorType: 'Stopped', ErrorMessage: 'wrong cluster' });
    await handle(last());
    expect(stage.ends()).toMatchObject([{ outcome: 'failed', reason: expect.stringMatching(/^the execution was stopped by an operator \(wrong cluster\);/) }]);
    expect(stage.lines.at(-1)).toMatchObject({ level: 'audit', status: 'STOPPED', outcome: 'failed' });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('is not passed over while the place cannot be told: EventBridge sends the event again', async () => {
    let isLost = true;
    await begin({
      onShow({ stage: at }) {
        if (at === 'end' && isLost) throw new MessageLost(true);
      },
    });
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn);
    await expect(handle(last())).rejects.toThrow(MessageLost);
    isLost = false;
    await handle(last());
    expect(stage.ends()).toMatchObject([{ outcome: 'failed' }]);
  });

  it('is not passed over while Lambda cannot be asked, or knows no such execution', async () => {
    await begin();
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn);
    const unknown = last().detail.durableExecutionArn.replace(RUN, 'other');
    await expect(handle({ ...last(), detail: { ...last().detail, durableExecutionArn: unknown } })).rejects.toThrow(EngineFailed);
    await stage.lambda.close();
    await expect(handle(last())).rejects.toThrow(EngineFailed);
    expect(stage.ends()).toEqual([]);
  });

  it('as a notice is logged: there is no other place to say it', async () => {
    await begin({
      onSay() {
        throw new MessageLost(false);
      },
    });
    stage.startPayload({ kind: 'notice', text: 'Refused: perHour', attempt: 'attempt-1' });
    expect((await stage.settled()).status).toBe('FAILED');
    await handle(last());
    expect(stage.lines).toMatchObject([{ level: 'error', status: 'FAILED', error: expect.stringContaining('service_unavailable') }]);
    expect(stage.shown).toEqual([]);
    expect(stage.said).toEqual([]);
  });
});

describe('an event that asks for nothing', () => {
  it.each(['RUNNING', 'SUCCEEDED'])('%s is passed over without a call to Lambda', async (status) => {
    await begin();
    await startAsking();
    await stage.click({ decision: 'decline', by: 'U045EF6GH' });
    await stage.settled();
    await stage.lambda.close();
    const event = events.find(({ detail }) => detail.status === status);
    const [linesBefore, shownBefore] = [stage.lines.length, stage.shown.length];
    expect(event).toBeDefined();
    await handle(event);
    expect([stage.lines.length, stage.shown.length]).toEqual([linesBefore, shownBefore]);
  });

  it.each<[unknown]>([
    [null],
    ['text'],
    [{}],
    [{ source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification', detail: { state: 'stopped' } }],
    [{ source: 'aws.lambda', 'detail-type': 'Durable Execution Status Change', detail: { status: 'FAILED' } }],
    [{ source: 'aws.lambda', 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: 'arn', status: 'NEW_WORD' } }],
    [{ source: 'me', 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: 'arn', status: 'FAILED' } }],
  ])('that nobody knows is logged and passed over: %j', async (event) => {
    await begin();
    await stage.lambda.close();
    await handle(event);
    expect(stage.lines).toMatchObject([{ level: 'warn', message: expect.stringMatching(/nobody knows/) }]);
    expect(stage.shown).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });
});
