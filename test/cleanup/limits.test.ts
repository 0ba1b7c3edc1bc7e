import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNoKill } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, DEV_ID, HOUR_MS, MINUTE_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

const BOTH = `${STALE}\n  - { name: dev-notebooks, cluster: dev, match: { name: "nb-*" }, action: kill }`;

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage();
});
afterEach(() => stage.close());

async function restart(...args: Parameters<typeof startCleanupStage>): Promise<void> {
  await stage.close();
  stage = await startCleanupStage(...args);
}

function addMany(stale: number, others: number, cluster_id?: string): void {
  const where = cluster_id === undefined ? {} : { cluster_id };
  for (let job = 0; job < stale; job++) stage.addRunning(`nb-${job}`, 9, where);
  for (let job = 0; job < others; job++) stage.addRunning(`etl-${job}`, 9, where);
}

/** What the channel was told of limits, apart from the reports. */
const notices = (): string[] => stage.posts().flatMap(({ text }) => (text.startsWith('Refused: ') ? [text] : []));

describe('percentOfRunning', () => {
  it.each([
    ['half of ten', 50, 5, 5],
    ['half of eleven, rounded down', 50, 5, 6],
    ['one at least, where the share is less than one', 10, 1, 3],
    ['all of them', 100, 4, 0],
  ])('lets through %s', async (_, percent, stale, others) => {
    await restart(cleanupPolicy(STALE, `limits: { percentOfRunning: ${percent} }`));
    addMany(stale, others);
    expect((await stage.run()).rules).toMatchObject([{ matched: stale, started: stale }]);
    await stage.idle();
    expect(stage.simulator.killed()).toHaveLength(stale);
    expect(notices()).toEqual([]);
  });

  it.each([
    ['half of ten', 50, 6, 4, '6 of the 10 running jobs of analytics were chosen and 50 percent (5) are allowed'],
    ['half of eleven', 50, 6, 5, '6 of the 11 running jobs of analytics were chosen and 50 percent (5) are allowed'],
    ['the one that is always allowed', 10, 2, 3, '2 of the 5 running jobs of analytics were chosen and 10 percent (1) are allowed'],
  ])('stops a run that is one over %s, whole: the report says so, and nothing was killed', async (_, percent, stale, others, reason) => {
    await restart(cleanupPolicy(STALE, `limits: { percentOfRunning: ${percent} }`));
    addMany(stale, others);
    expect((await stage.run()).rules).toMatchObject([{ matched: stale, started: 0, refused: { by: 'percentOfRunning', reason: expect.stringContaining(reason), jobs: stale } }]);
    await stage.idle();
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
    expect(stage.report().text).toBe(`*Cleanup*\n• \`stale-notebooks\`: ${stale} matched, 0 being killed, ${stale} refused by percentOfRunning\n   ${reason}, so none of them is killed; if so many are meant, change limits: in policy.yml`);
    expect(notices()).toEqual([`Refused: percentOfRunning. ${reason}, so none of them is killed; if so many are meant, change limits: in policy.yml`]);
  });

  it('counts each cluster by itself; one that is over stops the whole run', async () => {
    await restart(cleanupPolicy(BOTH));
    addMany(1, 9);
    addMany(2, 1, DEV_ID);
    expect((await stage.run()).rules).toMatchObject([
      { rule: 'stale-notebooks', started: 0, refused: { by: 'percentOfRunning', jobs: 1 } },
      { rule: 'dev-notebooks', started: 0, refused: { reason: expect.stringContaining('2 of the 3 running jobs of dev') } },
    ]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('takes only jobs that run as running', async () => {
    addMany(2, 1);
    for (let job = 0; job < 9; job++) stage.simulator.addJob({ job_name: `waiting-${job}`, job_state: 'ACCEPTED' });
    expect((await stage.run()).rules).toMatchObject([{ refused: { reason: expect.stringContaining('2 of the 3 running jobs') } }]);
    expectNoKill(stage);
  });

  it('counts what dies slowly by an earlier run: more at once than the share is what it keeps from', async () => {
    await restart(cleanupPolicy(STALE), { killDelayMs: 50 * MINUTE_MS }); // they die slowly
    const release = stage.hold();
    addMany(3, 3);
    expect((await stage.run()).rules).toMatchObject([{ started: 3 }]);
    stage.addRunning('nb-late', 9);
    expect((await stage.run()).rules).toMatchObject([{ matched: 4, started: 0, refused: { by: 'percentOfRunning' } }]);
    release();
    await stage.idle();
  });
});

describe('perDelivery and perHour', () => {
  it.each([
    ['perDelivery', 'limits: { perDelivery: 2, percentOfRunning: 100 }', 'this delivery would start 3 kills and 2 are allowed'],
  ])('%s: one over stops the run, whole, and nothing was killed', async (by, limits, reason) => {
    await restart(cleanupPolicy(STALE, limits));
    addMany(3, 0);
    expect((await stage.run()).rules).toMatchObject([{ matched: 3, started: 0, refused: { by, jobs: 3, reason: expect.stringContaining(reason) } }]);
    await stage.idle();
    expect(notices()).toEqual([expect.stringContaining(reason)]);
    expectNoKill(stage);
  });

  it.each(['limits: { perDelivery: 3, percentOfRunning: 100 }', 'limits: { perHour: 3, percentOfRunning: 100 }'])('%s lets three through', async (limits) => {
    await restart(cleanupPolicy(STALE, limits));
    addMany(3, 0);
    expect((await stage.run()).rules).toMatchObject([{ started: 3 }]);
  });

  it('perHour is judged before each kill, of alerts and cleanup together: as many as it allows are killed, and no more', async () => {
    await restart(cleanupPolicy(STALE, 'limits: { perHour: 2, percentOfRunning: 100 }\nalerts: [{ match: { alertname: MrsJobStuck }, action: kill }]'));
    const job = stage.addRunning('etl', 1);
    await stage.alert({ alertname: 'MrsJobStuck', job_id: job.job_id });
    await stage.idle();
    addMany(2, 0);
    expect((await stage.run()).rules).toMatchObject([{ started: 2 }]);
    await stage.idle();
    expect(stage.outcomes().toSorted()).toEqual(['killed', 'killed', 'refused']);
    expect(stage.simulator.killed()).toHaveLength(2);
    expect(stage.simulator.killed()).toContain(job.job_id);
    expect(stage.posts().map(({ text }) => text)).toContainEqual(expect.stringMatching(/^Refused: perHour/));
  });

  it('the channel is told of a limit once an hour, the report each time', async () => {
    await restart(cleanupPolicy(STALE, 'limits: { perDelivery: 2, percentOfRunning: 100 }'));
    addMany(3, 0);
    for (const minutes of [0, 20, 40]) {
      stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
      await stage.run();
      await stage.idle();
    }
    expect([notices().length, stage.reports().length]).toEqual([1, 3]);
    stage.clock.advanceTo(NOON + HOUR_MS);
    await stage.run();
    await stage.idle();
    expect(notices()).toHaveLength(2);
    expectNoKill(stage);
  });

  it('that cannot be read start nothing: each job is said to have failed, and the next run starts them', async () => {
    addMany(2, 4);
    stage.lambda.script = () => 'hang-up';
    expect((await stage.run()).rules).toMatchObject([{ matched: 2, started: 0, failed: 2 }]);
    stage.lambda.script = () => undefined;
    expect(stage.report().text).toBe('*Cleanup*\n• `stale-notebooks`: 2 matched, 0 being killed, 2 could not be started');
    expectNoKill(stage);
    expect((await stage.run()).rules).toMatchObject([{ started: 2, failed: 0 }]);
  });
});

describe('runs that meet', () => {
  it('at the same moment start each job once', async () => {
    addMany(4, 4);
    const reports = await Promise.all([stage.run(), stage.run(), stage.run()]);
    const sum = (of: 'started' | 'repeated'): number => reports.reduce((total, { rules }) => total + (rules[0]?.[of] ?? 0), 0);
    expect([sum('started'), sum('repeated')]).toEqual([4, 8]);
    await stage.idle();
    expect(stage.names()).toHaveLength(4);
    expect(stage.simulator.killed()).toHaveLength(4);
    expect(stage.simulator.kills()).toHaveLength(4);
  });

  it('in one hour start a job once, in the next hour again if it still fits', async () => {
    stage.addRunning('nb-stubborn', 9, { ignoresKill: true });
    stage.addRunning('etl', 1);
    const release = stage.hold();
    await stage.run({ scheduledTime: '2026-11-22T12:00:00Z' });
    stage.clock.advanceTo(NOON + 14 * MINUTE_MS);
    expect((await stage.run({ scheduledTime: '2026-11-22T12:00:00Z' })).rules).toMatchObject([{ matched: 1, started: 0, repeated: 1 }]);
    expect(stage.reports().at(-1)?.text).toBe('*Cleanup*\n• `stale-notebooks`: 1 matched, 0 being killed, 1 already handled');
    stage.clock.advanceTo(NOON + HOUR_MS);
    expect((await stage.run({ scheduledTime: '2026-11-22T13:00:00Z' })).rules).toMatchObject([{ started: 1, repeated: 0 }]);
    release();
    await stage.idle();
    expect(stage.names()).toHaveLength(2);
  });

  it('after one that died in the middle: the repeat of its event starts only what is missing', async () => {
    addMany(4, 4);
    let starts = 0;
    // The third start and those after it never reach the engine: who starts has died.
    stage.lambda.script = ({ on }) => (on === 'start' && ++starts > 2 ? { status: 500, type: 'ServiceException' } : undefined);
    const event = { scheduledTime: '2026-11-22T12:00:00Z' };
    await stage.run(event).catch(() => undefined);
    await stage.idle();
    expect(stage.simulator.killed()).toHaveLength(2);
    stage.lambda.script = () => undefined;
    // Those are dead by now: what is left is still there.
    expect((await stage.run(event)).rules).toMatchObject([{ matched: 2, started: 2, repeated: 0 }]);
    await stage.idle();
    expect(stage.simulator.killed()).toHaveLength(4);
    expect(stage.simulator.kills()).toHaveLength(4);
    expect(stage.names()).toHaveLength(4);
  });

  it('after one that died before its report was updated: nothing is killed twice, and the repeat reports', async () => {
    stage.addRunning('nb-old', 9, { logCopyMs: HOUR_MS });
    const release = stage.hold();
    const event = { scheduledTime: '2026-11-22T12:00:00Z' };
    stage.simulator.fault({ on: 'slack', when: ({ path }) => path.endsWith('chat.update'), hangUp: true });
    await stage.run(event);
    expect((await stage.run(event)).rules).toMatchObject([{ matched: 1, started: 0, repeated: 1 }]);
    release();
    await stage.idle();
    expect(stage.names()).toHaveLength(1);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.reports().map(({ text }) => text)).toEqual([
      '*Cleanup begins*\n• `stale-notebooks`: 1 matched',
      '*Cleanup*\n• `stale-notebooks`: 1 matched, 0 being killed, 1 already handled',
    ]);
  });
});
