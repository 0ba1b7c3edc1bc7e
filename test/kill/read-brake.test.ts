import { describe, expect, it } from '@jest/globals';
import type { Brake } from '../../lib/core/decide.ts';
import { type Braked, readBrake, readKeep, readKeeps, readKeptBy } from '../../lib/kill/brake.ts';
import { type Kept, keptKey, resolvedKey, SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import type { Ledger, PutEntry } from '../../lib/ledger/port.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import type { Paused } from '../../lib/settings/references.ts';
import { aRun, entryOf } from './a-run.ts';

const UNREADABLE: Brake = { rule: 'paused', reason: 'the off switch could not be read, so it counts as on; look at /health' };
const RULE = { name: 'stale' };
const SEEN = { cluster: 'c', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
const keep = (job_id: string, hours: number, by: string, round = 1): PutEntry => {
  const value: Kept = { at: NOON, until: NOON + hours * HOUR_MS, usedMs: 1, by, rule: 'stale', job: { ...SEEN, job_id } };
  return { ...entryOf(keptKey(job_id, RULE, 'w', round), value), until: value.until };
};
const alert: Braked = { trigger: 'alerts', occurrence: 'o-1' };
const cleanup: Braked = { trigger: 'cleanup' };
const first = { name: 'first', start: 1 };
const keeps = [keep('j', 1, 'U1'), keep('j', 3, 'U3', 2), keep('j', 2, 'U2', 3), keep('j2', 9, 'U9'), entryOf(keptKey('j', RULE, 'torn', 1), 'torn')];

type Plan = { stands?: PutEntry[]; paused?: (reads: number) => Paused; forMs?: number; skippedMs?: number; now?: number };
async function read(request: Braked, { stands = [], paused = () => false, forMs = 0, skippedMs, now = NOON }: Plan = {}, jobId: string | undefined = 'j') {
  const run = await aRun({ stands });
  await run.ledger.claim(switchKey, { owner: SWITCH_OWNER, start: 1, until: NOON - 1 }, { now: NOON - 2 });
  let reads = 0;
  run.clock.advanceTo(now);
  const clock = skippedMs === undefined ? run.clock : { ...run.clock, skippedMs: () => skippedMs };
  const brake = await readBrake({ ledger: run.ledger, clock, readPaused: () => paused(++reads) }, request, jobId, forMs);
  return { brake, sleeps: run.clock.sleeps, reads };
}

describe('what holds a kill back', () => {
  it.each<[what: string, request: Braked, plan: Plan, brake: Brake | undefined]>([
    ['nothing', alert, {}, undefined],
    ['the setting', alert, { paused: () => true }, { rule: 'paused', reason: 'the off switch is on; set PAUSED to false to kill again' }],
    ['a pause, where the clock was set forward over its end', alert, { skippedMs: HOUR_MS, stands: [entryOf(switchKey, 'x')] }, { rule: 'paused', reason: 'the off switch is on until 2026-03-10 12:00 UTC; /mrs resume ends it' }],
    ['an alert that was resolved', alert, { stands: [entryOf(resolvedKey('o-1'), { at: NOON })] }, { rule: 'resolved', reason: 'the alert was resolved at 2026-03-01 12:00 UTC; to kill the job all the same, use /mrs kill' }],
    ['an alert that was resolved, nobody knows when', alert, { stands: [entryOf(resolvedKey('o-1'), 'torn')] }, { rule: 'resolved', reason: 'the alert was resolved; to kill the job all the same, use /mrs kill' }],
    ['no other alert', { trigger: 'alerts' }, { stands: [entryOf(resolvedKey('o-1'), { at: NOON })] }, undefined],
    ['the latest keep, for cleanup', cleanup, { stands: keeps }, { rule: 'kept', reason: 'kept until 2026-03-01 15:00 UTC by U3' }],
    ['a keep, for the child of a pick', { ...alert, pickedBy: first }, { stands: keeps }, { rule: 'kept', reason: 'kept until 2026-03-01 15:00 UTC by U3' }],
    ['a keep, for a warning', { ...alert, warns: true }, { stands: keeps }, { rule: 'kept', reason: 'kept until 2026-03-01 15:00 UTC by U3' }],
    ['a keep, for the kill that a warning came to', { ...alert, warning: { first, round: 1, usedMs: 0 } }, { stands: keeps }, { rule: 'kept', reason: 'kept until 2026-03-01 15:00 UTC by U3' }],
    ['no keep, for who clicked Kill now', { ...alert, warning: { first, round: 1, usedMs: 0, killNow: true } }, { stands: keeps }, undefined],
    ['no keep, for an alert that names the job', alert, { stands: keeps }, undefined],
    ['no keep that is over', cleanup, { stands: [keep('j', 1, 'U1')], now: NOON + HOUR_MS + 1 }, undefined],
    ['a keep, where the clock was set forward over its end', cleanup, { stands: [keep('j', 1, 'U1')], now: NOON + HOUR_MS + 1, skippedMs: 1 }, { rule: 'kept', reason: 'kept until 2026-03-01 13:00 UTC by U1' }],
  ])('%s', async (_, request, plan, brake) => expect((await read(request, plan)).brake).toEqual(brake));

  it('is asked of no keep where it is not known which job is meant', async () => {
    const run = await aRun({ stands: keeps });
    expect(await readBrake({ ledger: run.ledger, clock: run.clock, readPaused: () => false }, cleanup, undefined, 0)).toBeUndefined();
    expect(run.ledger.calls.map(({ on }) => on)).toEqual(['get']);
  });
});

describe('what cannot be read', () => {
  const failing = (times: number) => (reads: number): Paused => (reads <= times ? 'unreadable' : false);

  it.each<[what: string, times: number, forMs: number, sleeps: number[], brake: Brake | undefined]>([
    ['counts as on at once where nobody waits', 1, 0, [], UNREADABLE],
    ['is read again after growing pauses', 6, 60_000, [100, 200, 400, 800, 1_600, 2_500], undefined],
    ['is read a last time when the time is up, and then counts as on', 9, 1_000, [100, 200, 400, 300], UNREADABLE],
    ['is read a last time when the time is up, and may go well', 4, 1_000, [100, 200, 400, 300], undefined],
  ])('%s', async (_, times, forMs, sleeps, brake) => {
    expect(await read(alert, { paused: failing(times), forMs })).toEqual({ brake, sleeps, reads: sleeps.length + 1 });
  });

  it('of the ledger counts as on too', async () => {
    const run = await aRun();
    run.ledger.script = () => 'fails';
    expect(await readBrake({ ledger: run.ledger, clock: run.clock, readPaused: () => false }, alert, 'j', 0)).toEqual(UNREADABLE);
  });

  it('is given a second for the last try, and a bug is thrown', async () => {
    const run = await aRun();
    const deadlines: unknown[] = [];
    const ledger: Ledger = { ...run.ledger, get: (keys, call) => (deadlines.push(call.deadline), run.ledger.get(keys, call)) };
    const parts = { ledger, clock: run.clock, readPaused: () => false };
    await readBrake(parts, alert, 'j', 5_000);
    expect(deadlines).toEqual([NOON + 6_000]);
    await expect(readBrake({ ...parts, readPaused: () => Promise.reject(new TypeError('a bug')) }, alert, 'j', 0)).rejects.toThrow('a bug');
  });

  it('is spread over twice its pause', async () => {
    const run = await aRun();
    await readBrake({ ledger: run.ledger, clock: { ...run.clock, random: () => 1 }, readPaused: failing(2).bind(undefined, 1) }, alert, 'j', 500);
    expect(run.clock.sleeps).toEqual([200, 300]);
  });
});

describe('who keeps a job', () => {
  it('is told by the latest of its keeps, of one job or of all', async () => {
    const { ledger } = await aRun({ stands: keeps });
    expect(await readKeep(ledger, 'j', { now: NOON })).toMatchObject({ by: 'U3' });
    expect(await readKeep(ledger, 'x', { now: NOON })).toBeUndefined();
    expect([...(await readKeeps(ledger, NOON))].map(([id, { by }]) => [id, by])).toEqual([['j', 'U3'], ['j2', 'U9']]);
  });

  it('is said on the card of a kill that no keep holds back, where it can be read', async () => {
    const run = await aRun({ stands: keeps });
    expect(await readKeptBy(run, alert, 'j')).toEqual({ until: NOON + 3 * HOUR_MS, by: 'U3' });
    expect(await readKeptBy(run, alert, 'x')).toBeUndefined();
    expect(await readKeptBy(run, cleanup, 'j')).toBeUndefined();
    run.ledger.script = () => 'fails';
    expect(await readKeptBy(run, alert, 'j')).toBeUndefined();
    const broken = { ...run, ledger: { ...run.ledger, list: () => Promise.reject(new TypeError('a bug')) } };
    await expect(readKeptBy(broken, alert, 'j')).rejects.toThrow('a bug');
  });
});
