import { afterEach, describe, expect, it } from '@jest/globals';
import type { PickRequest } from '../../lib/core/request.ts';
import type { CrashHook } from '../local/deaths.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { RUN, type WorkflowStage, startWorkflowStage, START_MS } from '../stage/workflow.ts';

const HOUR_MS = 3_600_000;

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(close.map((stop) => stop()));
  close = [];
});

/** `crash` as the backend's, of the pick itself only. */
type Plan = { crash?: (at: Parameters<CrashHook>[0], stage: WorkflowStage) => boolean; request?: Partial<PickRequest> };
type Played = { stage: WorkflowStage; execution: ExecutionView; children: ExecutionView[]; deaths: number };

/** Picks two of six jobs, on a stage whose Lambda API is reachable: the children start through it. */
async function play({ crash = () => false, request = {} }: Plan = {}): Promise<Played> {
  let deaths = 0;
  const stage: WorkflowStage = await startWorkflowStage({
    crash(at) {
      const dies = at.executionName === RUN && crash(at, stage);
      if (dies) deaths += 1;
      return dies;
    },
  });
  close.push(() => stage.close());
  for (let job = 1; job <= 6; job++) {
    const started_time = START_MS - job * HOUR_MS;
    stage.simulator.addJob({ job_name: `job-${job}`, queue: 'adhoc', started_time, submitted_time: started_time - 5_000 });
  }
  const pick: PickRequest = {
    killId: 'pick-1',
    trigger: 'alerts',
    requestedBy: 'smn alert yarn-memory',
    reason: '',
    action: 'kill',
    dryRun: false,
    receivedAt: START_MS,
    target: { cluster: 'analytics', pick: { queue: 'adhoc', order: 'longest-running', count: 2 } },
    ...request,
  };
  stage.startPayload({ kind: 'pick', request: pick, name: RUN, start: 1, attempt: 'attempt-1' });
  const execution = await stage.settled();
  await stage.backend.idle();
  const children = stage.backend.list({ oldestFirst: true }).filter(({ name }) => name !== RUN);
  return { stage, execution, children, deaths };
}

/** Two children, each killed once. */
function expectBothKilledOnce({ stage, execution, children }: Played): void {
  expect([execution.status, execution.result]).toEqual(['SUCCEEDED', JSON.stringify({ kill_id: 'pick-1', outcome: 'picked' })]);
  expect(children.map(({ result }) => (JSON.parse(result ?? '{}') as { outcome?: string }).outcome)).toEqual(['killed', 'killed']);
  expect(stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted()).toEqual(['job-5', 'job-6']);
  expect(stage.simulator.kills()).toHaveLength(2);
  expect(stage.ends().map(({ outcome }) => outcome)).toEqual(['killed', 'killed']);
}

describe('a pick whose function dies', () => {
  it('nowhere starts each child once', async () => {
    const whole = await play();
    expectBothKilledOnce(whole);
    expect(whole.execution.checkpointCalls).toBeGreaterThan(1);
  });

  it('before or after any one checkpoint call starts each child once', async () => {
    const { execution: { checkpointCalls: calls } } = await play();
    for (let call = 1; call <= calls; call++) {
      for (const point of ['before-checkpoint', 'after-checkpoint'] as const) {
        const run = await play({ crash: (at) => at.call === call && at.point === point });
        expect(run.deaths).toBe(1);
        expectBothKilledOnce(run);
      }
    }
  }, 20_000);

  it('again and again, while the children are being started, starts each child once', async () => {
    let deaths = 0;
    const run = await play({ crash: ({ point, operations }) => point === 'before-checkpoint' && operations.some(({ name, action }) => name === 'start' && action === 'SUCCEED') && ++deaths <= 5 });
    expect(run.deaths).toBe(5);
    expectBothKilledOnce(run);
  });

  it('and comes back when other jobs are the longest-running kills what it had picked', async () => {
    let died = false;
    const run = await play({
      crash({ point, operations }, { simulator }) {
        if (died || point !== 'after-checkpoint' || !operations.some(({ name, action }) => name === 'choose' && action === 'SUCCEED')) return false;
        for (let job = 1; job <= 4; job++) simulator.addJob({ job_name: `older-${job}`, queue: 'adhoc', started_time: START_MS - 99 * HOUR_MS, submitted_time: START_MS - 100 * HOUR_MS });
        return (died = true);
      },
    });
    expect(run.deaths).toBe(1);
    expectBothKilledOnce(run);
    expect(run.stage.simulator.requests.filter(({ path }) => path.endsWith('/job-executions'))).toHaveLength(1);
  });
});

describe('a pick that ends by itself', () => {
  it.each<[string, Plan, { outcome: string; rule?: string; reason: unknown }]>([
    ['names an unlisted cluster', { request: { target: { cluster: 'production', pick: { queue: 'adhoc', order: 'newest', count: 1 } } } }, { outcome: 'refused', rule: 'clusters', reason: 'clusters: production is not listed; add it under clusters: in policy.yml' }],
    ['comes more than 15 min late', { request: { receivedAt: START_MS - 15 * 60_000 - 1 } }, { outcome: 'expired', reason: expect.stringMatching(/15 min/) }],
    ['fits nothing', { request: { target: { cluster: 'dev', pick: { queue: 'adhoc', order: 'newest', count: 1 } } } }, { outcome: 'not-found', reason: 'no job of dev fits: the newest job of dev (queue: adhoc)' }],
  ])('because it %s is shown once, audited once, and nothing was killed', async (_, options, end) => {
    const { stage, execution, children } = await play(options);
    expect(JSON.parse(execution.result ?? '')).toEqual({ kill_id: 'pick-1', outcome: end.outcome });
    expect(stage.ends()).toEqual([end]);
    expect(stage.lines.filter(({ level }) => level === 'audit')).toMatchObject([{ message: 'kill request ended', kill_id: 'pick-1', outcome: end.outcome, trigger: 'alerts' }]);
    expect(children).toEqual([]);
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });
});
