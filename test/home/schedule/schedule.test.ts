import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHomeLog } from '../../../home/metrics/home-log.ts';
import { createMetrics, type Metrics } from '../../../home/metrics/metrics.ts';
import { type Run, type Schedule, startSchedule } from '../../../home/schedule/schedule.ts';
import { scheduledTasks } from '../../../home/schedule/scheduled-tasks.ts';
import { handleCleanup } from '../../../lib/cleanup/handle-schedule.ts';
import type { Log } from '../../../lib/log/log.ts';
import { expectNoKill } from '../../stage/slack.ts';
import { type CleanupStage, HOUR_MS, MINUTE_MS, NOON, startCleanupStage } from '../../stage/cleanup.ts';

let stage: CleanupStage;
let metrics: Metrics;
let log: Log;
let lines: string[];
let schedule: Schedule;
beforeEach(async () => {
  stage = await startCleanupStage();
  metrics = createMetrics();
  lines = [];
  log = createHomeLog({ env: {}, wall: stage.clock.now, write: (line) => void lines.push(line) }, metrics);
});
afterEach(async () => {
  void schedule.stop();
  await stage.close();
});

const cleanup: Run = async (event) => {
  await stage.refresh();
  return stage.ledger.calledBy('cleanup', () => handleCleanup(stage.load, log, event));
};

function start(run: Run = cleanup, { every = '0 * * * *', digest }: { every?: string; digest?: string } = {}): void {
  schedule = startSchedule(scheduledTasks({ cleanup: every, digest }), { clock: stage.clock, log, run });
}

/** Time as a machine has it: what is due comes while it passes. */
async function pass(ms: number): Promise<void> {
  for (const end = stage.clock.now() + ms; stage.clock.now() < end; await settled()) stage.clock.advanceTo(Math.min(end, stage.clock.now() + MINUTE_MS));
}
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
/** A machine that slept: nothing ran while the time passed. */
async function sleepThrough(ms: number): Promise<void> {
  stage.clock.advanceTo(stage.clock.now() + ms);
  await settled();
}
const said = (): string[] => lines.map((line) => (JSON.parse(line) as { message: string }).message);
const runs = async (): Promise<string[]> => (await metrics.text()).split('\n').flatMap((line) => /^mrs_killswitch_scheduled_run_total\{run="(.*)"\} (\d+)/.exec(line)?.slice(1).join(' ').replace('",outcome="', ' ') ?? []);

describe('cleanup by its schedule', () => {
  it('kills what a rule fits, at its time and not before, under the key of its hour', async () => {
    const job = stage.addRunning('nb-old', 9);
    start();
    await pass(59 * MINUTE_MS);
    expectNoKill(stage);
    await pass(MINUTE_MS);
    await schedule.stop();
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(schedule.cleanupRanAt()).toBe(NOON + HOUR_MS);
    expect(await runs()).toEqual(['cleanup done 1']);
    // A person who runs it in the same hour meets the same names.
    expect(await stage.run({ scheduledTime: new Date(NOON + HOUR_MS).toISOString() })).toMatchObject({ rules: [] });
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('goes on from hour to hour', async () => {
    const times: unknown[] = [];
    start(async (event) => (times.push((event as { scheduledTime: string }).scheduledTime), { rules: [], unreadable: [] }));
    await pass(3 * HOUR_MS);
    expect(times).toEqual(['2026-11-22T13:00:00.000Z', '2026-11-22T14:00:00.000Z', '2026-11-22T15:00:00.000Z']);
  });

  it('skips what it missed, says so, and catches nothing up: nothing was killed', async () => {
    stage.addRunning('nb-old', 9);
    start();
    await sleepThrough(5 * HOUR_MS + 30 * MINUTE_MS);
    await schedule.stop();
    await stage.idle();
    expect(stage.report().text).toContain('4 h 30 min after its time');
    expect(await runs()).toEqual(['cleanup skipped 1']);
    expect(schedule.cleanupRanAt()).toBeUndefined();
    expectNoKill(stage);
  });

  it('is run now by the word of a person, one at a time, and is waited for', async () => {
    const job = stage.addRunning('nb-old', 9);
    schedule = startSchedule([], { clock: stage.clock, log, run: cleanup });
    const running = schedule.runNow('cleanup', { dryRun: false });
    await expect(schedule.runNow('cleanup', {})).rejects.toThrow('a run of cleanup is not over yet: ask again when it is');
    await schedule.stop();
    expect(await running).toMatchObject({ rules: [{ rule: 'stale-notebooks', matched: 1, started: 1 }] });
    await expect(schedule.runNow('cleanup', {})).rejects.toThrow('this process is stopping: ask the next one');
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect([schedule.cleanupRanAt(), await runs()]).toEqual([undefined, []]);
  });

  it('passes over a time that comes while the run before is not over, and says so: nothing was killed', async () => {
    let end = (): void => {};
    let begun = 0;
    start(() => (begun++, new Promise((resolve) => void (end = () => resolve({ rules: [], unreadable: [] })))));
    await pass(2 * HOUR_MS);
    expect([begun, said()]).toEqual([1, ['the scheduled cleanup is passed over: the one before it is not over']]);
    end();
    await pass(HOUR_MS);
    expect(begun).toBe(2);
    end();
    await settled();
    expect(await runs()).toEqual(['cleanup skipped 1', 'cleanup done 2']);
    expectNoKill(stage);
  });

  it('that fails is tried again after 1 min and 2 min, as Lambda does', async () => {
    let calls = 0;
    start(async (event) => {
      if (++calls < 3) throw new Error('no settings');
      return cleanup(event);
    });
    const job = stage.addRunning('nb-old', 9);
    await pass(HOUR_MS + 2 * MINUTE_MS);
    expect(calls).toBe(2);
    expectNoKill(stage);
    await pass(MINUTE_MS);
    await schedule.stop();
    await stage.idle();
    expect([calls, stage.simulator.killed()]).toEqual([3, [job.job_id]]);
    expect(await runs()).toEqual(['cleanup done 1']);
  });

  it('that fails three times is counted and said, and the next one comes: nothing was killed', async () => {
    let calls = 0;
    start(async () => {
      calls++;
      throw new Error('no settings');
    });
    await pass(HOUR_MS + 10 * MINUTE_MS);
    expect([calls, said().at(-1), await runs()]).toEqual([3, 'the scheduled cleanup failed', ['cleanup failed 1']]);
    await pass(HOUR_MS);
    expect(calls).toBe(6);
    expectNoKill(stage);
  });
});

describe('stop', () => {
  it('begins nothing more: nothing was killed', async () => {
    stage.addRunning('nb-old', 9);
    start();
    await schedule.stop();
    await pass(2 * HOUR_MS);
    expect(await runs()).toEqual([]);
    expectNoKill(stage);
  });

  it('waits for the run that is not over', async () => {
    let end = (): void => {};
    start(() => new Promise((resolve) => void (end = () => resolve({ rules: [], unreadable: [] }))));
    await pass(HOUR_MS);
    let isStopped = false;
    const stopping = schedule.stop().then(() => (isStopped = true));
    await settled();
    expect(isStopped).toBe(false);
    end();
    await stopping;
    expect(await runs()).toEqual(['cleanup done 1']);
  });

  it('leaves one that would be tried again, and says so', async () => {
    start(async () => {
      throw new Error('no settings');
    });
    await pass(HOUR_MS);
    await schedule.stop();
    expect(said()).toEqual(['the scheduled cleanup failed and is tried again', 'the scheduled cleanup is left undone: this process ends']);
  });
});

describe('the digest', () => {
  it('is asked for once a week at its time, whatever cleanup does meanwhile', async () => {
    const events: unknown[] = [];
    start(async (event) => ((event as { kind: string }).kind === 'scheduled-digest' && events.push(event), { rules: [], unreadable: [], skipped: 'nothing happened' }), { every: '0 0 * * *', digest: 'mon 09:00 Europe/Berlin' });
    await pass(48 * HOUR_MS);
    expect(events).toEqual([{ kind: 'scheduled-digest', scheduledTime: '2026-11-23T08:00:00.000Z' }]); // NOON is a Sunday
  });
});
