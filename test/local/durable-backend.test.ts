import { afterEach, describe, expect, it } from '@jest/globals';
import type { CrashHook } from './deaths.ts';
import { virtualClock } from './clock.ts';
import { createDurableBackend, type DurableBackend } from './durable-backend.ts';
import type { ExecutionView } from './execution-view.ts';
import { sampleWorkflow } from './sample-workflow.ts';
import { runs } from '../support/full-size.ts';

const START_MS = Date.UTC(2026, 0, 5, 12);
const PAYLOAD = '{"job":"nb-1"}';

let open: DurableBackend[] = [];
afterEach(() => {
  for (const backend of open) backend.close();
  open = [];
});

/** Plays the sample once, answered from inside the submitter, and crashed as `crash` says. */
async function play(crash?: CrashHook, startMs = START_MS): Promise<{ view: ExecutionView; strikes: number; calls: number }> {
  const backend = createDurableBackend({ clock: virtualClock(startMs), ...(crash && { crash }) });
  open.push(backend);
  let strikes = 0;
  const submit = async (id: string): Promise<void> => {
    // A repeated submitter finds the callback answered already.
    if (backend.callbacks().some((callback) => callback.id === id && callback.open)) backend.succeedCallback(id, 'yes');
  };
  const strike = async (): Promise<void> => void (strikes += 1);
  backend.register('kill', sampleWorkflow({ submit, strike }));
  backend.start('kill', 'run', PAYLOAD);
  const view = await backend.settled('run');
  return { view, strikes, calls: view.checkpointCalls };
}

describe('the durable backend', () => {
  it('runs half an hour of waits to the end in no time', async () => {
    const startedMs = performance.now();
    const { view, strikes } = await play();
    expect(view).toMatchObject({ status: 'SUCCEEDED', startMs: START_MS });
    expect(JSON.parse(view.result ?? '')).toEqual({ job: 'nb-1', answer: 'yes', struck: 'struck', polls: 5 });
    expect(strikes).toBe(1);
    expect((view.endMs ?? 0) - START_MS).toBe((25 + 4) * 60_000);
    expect(view.invocations).toBeGreaterThan(5);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });

  it('needs the same number of calls whatever the clock on the wall says', async () => {
    for (const startMs of [Date.UTC(2001, 0, 1), Date.now() - 1_000, Date.UTC(2101, 0, 1)]) {
      expect((await play(undefined, startMs)).calls).toBe(11);
    }
  });

  it('resumes after a crash before or after each checkpoint call, and never runs an at-most-once body twice', async () => {
    const { calls } = await play();
    const points = Array.from({ length: calls }, (_, index) => index + 1).flatMap((call) => [
      { call, point: 'before-checkpoint' },
      { call, point: 'after-checkpoint' },
    ]);
    const played = await Promise.all(points.map(({ call, point }) => play((at) => at.call === call && at.point === point)));
    for (const { view, strikes } of played) {
      expect(view.status).toBe('SUCCEEDED');
      expect(strikes).toBeLessThanOrEqual(1);
      expect(JSON.parse(view.result ?? '')).toMatchObject({ answer: 'yes', polls: 5 });
    }
    const ends = played.map(({ view }) => (JSON.parse(view.result ?? '') as { struck: string }).struck);
    // The START of the body was written and its result was not: before the body, and after it.
    expect(ends.filter((end) => end === 'interrupted')).toHaveLength(2);
    expect(played.filter(({ strikes }) => strikes === 0)).toHaveLength(1);
  });

  it('survives many runs in which every call may crash', async () => {
    let crashes = 0;
    const seeds = Array.from({ length: runs(100) }, (_, index) => index + 1);
    const played = await Promise.all(
      seeds.map((seed) => {
        const random = randomOf(seed);
        return play(() => {
          const dies = random() < 0.1;
          if (dies) crashes += 1;
          return dies;
        });
      }),
    );
    expect(played.filter(({ view }) => view.status !== 'SUCCEEDED')).toEqual([]);
    expect(Math.max(...played.map(({ strikes }) => strikes))).toBe(1);
    expect(crashes).toBeGreaterThan(seeds.length);
  }, 20_000);

  it('tells the crash hook what a call is about to write', async () => {
    const seen: unknown[] = [];
    await play(({ point, call, operations }) => {
      if (call === 1) seen.push({ point, operations });
      return false;
    });
    const operations = [
      { type: 'STEP', name: 'look', action: 'START' },
      { type: 'STEP', name: 'look', action: 'SUCCEED' },
    ];
    expect(seen).toEqual([
      { point: 'before-checkpoint', operations },
      { point: 'after-checkpoint', operations },
    ]);
  });
});

/** Mulberry32: small, seeded, good enough to scatter crashes. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
