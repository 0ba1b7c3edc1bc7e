import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openEntries } from '../../lib/kill/remember.ts';
import { noKey, startBegan, startCard, startChoice, startHandedOn } from '../../lib/ledger/keys.ts';
import { aRequest, HOUR_MS } from '../core/a-job.ts';
import { expectNoKill } from '../stage/slack.ts';
import { type CleanupStage, MINUTE_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage();
});
afterEach(() => stage.close());

const NAME = `slack-live-${'0'.repeat(32)}`;

/** A request whose run began at noon, and of which nothing more was heard. */
async function begun(): Promise<void> {
  await stage.ledger.put(openEntries({ name: NAME, start: 2 }, aRequest({ trigger: 'alerts', requestedBy: 'generic alert MrsJobStuck' }), { began: NOON, since: NOON }));
}

async function cleanAt(minutes: number): Promise<string[]> {
  stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
  await stage.run();
  await stage.idle();
  return stage.backend.list({ oldestFirst: true }).map(({ name }) => name);
}

describe('a start that left no End', () => {
  it('is closed by the run of cleanup that finds it dead, once, said in the channel, and nothing was killed', async () => {
    await begun();
    expect([await cleanAt(10 * 60), await cleanAt(10 * 60 + 11), await cleanAt(11 * 60)]).toEqual([[], [`end-${NAME}-2`], [`end-${NAME}-2`]]);
    const ends = stage.logged('kill request ended');
    expect(ends).toMatchObject([{ level: 'audit', requested_by: 'generic alert MrsJobStuck', outcome: 'failed', code: 'TIMED_OUT' }]);
    expect(stage.posts().map(({ text }) => text)).toContainEqual(expect.stringMatching(/^Failed: /));
    expectNoKill(stage);
  });

  it.each([24, 34, 35.5])('is closed by a run %d h later, too, where runs come once a day', async (hours) => {
    await begun();
    expect(await cleanAt(hours * 60)).toEqual([expect.stringMatching(new RegExp(`^end-${NAME}-2(?:-\\d)?$`))]);
    expectNoKill(stage);
  });

  it('is closed where it had chosen its jobs and handed on none, however many starts came after it', async () => {
    await begun();
    await stage.ledger.put([
      { key: startChoice(NAME, 2), value: { at: NOON, jobs: [] }, until: NOON + 1_000 * HOUR_MS },
      { key: startBegan(NAME, 3), value: { at: NOON + HOUR_MS, since: NOON }, until: NOON + 1_000 * HOUR_MS },
    ]);
    expect(await cleanAt(11 * 60)).toEqual([`end-${NAME}-2`]);
    expect(stage.logged('kill request ended')).toMatchObject([{ outcome: 'failed', code: 'TIMED_OUT' }]);
    expectNoKill(stage);
  });

  it('is left alone where it handed on to what it chose: their ends are its end', async () => {
    await begun();
    await stage.ledger.put([{ key: startHandedOn(NAME, 2, 'job'), value: { at: NOON, to: 'child' }, until: NOON + 1_000 * HOUR_MS }]);
    expect(await cleanAt(11 * 60)).toEqual([]);
    expectNoKill(stage);
  });

  it('and whose card only told people leaves its job alone still, for as long as its rule wants', async () => {
    const rule = { name: 'idle', askAgainMs: 24 * HOUR_MS };
    const request = aRequest({ trigger: 'cleanup', action: 'notify', rule, target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job' } } });
    await stage.ledger.put([
      ...openEntries({ name: NAME, start: 2 }, request, { began: NOON, since: NOON }),
      { key: startCard(NAME, 2, 'C1', '1.2'), value: { channel: 'C1', ts: '1.2' }, until: NOON + 1_000 * HOUR_MS },
    ]);
    await stage.ledger.claim(noKey(rule, 'job', false), { owner: NAME, start: 2, until: NOON + 24 * HOUR_MS, value: { at: NOON, what: 'told' } }, { now: NOON });
    expect(await cleanAt(11 * 60)).toEqual([`end-${NAME}-2`]);
    const [no] = await stage.ledger.get([noKey(rule, 'job', false)], { now: NOON + 24 * HOUR_MS });
    expect(no).toMatchObject({ owner: NAME, until: NOON + 24 * HOUR_MS, value: { what: 'told' } });
    expectNoKill(stage);
  });

  it('is left to the next run where the ledger or Lambda cannot be had, which keeps nothing from cleaning up', async () => {
    await begun();
    const job = stage.addRunning('nb-1', 9);
    stage.ledger.script = ({ by, partitions }) => (by === 'cleanup' && partitions.some((partition) => partition.startsWith('day/')) ? 'fails' : undefined);
    await cleanAt(10 * 60 + 11);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.logged('starts that left no end could not be closed')).toHaveLength(1);
    stage.ledger.script = () => undefined;
    expect(await cleanAt(11 * 60)).toContain(`end-${NAME}-2`);
  });
});
