import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { dayKey, runJob, startBegan, startHandedOn } from '../../lib/ledger/keys.ts';
import { handOn, type Next, startHanded } from '../../lib/warn/hand-on.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { entryOf, ID } from '../kill/a-run.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aWarning, DAY_MS, FIRST, JOB, type PlayedWarning, RULE, SECOND, wished } from './a-warning.ts';

const BEGAN = NOON - HOUR_MS;
const TARGET = { cluster: ANALYTICS.id, job: { by: 'mrs-id', id: JOB.job_id } };
const same = { killId: 'kill-1', trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'stale', action: 'kill', dryRun: false, policyRule: 'stale', rule: RULE, target: TARGET };
const extras: Partial<KillRequest> = { onlyIf: { queue: 'adhoc' }, thread: { channel: 'C1', ts: '1' } };
const handsOn = ({ parts }: PlayedWarning, next: Next, request: Partial<KillRequest> = {}) => handOn(parts, wished({ ...extras, ...request }), { began: BEGAN, job: JOB }, next);

describe('a warning hands on', () => {
  it.each<[what: string, next: Next, request: Partial<KillRequest>, to: string, handed: object]>([
    ['to the next round', { what: 'round', usedMs: 7 }, {}, 'round-2', { ...same, receivedAt: NOON, warns: true, warning: { first: ID, usedMs: 7, round: 2 } }],
    ['to the round after the second', { what: 'round', usedMs: 8 }, { warning: SECOND }, 'round-3', { ...same, receivedAt: NOON, warns: true, warning: { first: FIRST, usedMs: 8, round: 3 } }],
    ['to the kill, when its time is up', { what: 'kill', usedMs: 7, endedAt: NOON - 5 }, {}, 'kill-1', { ...same, receivedAt: NOON - 5, warning: { first: ID, usedMs: 7, round: 1 } }],
    ['to the kill of the second round', { what: 'kill', usedMs: 7, endedAt: NOON - 5 }, { warning: SECOND }, 'kill-2', { ...same, receivedAt: NOON - 5, warning: { first: FIRST, usedMs: 7, round: 2 } }],
    ['to the kill that a person asked for', { what: 'kill', usedMs: 7, endedAt: NOON - 5, by: 'U1' }, { action: 'ask', dryRun: true }, 'kill-1', {
      ...same, receivedAt: NOON - 5, warning: { first: ID, usedMs: 7, round: 1, killNow: true }, trigger: 'slack', requestedBy: 'U1', reason: 'cleanup rule stale', person: 'U1', confirmedBy: 'U1',
    }],
  ])('%s, on record before it is started', async (_, next, request, to, handed) => {
    const run = await aWarning();
    expect(await handsOn(run, next, request)).toBeUndefined();
    expect(run.handed).toEqual([handed]);
    const keys = [startHandedOn(ID.name, 1, to), dayKey(BEGAN, ID.name, 'handed')];
    expect(await run.ledger.get(keys, { now: NOON })).toEqual([
      { key: keys[0], value: { at: NOON, to, request: handed }, until: NOON + (0.5 + 2) * HOUR_MS + 15 * DAY_MS },
      { key: keys[1], value: { at: NOON, to }, until: NOON + 30 * DAY_MS },
    ]);
    expect([run.budgets, run.trail]).toEqual([{ handed: 1_800, 'hand-on': 900 }, ['handed', 'hand-on']]);
  });

  it('by the cluster that the job was found in', async () => {
    const seen = { cluster: 'c-old', job_id: 'j', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
    const run = await aWarning({ stands: [entryOf(runJob(ID.name), seen)] });
    await handsOn(run, { what: 'round', usedMs: 0 });
    expect(run.handed[0]?.target).toEqual({ ...TARGET, cluster: 'c-old' });
  });

  it('nothing where the ledger is away', async () => {
    const run = await aWarning();
    run.ledger.script = ({ on }) => (on === 'put' ? 'fails' : undefined);
    expect(await handsOn(run, { what: 'kill', usedMs: 0, endedAt: NOON })).toMatchObject({ outcome: 'failed', code: 'ledger', job: JOB });
    expect(run.handed).toEqual([]);
  });
});

describe('what could not be started', () => {
  const handed = wished({ warning: { first: FIRST, round: 3, usedMs: 0 } });
  const end = { outcome: 'failed', code: 'not_started', reason: 'the next step after the warning could not be started: no room; nothing was killed' };
  const onStart = (): never => {
    throw new Error('no room');
  };
  it('is an end, with the job where that is known', async () => {
    const run = await aWarning({ onStart });
    expect([await startHanded(run.parts, handed, JOB), await startHanded(run.parts, handed)]).toEqual([{ ...end, job: JOB }, end]);
    expect([run.budgets, run.ledger.calls.map(({ on, partitions }) => [on, ...partitions])[0]]).toEqual([{ 'hand-on': 900, 'handed-there': 1_800 }, ['get', 'start/round-3']]);
  });

  it('has begun all the same, where its start is on record', async () => {
    const run = await aWarning({ onStart, stands: [entryOf(startBegan('round-3', 1), { at: NOON })] });
    expect(await startHanded(run.parts, handed, JOB)).toBeUndefined();
    run.ledger.script = () => 'fails';
    expect(await startHanded(run.parts, handed, JOB)).toEqual({ ...end, job: JOB });
  });
  it('is not asked for where it was started', async () => {
    const run = await aWarning();
    expect([await startHanded(run.parts, handed), run.trail]).toEqual([undefined, ['hand-on']]);
  });
});
