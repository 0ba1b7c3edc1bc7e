import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import type { StatusEvent } from '../local/status-event.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { KILL_FUNCTION } from '../stage/stage.ts';
import { RUN, type WorkflowStage, type WorkflowOptions, startWorkflowStage } from '../stage/workflow.ts';

let stage: WorkflowStage;
/** What EventBridge would deliver, in order. */
let events: StatusEvent[];

beforeEach(() => {
  events = [];
});
afterEach(async () => {
  await stage.close();
});

/** The workflow with Lambda's API over HTTP; an approver has to agree to its only job. */
async function begin(options: WorkflowOptions = {}): Promise<string> {
  stage = await startWorkflowStage({ ...options, durable: { executionTimeoutSec: 600, onStatusChange: (event) => void events.push(event) } });
  return stage.simulator.addJob({ job_type: 'Flink' }).job_id;
}

/** Hands an event over and waits until what it started is over. */
async function handle(event: unknown): Promise<void> {
  await stage.event(event);
  await stage.backend.idle();
}
/** The ends that were shown; a card is gone over twice, so that no button is left on it. */
const ends = (): End[] => [...new Map(stage.ends().map((end) => [JSON.stringify(end), end])).values()];
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
    await stage.click('yes', 'U045EF6GH');
    expect((await stage.settled()).status).toBe('FAILED');
    expect(stage.ends()).toEqual([]);
    isBroken = false;

    await handle(last());
    const reason = 'this request broke off (its execution FAILED); a kill was sent or was about to be sent, and nobody knows here whether the job was killed; look at the job, and ask again if you still want it killed';
    expect(ends()).toEqual([{ outcome: 'failed', code: 'FAILED', reason, mayTakeEffect: true }]);
    expect(stage.lines.at(-1)).toMatchObject({
      level: 'audit', message: 'kill request ended', kill_id: 'kill-1', requested_by: 'MrsJobStuck', status: 'FAILED', outcome: 'failed', end_reason: reason,
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
      stage: 'end', end: { outcome: 'failed', reason: expect.stringMatching(/^this request broke off \(its execution ran out of time\); nothing was killed, as far as the ledger tells;/) }, tookMs: 600_000,
    });
    expect(stage.lines.at(-1)).toMatchObject({ level: 'audit', status: 'TIMED_OUT', outcome: 'failed' });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('STOPPED: is said to have been stopped by an operator', async () => {
    await begin();
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn, { ErrorType: 'Stopped', ErrorMessage: 'wrong cluster' });
    await handle(last());
    expect(ends()).toMatchObject([{ outcome: 'failed', reason: expect.stringMatching(/^this request was stopped by an operator;/) }]);
    expect(stage.lines.at(-1)).toMatchObject({ level: 'audit', status: 'STOPPED', outcome: 'failed' });
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('is closed on the card that asked, which loses its buttons, and a second event of it changes nothing', async () => {
    await begin();
    await startAsking();
    const asked = stage.shown.at(-1);
    stage.backend.stop(last().detail.durableExecutionArn);
    const stopped = last();
    await handle(stopped);
    expect(stage.shown.at(-1)).toMatchObject({ view: { stage: 'end' }, previous: asked?.previous });
    const before = stage.lines.length;
    await handle(stopped);
    expect([stage.ends().length > 0, stage.lines.slice(before).filter(({ level }) => level === 'audit')]).toEqual([true, []]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('after a no that was given is declined, whatever else failed', async () => {
    await begin();
    await startAsking();
    const release = stage.hold();
    expect(await stage.click('no', 'U045EF6GH')).toBeUndefined();
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    release();
    await handle(last());
    expect(ends()).toMatchObject([{ outcome: 'declined', answeredBy: 'U045EF6GH' }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('is said, though late, where the place cannot be told at first', async () => {
    let isLost = true;
    await begin({
      onShow({ stage: at }, time) {
        if (at === 'end' && isLost && time < 3) throw new MessageLost(true);
        if (at === 'end') isLost = false;
      },
    });
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn);
    await handle(last());
    expect(ends()).toMatchObject([{ outcome: 'failed' }]);
  });

  it('before it began is closed too: its own input tells what it was about', async () => {
    await begin();
    const release = stage.hold();
    stage.start();
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    release();
    await handle(last());
    expect(ends()).toMatchObject([{ outcome: 'failed', code: 'STOPPED' }]);
    expect(stage.lines.filter(({ level }) => level === 'audit')).toMatchObject([{ kill_id: 'kill-1', requested_by: 'MrsJobStuck' }]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('is not passed over while neither the ledger nor Lambda can be asked, or knows no such execution', async () => {
    await begin();
    await startAsking();
    stage.backend.stop(last().detail.durableExecutionArn);
    const unknown = last().detail.durableExecutionArn.replace(RUN, 'other');
    await expect(handle({ ...last(), detail: { ...last().detail, durableExecutionArn: unknown } })).rejects.toThrow(EngineFailed);
    stage.ledger.script = () => 'fails';
    await expect(handle(last())).rejects.toThrow(LedgerFailed);
    stage.ledger.script = () => undefined;
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
    stage.backend.start(KILL_FUNCTION, 'notice-1', JSON.stringify({ kind: 'notice', text: 'Refused: perHour', attempt: 'attempt-1' }));
    expect((await stage.backend.settled('notice-1')).status).toBe('FAILED');
    await handle(last());
    expect(stage.lines).toMatchObject([{ level: 'error', message: 'a notice was not sent', execution: 'notice-1', status: 'FAILED' }]);
    expect(stage.shown).toEqual([]);
    expect(stage.said).toEqual([]);
  });
});

describe('an event that asks for nothing', () => {
  it.each(['RUNNING', 'SUCCEEDED'])('%s is passed over without a call to Lambda', async (status) => {
    await begin();
    await startAsking();
    await stage.click('no', 'U045EF6GH');
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
    expect(stage.lines).toMatchObject([{ level: 'warn', message: expect.stringMatching(/unknown event/) }]);
    expect(stage.shown).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });
});
