import { afterEach, describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { expectEnd } from './expect-end.ts';
import { MessageLost } from '../stage/recording-reporter.ts';
import { APPROVER, MINUTE_MS, POLICY, RUN, type WorkflowStage, type WorkflowOptions, START_MS, startWorkflowStage } from '../stage/workflow.ts';

const REQUESTER = 'U012AB3CD';
const NOTHING = { posts: 0, killed: [] };

let stage: WorkflowStage;
afterEach(() => stage.close());

/** A job that an approver has to agree to. */
async function begin(options: WorkflowOptions = {}, job: Partial<SimulatedJob> = {}): Promise<WorkflowStage & { jobId: string }> {
  stage = await startWorkflowStage(options);
  return { ...stage, jobId: stage.simulator.addJob({ job_type: 'Flink', ...job }).job_id };
}

/** Begins, and waits until the question stands; `whileOpen` happens before the click. */
async function playAsked(whileOpen: () => void, request: Partial<KillRequest> = {}): Promise<Awaited<ReturnType<WorkflowStage['settled']>>> {
  stage.start(request);
  await stage.backend.idle();
  expect(stage.trail.slice(-2)).toEqual(['show ask with buttons', 'checkpoint card']);
  whileOpen();
  expect(await stage.click('yes', APPROVER)).toBeUndefined();
  return stage.settled();
}

describe('a question', () => {
  it('is posted first, gets its buttons by an update of the same message, and the kill goes on in that message', async () => {
    const { jobId, shown, trail, start, click, settled } = await begin();
    start();
    expect(await click('yes', APPROVER)).toBeUndefined();
    const end = expectEnd(stage, await settled(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(end.answeredBy).toBe(APPROVER);
    expect(trail.filter((what) => what.startsWith('show'))).toEqual(['show ask', 'show ask with buttons', 'show killing', 'show end killed']);

    const [card, buttons, killing, last] = shown;
    const question = { who: 'approver', reason: expect.stringMatching(/^ask: /) };
    expect(card).toMatchObject({ view: { stage: 'ask', job: { job_id: jobId }, question }, previous: undefined });
    expect(card?.view).not.toHaveProperty('buttons');
    expect(buttons?.view).toMatchObject({ stage: 'ask', question, buttons: { name: RUN, start: 1 } });
    const message = { channel: 'C0123456789', ts: '17951232.1' };
    expect([buttons, killing, last].map((view) => view?.previous)).toEqual([message, message, message]);
  });

  it('of a person in Slack goes to that person, who is on record as the one who answered', async () => {
    const { jobId, shown, lines, start, click, settled } = await begin({}, { job_type: 'SparkSubmit' });
    start({ trigger: 'slack', requestedBy: REQUESTER });
    await click('yes', REQUESTER);
    expectEnd(stage, await settled(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(shown[0]?.view).toMatchObject({ stage: 'ask', question: { who: 'requester' } });
    expect(lines.map(({ message, answered_by }) => [message, answered_by])).toEqual([['killing', REQUESTER], ['kill request ended', REQUESTER]]);
  });

  it('is asked although no rule wants it, where the request does', async () => {
    const { jobId, shown, start, click, settled } = await begin({}, { job_type: 'SparkSubmit' });
    start({ action: 'ask' });
    await click('yes', APPROVER);
    expectEnd(stage, await settled(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(shown[0]?.view).toMatchObject({ question: { who: 'approver' } });
  });

  it('keeps everything back while nobody answers', async () => {
    const { start, backend, simulator, trail } = await begin();
    start();
    await backend.idle();
    expect(backend.callbacks()).toMatchObject([{ executionName: RUN, name: 'ask', open: true }]);
    expect(trail).not.toContain('checkpoint record');
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('that is declined ends the request, and nothing was killed', async () => {
    const { start, click, settled, trail } = await begin();
    start();
    await click('no', REQUESTER);
    const end = expectEnd(stage, await settled(), { outcome: 'declined', reason: /^the kill was declined; nothing was killed$/, ...NOTHING });
    expect(end.answeredBy).toBe(REQUESTER);
    expect(trail).not.toContain('checkpoint record');
  });

  it.each(['', 'kill', 'null', '[]', '{"decision":"KILL","by":"x"}', '{"by":"U045EF6GH"}'])(
    'answered by %j is not answered yes, and nothing was killed',
    async (answer) => {
      const { start, backend, settled, simulator, ends } = await begin();
      start();
      await backend.idle();
      backend.succeedCallback(backend.callbacks()[0]?.id ?? '', answer);
      expect((await settled()).status).toBe('SUCCEEDED');
      expect(ends()).toMatchObject([{ outcome: expect.stringMatching(/^(?:declined|failed)$/) }]);
      expect(simulator.kills()).toEqual([]);
      expect(simulator.killed()).toEqual([]);
    },
  );

  it('that is given up from outside ends the request, and nothing was killed', async () => {
    const { start, backend, settled } = await begin();
    start();
    await backend.idle();
    backend.failCallback(backend.callbacks()[0]?.id ?? '', { ErrorType: 'Gone', ErrorMessage: 'the channel was deleted' });
    expectEnd(stage, await settled(), { outcome: 'failed', reason: /the channel was deleted; nothing was killed/, ...NOTHING });
  });
});

describe('a question that nobody answers', () => {
  it('expires after ASK_TIMEOUT_SEC, a late click finds it closed, and nothing was killed', async () => {
    const { start, backend, clock, settled } = await begin({ env: { ASK_TIMEOUT_SEC: '600' } });
    start();
    await backend.idle();
    clock.advanceTo(START_MS + 599_999);
    await backend.idle();
    expect(backend.callbacks()).toMatchObject([{ open: true }]);
    clock.advanceTo(START_MS + 600_000);
    expectEnd(stage, await settled(), { outcome: 'expired', reason: /^nobody answered within 10 min/, ...NOTHING });

    const late = (): void => backend.succeedCallback(backend.callbacks()[0]?.id ?? '', 'answered');
    expect(late).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));
    await backend.idle();
    expect(stage.simulator.kills()).toEqual([]);
  });

  it('is closed by the first click: the second one changes nothing', async () => {
    const { jobId, start, backend, click, settled } = await begin();
    start();
    await click('yes', APPROVER);
    const again = (): void => backend.succeedCallback(backend.callbacks()[0]?.id ?? '', '{"decision":"decline","by":"U1"}');
    expect(again).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));
    expectEnd(stage, await settled(), { outcome: 'killed', posts: 1, killed: [jobId] });
  });
});

describe('after the answer the job is looked at and decided on again', () => {
  it('it is over: already-over, and nothing was killed', async () => {
    const { jobId, simulator } = await begin();
    const execution = await playAsked(() => simulator.endJob(jobId, 'SUCCEEDED'));
    const end = expectEnd(stage, execution, { outcome: 'already-over', ...NOTHING });
    expect(end.answeredBy).toBe(APPROVER);
  });

  it('it came to stand in a protected queue: refused, and nothing was killed', async () => {
    const { jobId, simulator } = await begin();
    const execution = await playAsked(() => void Object.assign(simulator.job(jobId) ?? {}, { queue: 'gold' }));
    expectEnd(stage, execution, { outcome: 'refused', rule: 'protected', ...NOTHING });
  });

  it('the off switch was turned on: refused, and nothing was killed', async () => {
    const { state } = await begin();
    expectEnd(stage, await playAsked(() => void (state.paused = true)), { outcome: 'refused', rule: 'paused', ...NOTHING });
  });

  it('dry run was turned on: would-kill, and nothing was killed', async () => {
    const { deploy } = await begin();
    const execution = await playAsked(() => deploy(POLICY.replace('dryRun: false', 'dryRun: true')));
    const end = expectEnd(stage, execution, { outcome: 'would-kill', ...NOTHING });
    expect(end.answeredBy).toBe(APPROVER);
  });

  it('its cluster is no longer listed: refused, and nothing was killed', async () => {
    const { deploy } = await begin();
    const execution = await playAsked(() => deploy(POLICY.replace(/ {2}analytics:.*\n/, '')));
    expectEnd(stage, execution, { outcome: 'refused', rule: 'clusters', ...NOTHING });
  });

  it('MRS cannot be read: failed, and nothing was killed', async () => {
    const { simulator } = await begin();
    const execution = await playAsked(() => simulator.fault({ on: 'job', status: 503, times: Infinity }));
    expectEnd(stage, execution, { outcome: 'failed', reason: /nothing was killed/, ...NOTHING });
  });

  it('it now takes an approver and the requester was asked: refused, and nothing was killed', async () => {
    const policy = `${POLICY.replace(/ask:.*\n/, '')}ask: [{ match: { olderThan: 10m }, who: approver }, { trigger: slack, who: requester }]\n`;
    const { start, backend, clock, click, settled } = await begin({ policy });
    start({ trigger: 'slack', requestedBy: REQUESTER });
    await backend.idle();
    clock.advanceTo(START_MS + 10 * MINUTE_MS);
    await click('yes', REQUESTER);
    expectEnd(stage, await settled(), { outcome: 'refused', rule: 'ask', reason: /only the requester has confirmed it; ask again/, ...NOTHING });
  });

  it('it is the same job that is looked at, although another one bears its name by now', async () => {
    const { jobId, simulator } = await begin({}, { job_name: 'stream' });
    const request = { target: { job: { by: 'name', name: 'stream' } } } as const;
    const execution = await playAsked(() => void simulator.addJob({ job_name: 'stream', job_type: 'Flink' }), request);
    expectEnd(stage, execution, { outcome: 'killed', posts: 1, killed: [jobId] });
  });
});

describe('the time a question takes', () => {
  it('comes on top of the 15 minutes', async () => {
    const { jobId, clock } = await begin();
    const execution = await playAsked(() => clock.advanceTo(START_MS + 14 * MINUTE_MS), { receivedAt: START_MS - 14 * MINUTE_MS });
    expectEnd(stage, execution, { outcome: 'killed', posts: 1, killed: [jobId] });
  });

  it('gives no more than itself: what waits too long after it expires', async () => {
    const { simulator, clock } = await begin();
    simulator.fault({ on: 'kill', status: 503, headers: { 'Retry-After': '120' } });
    const execution = await playAsked(() => clock.advanceTo(START_MS + 10 * MINUTE_MS), { receivedAt: START_MS - 14 * MINUTE_MS });
    expectEnd(stage, execution, { outcome: 'expired', posts: 1, killed: [] });
  });

  it('counts at most ASK_TIMEOUT_SEC: a click that is taken up hours later does not kill hours later', async () => {
    const { start, backend, clock, click, settled } = await begin({ durable: { executionTimeoutSec: 36_000 } });
    start();
    await backend.idle();
    await click('yes', APPROVER);
    clock.advanceTo(START_MS + 6 * 60 * MINUTE_MS); // Lambda was down
    expectEnd(stage, await settled(), { outcome: 'expired', ...NOTHING });
  });
});

describe('a question that cannot be posted', () => {
  it('fails after a minute of tries, and nothing was killed', async () => {
    const lost = new MessageLost(true);
    const { clock, play, backend } = await begin({
      onShow: ({ stage: at }) => {
        if (at === 'ask') throw lost;
      },
    });
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^the question could not be posted: .*service_unavailable/, ...NOTHING });
    expect(clock.now() - START_MS).toBe((2 + 4 + 8 + 16) * 1_000);
    expect(backend.callbacks()).toMatchObject([{ open: false }]);
  });

  it('fails at once where Slack says that it never will be, and nothing was killed', async () => {
    const { clock, play } = await begin({
      onShow: ({ stage: at }) => {
        if (at === 'ask') throw new MessageLost(false);
      },
    });
    expectEnd(stage, await play(), { outcome: 'failed', ...NOTHING });
    expect(clock.now()).toBe(START_MS);
  });

  it('is posted a little later where that helps, once', async () => {
    const { jobId, trail, start, click, settled } = await begin({
      onShow: ({ stage: at }, time) => {
        if (at === 'ask' && time !== 3 && time <= 4) throw new MessageLost(true);
      },
    });
    start();
    await click('yes', APPROVER);
    expectEnd(stage, await settled(), { outcome: 'killed', posts: 1, killed: [jobId] });
    expect(trail.filter((what) => what.startsWith('show ask'))).toEqual(['show ask', 'show ask with buttons']);
  });

  it('without buttons ends the request, and nothing was killed', async () => {
    const { play } = await begin({
      onShow: (view) => {
        if (view.stage === 'ask' && view.buttons) throw new MessageLost(true);
      },
    });
    expectEnd(stage, await play(), { outcome: 'failed', reason: /^the question was lost/, ...NOTHING });
  });
});
