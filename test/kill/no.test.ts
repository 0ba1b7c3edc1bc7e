import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { holdJob, rememberTold, settleNo } from '../../lib/kill/no.ts';
import { type No, noKey, noOfOccurrenceKey } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, ID, type PlayedRun } from './a-run.ts';

const DAY_MS = 24 * HOUR_MS;
const MINUTE_MS = 60_000;
const JOB = aJob();
const RULE = { name: 'stale', askAgainMs: DAY_MS };
const OTHER = 'cleanup-live-9';
const OF_RULE = noKey(RULE, JOB.job_id, false);
const OF_OCCURRENCE = noOfOccurrenceKey(RULE, JOB.job_id, 'o-1', false);

/** Requests by whether, and where, a no to them is remembered. */
const cleanup = aRequest({ trigger: 'cleanup', rule: RULE, policyRule: 'stale' });
const child = aRequest({ trigger: 'alerts', rule: RULE, occurrence: 'o-1', pickedBy: { name: 'p', start: 1 } });
const warning = aRequest({ trigger: 'alerts', rule: RULE, occurrence: 'o-1', warns: true });
const alert = aRequest({ trigger: 'alerts', rule: RULE, policyRule: 'stale', occurrence: 'o-1' });
const notice = aRequest({ trigger: 'cleanup', rule: RULE, action: 'notify' });

const PLACES: [what: string, request: KillRequest, key: Key | undefined, forMs: number][] = [
  ['of cleanup for its rule', cleanup, OF_RULE, DAY_MS],
  ['of the child of a pick for its rule', child, OF_RULE, DAY_MS],
  ['of a warning for its rule', warning, OF_RULE, DAY_MS],
  ['of an alert that names its job for its occurrence', alert, OF_OCCURRENCE, 14 * DAY_MS],
  ['of a dry run under a key of its own', { ...cleanup, dryRun: true }, noKey(RULE, JOB.job_id, true), DAY_MS],
  ['of an alert in a dry run under a key of its own', { ...alert, dryRun: true }, noOfOccurrenceKey(RULE, JOB.job_id, 'o-1', true), 14 * DAY_MS],
  ['of an alert without an occurrence nowhere', { ...alert, occurrence: undefined }, undefined, 0],
  ['of an alert that only tells people nowhere', { ...alert, action: 'notify' }, undefined, 0],
  ['of a person nowhere', aRequest({ trigger: 'slack' }), undefined, 0],
  ['of cleanup without a rule nowhere', aRequest({ trigger: 'cleanup' }), undefined, 0],
];

/** Who holds the job under that key, until when (ms after noon), with what. */
async function standing({ ledger, clock }: PlayedRun, key: Key): Promise<object | undefined> {
  const [entry] = await ledger.get([key], { now: clock.now() });
  return entry && { owner: entry.owner, until: entry.until - NOON, ...(entry.value !== undefined && { value: entry.value }) };
}
const claimed = ({ ledger }: PlayedRun, key: Key, more: { owner?: string; start?: number; until?: number; value?: No } = {}) => ledger.claim(key, { owner: OTHER, start: 1, until: NOON + HOUR_MS, ...more }, { now: NOON });
const endAs = (fields: Partial<End>): End => ({ outcome: 'declined', reason: '', job: JOB, ...fields });

describe('a job that people are about to be asked about', () => {
  it.each(PLACES)('%s is held before: for as long as that may take, and an hour', async (_, request, key) => {
    const run = await aRun();
    expect(await holdJob(run.parts, request, JOB, 10 * MINUTE_MS)).toBeUndefined();
    expect(run.ledger.calls).toHaveLength(key ? 1 : 0);
    if (key) expect(await standing(run, key)).toEqual({ owner: ID.name, until: 70 * MINUTE_MS });
  });

  it('is held by all rounds of its warning as by the first', async () => {
    const run = await aRun();
    await holdJob(run.parts, { ...warning, warning: { first: { name: 'first', start: 3 }, round: 2, usedMs: 0 } }, JOB, 0);
    expect(await standing(run, OF_RULE)).toMatchObject({ owner: 'first' });
  });

  it.each<[what: string, request: KillRequest, value: No | undefined, end: object]>([
    ['is asked about by another', cleanup, undefined, { reason: 'repeat: stale is asking about nightly-etl already' }],
    ['is asked about by another of a rule without a name', child, undefined, { reason: 'repeat: this rule is asking about nightly-etl already' }],
    ['was not to be killed', cleanup, { at: NOON, what: 'declined', by: 'U1' }, { reason: 'repeat: stale leaves nightly-etl alone: declined by U1, until 2026-03-01 13:00 UTC' }],
    ['is asked about for the same occurrence: it ends as that', alert, undefined, { reason: 'repeat: stale is asking about nightly-etl already', of: { name: OTHER, start: 1 } }],
  ])('%s, so nobody is asked, and nothing was killed', async (_, request, value, end) => {
    const run = await aRun();
    const key = request === alert ? OF_OCCURRENCE : OF_RULE;
    await claimed(run, key, value && { value });
    expect(await holdJob(run.parts, request, JOB, 0)).toEqual({ outcome: 'refused', rule: 'repeat', job: JOB, ...end });
    expect(await standing(run, key)).toMatchObject({ owner: OTHER });
    expect(run.posts).toEqual([]);
  });

  it('cannot be held: nobody is asked, and nothing was killed', async () => {
    const run = await aRun();
    run.ledger.script = () => 'fails';
    expect(await holdJob(run.parts, cleanup, JOB, 0)).toMatchObject({ outcome: 'failed', code: 'ledger', job: JOB });
    expect(run.ledger.calls).toHaveLength(3);
    expect(run.posts).toEqual([]);
  });
});

describe('when a request ends', () => {
  const settled = async (request: KillRequest, end: End, { isHeld = true, isSeen = true, key = OF_RULE } = {}): Promise<object | undefined> => {
    const run = await aRun();
    if (isHeld) await claimed(run, key, { owner: ID.name });
    await settleNo(run.parts, request, end, { isHeld, isSeen });
    return standing(run, key);
  };

  it.each(PLACES.filter(([, , key]) => key))('a no %s is remembered', async (_, request, key, forMs) => {
    expect(await settled(request, endAs({ answeredBy: 'U1' }), { key: key as Key })).toEqual({ owner: ID.name, until: forMs, value: { at: NOON, what: 'declined', by: 'U1' } });
  });

  it.each<[what: string, request: KillRequest, end: Partial<End>, isSeen: boolean, word: string | undefined]>([
    ['a no is remembered also where nobody knows whose', cleanup, {}, true, 'declined'],
    ['that nobody answered is remembered', cleanup, { outcome: 'expired' }, true, 'nobody answered'],
    ['that nobody answered what nobody saw is not', cleanup, { outcome: 'expired' }, false, undefined],
    ['that it was too late after a yes is not', cleanup, { outcome: 'expired', answeredBy: 'U1' }, true, undefined],
    ['a warning that was played is remembered', warning, { outcome: 'would-kill' }, true, 'played'],
    ['a warning that was played and nobody saw is not', warning, { outcome: 'would-kill' }, false, undefined],
    ['another dry run is not', cleanup, { outcome: 'would-kill' }, true, undefined],
    ['a pick remembers a job that outlived its kill', child, { outcome: 'still-running' }, true, 'still running after a kill'],
    ['cleanup does not', cleanup, { outcome: 'still-running' }, true, undefined],
    ['a pick remembers a job that is protected', child, { outcome: 'refused', rule: 'protected' }, true, 'protected'],
    ['a pick remembers a job of SparkSql', child, { outcome: 'refused', rule: 'SparkSql' }, true, 'SparkSql'],
    ['a pick does not remember what passes', child, { outcome: 'refused', rule: 'paused' }, true, undefined],
    ['cleanup does not remember a job that is protected', cleanup, { outcome: 'refused', rule: 'protected' }, true, undefined],
    ['a kill is not', cleanup, { outcome: 'killed' }, true, undefined],
    ['a failure is not', cleanup, { outcome: 'failed' }, true, undefined],
    ['of one occurrence only a no is, not that nobody answered', alert, { outcome: 'expired' }, true, undefined],
  ])('%s, else the job is given back', async (_, request, end, isSeen, word) => {
    const key = request === alert ? OF_OCCURRENCE : OF_RULE;
    expect(await settled(request, endAs(end), { isSeen, key })).toEqual(word === undefined ? undefined : { owner: ID.name, until: DAY_MS, value: { at: NOON, what: word } });
  });

  it('a no is remembered in one call though nobody held the job, and what says nothing makes no call', async () => {
    const run = await aRun();
    await settleNo(run.parts, cleanup, endAs({ outcome: 'killed' }), { isHeld: false, isSeen: true });
    expect(run.ledger.calls).toEqual([]);
    await settleNo(run.parts, cleanup, endAs({}), { isHeld: false, isSeen: true });
    expect(run.ledger.calls.map(({ on }) => on)).toEqual(['claim']);
  });

  it('a no without a job is remembered for the one that was asked for by its id, and for nobody else', async () => {
    const { job: _job, ...end } = endAs({});
    expect(await settled(cleanup, end)).toMatchObject({ value: { what: 'declined' } });
    for (const job of [{ by: 'name', name: 'etl' }, { by: 'yarn-id', id: JOB.app_id }] as const) {
      const run = await aRun();
      await settleNo(run.parts, { ...cleanup, target: { job } }, end, { isHeld: true, isSeen: true });
      expect(run.ledger.calls).toEqual([]);
    }
  });

  it('what only told people stays remembered as it is where its card stood, and is given back where none did', async () => {
    expect(await settled(notice, endAs({ outcome: 'notified' }))).toEqual({ owner: ID.name, until: HOUR_MS });
    expect(await settled(notice, endAs({ outcome: 'failed' }), { isSeen: false })).toBeUndefined();
  });

  it('a no is remembered for as long as the rule says, to the ms, though the job was held for longer', async () => {
    const run = await aRun();
    await claimed(run, OF_RULE, { owner: ID.name, until: NOON + 9 * DAY_MS });
    await settleNo(run.parts, cleanup, endAs({}), { isHeld: true, isSeen: true });
    expect(await standing(run, OF_RULE)).toEqual({ owner: ID.name, until: DAY_MS, value: { at: NOON, what: 'declined' } });
    await run.ledger.release(OF_RULE, ID.name, 1); // one that comes late
    expect(await standing(run, OF_RULE)).toMatchObject({ until: DAY_MS });
  });

  it('another\'s claim stays as it is', async () => {
    const run = await aRun();
    await claimed(run, OF_RULE, { until: NOON + 9 * DAY_MS });
    await settleNo(run.parts, cleanup, endAs({}), { isHeld: true, isSeen: true });
    expect(await standing(run, OF_RULE)).toEqual({ owner: OTHER, until: 9 * DAY_MS });
  });

  it('nothing is thrown where it cannot be remembered', async () => {
    const run = await aRun();
    run.ledger.script = () => 'fails';
    await settleNo(run.parts, cleanup, endAs({}), { isHeld: true, isSeen: true });
    expect(run.ledger.calls).toHaveLength(3);
  });
});

describe('that people were told of a job is remembered', () => {
  const told: No = { at: NOON - MINUTE_MS, what: 'told' };
  const untilOf = (owner: string, value?: No) => ({ owner, until: NOON + 9 * DAY_MS, ...(value && { value }) });
  it.each<[what: string, before: object | undefined, after: object]>([
    ['from now on, for as long as the rule says', undefined, { owner: ID.name, until: DAY_MS, value: { at: NOON, what: 'told' } }],
    ['from now on where the job was only held', untilOf(ID.name), { owner: ID.name, until: DAY_MS, value: { at: NOON, what: 'told' } }],
    ['once for each start: from when it was said', untilOf(ID.name, told), { owner: ID.name, until: DAY_MS - MINUTE_MS, value: told }],
    ['anew where an earlier start said it', untilOf(ID.name, { ...told, at: NOON - 2 * MINUTE_MS - 1 }), { owner: ID.name, until: DAY_MS, value: { at: NOON, what: 'told' } }],
    ['not where the job is another\'s', untilOf(OTHER, told), { owner: OTHER, until: 9 * DAY_MS, value: told }],
  ])('%s', async (_, before, after) => {
    const run = await aRun();
    if (before) await claimed(run, OF_RULE, before);
    await rememberTold(run.parts, notice, JOB, NOON - 2 * MINUTE_MS);
    expect(await standing(run, OF_RULE)).toEqual(after);
  });

  it('and nothing more is written where it stands to the ms, or nowhere', async () => {
    const run = await aRun();
    await claimed(run, OF_RULE, { owner: ID.name, until: NOON - MINUTE_MS + DAY_MS, value: told });
    run.ledger.calls.length = 0;
    await rememberTold(run.parts, notice, JOB, NOON - MINUTE_MS);
    expect(run.ledger.calls.map(({ on }) => on)).toEqual(['get']);
    await rememberTold(run.parts, aRequest({ action: 'notify' }), JOB, NOON);
    expect(run.ledger.calls).toHaveLength(1);
  });
});
