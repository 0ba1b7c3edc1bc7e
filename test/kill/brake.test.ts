import { afterEach, describe, expect, it } from '@jest/globals';
import type { KillRequest, PickRequest } from '../../lib/core/request.ts';
import { type Kept, keptKey, type Resolved, resolvedKey, SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { MINUTE_MS, RUN, START_MS, startWorkflowStage, type WorkflowStage } from '../stage/workflow.ts';
import { ALL_MOMENTS, playUntil } from './play-until.ts';

const HOUR_MS = 60 * MINUTE_MS;
const OCCURRENCE = 'occurrence-1';
const RULE = { name: 'long-adhoc' };

let stage: WorkflowStage;
afterEach(() => stage.close());

type Brake = { rule: string; reason: string; request: Partial<KillRequest>; raise: (on: WorkflowStage, jobId: string) => void };

/** What can hold a kill back, raised as whoever raises it does; at home and in the tests an entry of the ledger stands at once. */
const BRAKES: Record<string, Brake> = {
  'the setting': {
    rule: 'paused', reason: 'paused: the off switch is on; set PAUSED to false to kill again', request: {},
    raise: (on) => void (on.state.paused = true),
  },
  '/mrs pause': {
    rule: 'paused', reason: 'paused: the off switch is on until 2026-11-22 14:00 UTC; /mrs resume ends it', request: {},
    raise: ({ ledger, clock }) => void ledger.claim(switchKey, { owner: SWITCH_OWNER, start: clock.now(), until: START_MS + 2 * HOUR_MS }, { now: clock.now() }),
  },
  'an alert that was resolved': {
    rule: 'resolved', reason: 'resolved: the alert was resolved at 2026-11-22 11:59 UTC; to kill the job all the same, use /mrs kill', request: { occurrence: OCCURRENCE },
    raise: (on) => put(on, resolvedKey(OCCURRENCE), { at: START_MS - MINUTE_MS } satisfies Resolved),
  },
  'a job that is kept, for cleanup,': {
    rule: 'kept', reason: 'kept: kept until 2026-11-22 13:00 UTC by U045EF6GH', request: { trigger: 'cleanup' },
    raise: keep,
  },
  'a job that is kept, for the child of a pick,': {
    rule: 'kept', reason: 'kept: kept until 2026-11-22 13:00 UTC by U045EF6GH', request: { pickedBy: { name: 'alerts-live-pick', start: 1 } },
    raise: keep,
  },
};

function put({ ledger }: WorkflowStage, key: Key, value: unknown): void {
  void ledger.put([{ key, value, until: START_MS + HOUR_MS }]);
}

function keep(on: WorkflowStage, jobId: string): void {
  const job = { cluster: 'c-1', job_id: jobId, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
  put(on, keptKey(jobId, RULE, 'cleanup-live-1', 1), { at: START_MS, until: START_MS + HOUR_MS, usedMs: HOUR_MS, by: 'U045EF6GH', rule: RULE.name, job } satisfies Kept);
}

describe.each(Object.entries(BRAKES))('%s', (_, { rule, reason, request, raise }) => {
  it.each(ALL_MOMENTS)('that comes %s refuses the kill, and nothing was killed', async (moment, { posts, mayTakeEffect }) => {
    const played = await playUntil(moment, request, raise);
    stage = played.stage;
    const unknown = mayTakeEffect ? '; a kill was sent before and may still take effect' : '';
    expect([played.status, stage.ends()]).toMatchObject(['SUCCEEDED', [{ outcome: 'refused', rule, reason: reason + unknown }]]);
    expect(stage.ends()[0]?.mayTakeEffect).toBe(mayTakeEffect);
    expect([stage.simulator.kills().length, stage.simulator.killed()]).toEqual([posts, []]);
  });

  it('is not read by what only tells people', async () => {
    stage = await startWorkflowStage();
    const { job_id } = stage.simulator.addJob();
    raise(stage, job_id);
    stage.clock.stopAt(START_MS + MINUTE_MS);
    stage.start({ ...request, action: 'notify' });
    await stage.backend.idle();
    expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'notify', buttons: { name: RUN, start: 1 } });
    expect(stage.ends()).toEqual([]);
    expect([stage.simulator.kills(), stage.simulator.killed()]).toEqual([[], []]);
  });
});

describe('holds back only what it is meant for:', () => {
  it.each<[string, Brake['raise'], Partial<KillRequest>]>([
    ['a keep no alert that names the job', keep, {}],
    ['a keep no person', keep, { trigger: 'slack', confirmedBy: 'U012AB3CD', person: 'U012AB3CD' }],
    ['a keep no other job', (on) => keep(on, 'another-job'), { trigger: 'cleanup' }],
    ['a resolved alert no other one', (on) => put(on, resolvedKey('occurrence-2'), { at: START_MS }), { occurrence: OCCURRENCE }],
    ['a resolved alert no kill without one', (on) => put(on, resolvedKey(OCCURRENCE), { at: START_MS }), { trigger: 'cleanup' }],
    ['a pause that is over nobody', ({ ledger }) => void ledger.claim(switchKey, { owner: SWITCH_OWNER, start: 1, until: START_MS - 1 }, { now: START_MS - HOUR_MS }), {}],
  ])('%s', async (_, raise, request) => {
    const played = await playUntil('before it is looked at', request, raise);
    stage = played.stage;
    expect([stage.ends().map(({ outcome }) => outcome), stage.simulator.killed()]).toEqual([['killed'], [played.jobId]]);
  });
});

describe('of a pick', () => {
  /** Picks the two longest-running of four jobs, `job-4` and `job-3`; `happen` before it chooses, or as its choice stands. */
  async function pick(when: 'before it chooses' | 'after its choice', happen: () => void) {
    stage = await startWorkflowStage({
      crash({ point, executionName, operations }) {
        if (when === 'after its choice' && point === 'after-checkpoint' && executionName === RUN && operations.some(({ name, action }) => name === 'choice' && action === 'SUCCEED')) happen();
        return false;
      },
    });
    for (let job = 1; job <= 4; job++) {
      const started_time = START_MS - job * HOUR_MS;
      stage.simulator.addJob({ job_name: `job-${job}`, queue: 'adhoc', started_time, submitted_time: started_time - 5_000 });
    }
    if (when === 'before it chooses') happen();
    const request: PickRequest = {
      killId: 'pick-1', trigger: 'alerts', requestedBy: 'smn alert yarn-memory', reason: '', action: 'kill', dryRun: false, receivedAt: START_MS, occurrence: OCCURRENCE,
      target: { cluster: 'analytics', pick: { queue: 'adhoc', order: 'longest-running', count: 2 } },
    };
    stage.startPayload({ kind: 'pick', request, name: RUN, start: 1, attempt: 'attempt-1' });
    await stage.backend.idle();
  }
  const named = (name: string): SimulatedJob => stage.simulator.jobs().find(({ job_name }) => job_name === name) as SimulatedJob;
  const killed = (): string[] => stage.simulator.killed().map((id) => stage.simulator.job(id)?.job_name ?? '').toSorted();
  /** Of the record: where nothing was tried, one of them is said. */
  const ends = () => stage.lines.flatMap(({ message, ...line }) => (message === 'kill request ended' ? [[(line['job'] as { job_name?: string } | undefined)?.job_name, line['outcome'], line['rule']].join(' ')] : [])).toSorted();

  const ofAll = ['the setting', '/mrs pause', 'an alert that was resolved'].map((name) => [name, BRAKES[name] as Brake] as const);

  it.each(ofAll)('%s keeps the choice back, and nothing was killed', async (_, { rule, reason, raise }) => {
    await pick('before it chooses', () => raise(stage, ''));
    expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule, reason }]);
    expect([stage.simulator.kills(), killed()]).toEqual([[], []]);
  });

  it.each(ofAll)('%s keeps each child back after it, and nothing was killed', async (_, { rule, raise }) => {
    await pick('after its choice', () => raise(stage, ''));
    expect(ends()).toEqual([`job-3 refused ${rule}`, `job-4 refused ${rule}`]);
    expect([stage.simulator.kills(), killed()]).toEqual([[], []]);
  });

  it('a kept job is no candidate: the next in order is meant', async () => {
    await pick('before it chooses', () => keep(stage, named('job-4').job_id));
    expect(killed()).toEqual(['job-2', 'job-3']);
  });

  it('only kept jobs are left: none fits, and nothing was killed', async () => {
    await pick('before it chooses', () => stage.simulator.jobs().forEach(({ job_id }) => keep(stage, job_id)));
    expect(stage.ends()).toMatchObject([{ outcome: 'not-found' }]);
    expect([stage.simulator.kills(), killed()]).toEqual([[], []]);
  });

  it('a job that is kept after the choice is held back alone, and nobody in its stead', async () => {
    await pick('after its choice', () => keep(stage, named('job-4').job_id));
    expect(ends()).toEqual(['job-3 killed ', 'job-4 refused kept']);
    expect(killed()).toEqual(['job-3']);
  });
});
