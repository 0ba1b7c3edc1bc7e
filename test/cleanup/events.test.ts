import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CHANNEL, expectNoKill } from '../stage/slack.ts';
import { type CleanupStage, MINUTE_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/cleanup');
const SCHEDULED = JSON.parse(readFileSync(join(FIXTURES, 'eventbridge-scheduled-event.json'), 'utf8')) as Record<string, unknown>;
const TEMPLATE = readFileSync(join(FIXTURES, 'eventbridge-scheduler-input.template.json'), 'utf8');

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage();
});
afterEach(async () => {
  await stage.idle(); // what was started is not cut off
  await stage.close();
});

/** The input of EventBridge Scheduler with its keywords filled in. */
function schedulerInput(scheduledTime: string, fields: object = {}): object {
  const filled = TEMPLATE.replace('<aws.scheduler.schedule-arn>', 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/cleanup')
    .replace('<aws.scheduler.scheduled-time>', scheduledTime)
    .replace('<aws.scheduler.execution-id>', 'd32c5kddcf5bb8c3')
    .replace('<aws.scheduler.attempt-number>', '1');
  return { ...(JSON.parse(filled) as object), ...fields };
}

const at = (minutes: number): string => new Date(NOON + minutes * MINUTE_MS).toISOString().replace('.000Z', 'Z');

describe('what starts a run', () => {
  it.each<[string, unknown]>([
    ['the event of an EventBridge rule', { ...SCHEDULED, time: at(0) }],
    ['the input of EventBridge Scheduler', schedulerInput(at(0), { dryRun: false })],
    ['an empty event', {}],
    ['no event at all', null],
    ['a time with an offset', { scheduledTime: '2026-11-22T13:00:00+01:00' }],
  ])('is %s', async (_, event) => {
    const job = stage.addRunning('nb-old', 9);
    expect((await stage.run(event)).rules).toMatchObject([{ dryRun: false, started: 1 }]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('is the template of EventBridge Scheduler as it stands: a dry run, and nothing was killed', async () => {
    stage.addRunning('nb-old', 9);
    expect((await stage.run(schedulerInput(at(0)))).rules).toMatchObject([{ dryRun: true, started: 1 }]);
    await stage.idle();
    expectNoKill(stage);
  });

  it('names the hour: the same event again starts nothing, whoever sends it', async () => {
    stage.addRunning('nb-old', 9);
    const release = stage.hold();
    await stage.run({ ...SCHEDULED, time: at(0) });
    for (const event of [{ ...SCHEDULED, time: at(0) }, schedulerInput(at(0), { dryRun: false }), {}]) {
      expect((await stage.run(event)).rules).toMatchObject([{ started: 0, repeated: 1 }]);
    }
    release();
    await stage.idle();
    expect(stage.names()).toHaveLength(1);
  });

  it('names the hour in which the run was due, not the one in which it began', async () => {
    stage.clock.advanceTo(NOON + 5 * MINUTE_MS);
    stage.addRunning('nb-old', 9);
    const release = stage.hold();
    await stage.run({ scheduledTime: at(-1) });
    expect((await stage.run({ scheduledTime: at(0) })).rules).toMatchObject([{ started: 1, repeated: 0 }]);
    expect((await stage.run({ scheduledTime: at(-1) })).rules).toMatchObject([{ started: 0, repeated: 1 }]);
    release();
    await stage.idle();
  });
});

describe('a run that is late', () => {
  it.each<[string, () => unknown]>([
    ['by an EventBridge rule', () => ({ ...SCHEDULED, time: at(0) })],
    ['by EventBridge Scheduler', () => schedulerInput(at(0), { dryRun: false })],
  ])('more than 15 min, %s, is skipped and says so in the answer, the log and the channel; nothing was killed', async (_, event) => {
    stage.addRunning('nb-old', 9);
    stage.clock.advanceTo(NOON + 15 * MINUTE_MS + 1_000);
    const skipped = 'it started 15 min 1 s after its time, and 15 min are allowed';
    expect(await stage.run(event())).toEqual({ rules: [], unreadable: [], skipped });
    expect(stage.logged('cleanup skipped')).toMatchObject([{ skipped }]);
    expect(stage.posts()).toEqual([{ channel: CHANNEL, text: `*Cleanup skipped*: ${skipped}; nothing was killed`, threadTs: undefined }]);
    expect(stage.simulator.requests.filter(({ path }) => !path.startsWith('/api/'))).toEqual([]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('exactly 15 min still runs', async () => {
    stage.addRunning('nb-old', 9);
    stage.clock.advanceTo(NOON + 15 * MINUTE_MS);
    expect((await stage.run({ scheduledTime: at(0) })).rules).toMatchObject([{ started: 1 }]);
  });

  it('eleven years, as in the sample of AWS, is skipped too', async () => {
    stage.addRunning('nb-old', 9);
    expect((await stage.run(SCHEDULED)).skipped).toMatch(/^it started 4062 d/);
    expectNoKill(stage);
  });
});

describe('a run ahead of its time', () => {
  it('by more than 5 min is skipped: nothing was killed, and the hour that it names is still free', async () => {
    stage.addRunning('nb-old', 9);
    expect((await stage.run({ scheduledTime: at(6) })).skipped).toBe('its time is 6 min ahead, and 5 min are allowed');
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
    expect((await stage.run({ scheduledTime: at(5) })).rules).toMatchObject([{ started: 1 }]);
  });
});

describe('an event that cannot be read', () => {
  it.each<[string, unknown]>([
    ['text', 'scheduled-cleanup'],
    ['a number', 1],
    ['true', true],
    ['a list', [{ dryRun: false }]],
    ['a time that is none', { scheduledTime: 'soon' }],
    ['a time without a zone', { scheduledTime: '2026-11-22T12:00:00' }],
    ['a number as time', { time: NOON }],
    ['keywords that were not filled in', JSON.parse(TEMPLATE)],
    ['a rule event without its time', { ...SCHEDULED, time: undefined }],
    ['dryRun as text', { dryRun: 'true' }],
    ['dryRun as null', { dryRun: null }],
    ['a misspelled dryRun', { dry_run: true }],
    ['another misspelled dryRun', { dryrun: true }],
    ['a misspelled time', { scheduled_time: at(-600) }],
    ['the test event of the console', { key1: 'value1', key2: 'value2', key3: 'value3' }],
    ['another service', { Records: [{ EventSource: 'aws:sns' }] }],
    ['another kind of input', { kind: 'scheduled-report' }],
  ])('(%s) is an error, and nothing was killed', async (_, event) => {
    stage.addRunning('nb-old', 9);
    await expect(stage.run(event)).rejects.toThrow();
    await stage.idle();
    expect(stage.simulator.requests).toEqual([]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });
});
