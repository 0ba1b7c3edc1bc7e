import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { KillRequest, Requested } from '../../lib/core/request.ts';
import type { StartId } from '../../lib/kill/start-id.ts';
import { openEntries } from '../../lib/kill/remember.ts';
import { type EndEntry, keptPartition, noKey, pickKey, runJob, runPost, runPostAnswer, startAnswer, startCard, startChoice, startEnd, startHandedOn, startHeld, startTold, warnKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { closeBadEnd } from '../../lib/start/bad-end.ts';
import type { BadStatus } from '../../lib/start/engine.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, entryOf, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const NAME = `alerts-live-${'0'.repeat(32)}`;
const LIVE: StartId = { name: NAME, start: 1 };
const RULE = { content: 'c-1', askAgainMs: 24 * HOUR_MS };
const JOB = { cluster: ANALYTICS.id, job_id: 'job-1', job_name: 'etl', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
const alert = (fields: Partial<KillRequest> = {}): KillRequest => aRequest({ trigger: 'alerts', rule: RULE, policyRule: 'alerts.1', ...fields });

type Closing = { status?: BadStatus; request?: Requested; id?: StartId; stands?: PutEntry[]; opened?: Requested; prepare?: (played: PlayedStart) => unknown; plan?: StartPlan };

/** Closes a request in the place of its run, ten minutes after noon: one that the ledger knows as `opened`, or as it is `given`. */
async function close({ status = 'FAILED', request, id = LIVE, stands = [], opened, prepare = () => undefined, plan = {} }: Closing) {
  const played = await aStart({ id, ...plan, stands: [...(opened ? openEntries(id, opened, { began: NOON + 1_000, since: NOON }) : []), ...stands] });
  played.clock.advanceTo(NOON + 10 * MINUTE_MS);
  await prepare(played);
  const end = await closeBadEnd(played.parts, { status, ...id, ...(request && { request }) });
  const entry = (await played.stands(startEnd(id.name, id.start)))?.value as EndEntry | undefined;
  return { ...played, played, end, entry };
}
const own = (what: 'asked' | 'warned' | 'kept', value: object) => entryOf(startHeld(NAME, 1, what), { at: NOON, until: NOON + HOUR_MS, ...value });
const answer = (what: string, by = 'U1') => entryOf(startAnswer(NAME, 1), { at: NOON + MINUTE_MS, what, by });
const card = (ts: string, more: object = {}, id = LIVE) => entryOf(startCard(id.name, id.start, 'C1', ts), { channel: 'C1', ts, ...more });
const post = (answered?: string) => [entryOf(runPost(NAME, 1), { at: NOON }), ...(answered === undefined ? [] : [entryOf(runPostAnswer(NAME, 1), { at: NOON, what: answered })])];
const told = (end: Partial<End>) => ({ at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, outcome: 'killed', reason: 'as it was', ...end });
const NOT_KILLED = 'nothing was killed, as far as the ledger tells; look at the job, and ask again if you still want it killed';
const MAYBE = 'a kill was sent or was about to be sent, and nobody knows here whether the job was killed; look at the job, and ask again if you still want it killed';

describe('a request that broke off ends', () => {
  it.each<[string, Closing, object]>([
    ['FAILED', {}, { outcome: 'failed', code: 'FAILED', reason: `this request broke off (its execution FAILED); ${NOT_KILLED}` }],
    ['TIMED_OUT', { status: 'TIMED_OUT' }, { outcome: 'failed', code: 'TIMED_OUT', reason: `this request broke off (its execution ran out of time); ${NOT_KILLED}` }],
    ['STOPPED', { status: 'STOPPED' }, { outcome: 'failed', code: 'STOPPED', reason: `this request was stopped by an operator; ${NOT_KILLED}` }],
    ['with a POST that nobody answered', { stands: post() }, { outcome: 'failed', code: 'FAILED', mayTakeEffect: true, reason: `this request broke off (its execution FAILED); ${MAYBE}` }],
    ['with a POST that MRS took', { stands: post('accepted') }, { outcome: 'failed', code: 'FAILED', mayTakeEffect: true, reason: `this request broke off (its execution FAILED); ${MAYBE}` }],
    ['with a POST that MRS refused', { stands: post('refused') }, { outcome: 'failed', code: 'FAILED', reason: `this request broke off (its execution FAILED); ${NOT_KILLED}` }],
    ['after a no', { stands: [answer('no')] }, { outcome: 'declined', answeredBy: 'U1', reason: 'the kill was declined; nothing was killed' }],
    ['after a yes', { stands: [answer('yes')] }, { outcome: 'failed', code: 'FAILED', reason: `this request broke off (its execution FAILED); ${NOT_KILLED}` }],
    ['as what it had ended', { stands: [entryOf(startEnd(NAME, 1), told({ outcome: 'still-running' }))] }, { outcome: 'still-running', reason: 'as it was' }],
    ['as people were told', { stands: [entryOf(startTold(NAME, 1), { at: NOON, end: told({ outcome: 'killed' }) })] }, { outcome: 'killed', reason: 'as it was' }],
  ])('%s', async (_, closing, end) => {
    for (const known of [{ opened: alert() }, { opened: alert(), request: alert() }]) expect((await close({ ...known, ...closing })).end).toEqual(end);
  });

  it('on record since when it is known and began, by which status, and how long that took', async () => {
    const { entry, lines, budgets } = await close({ opened: alert({ receivedAt: NOON }) });
    expect(entry).toMatchObject({ since: NOON, began: NOON + 1_000, ended: NOON + 10 * MINUTE_MS, policyRule: 'alerts.1' });
    expect(lines.find(({ level }) => level === 'audit')).toMatchObject({ message: 'kill request ended', status: 'FAILED', run: NAME });
    expect(budgets[0]).toEqual(['begin', 3_600]);
    expect((await close({ request: alert({ receivedAt: NOON + 5 }) })).entry).toMatchObject({ since: NOON + 5, began: NOON + 5 });
  });

  it('with the job that the ledger knows', async () => {
    expect((await close({ opened: alert(), stands: [entryOf(runJob(NAME), JOB)] })).entry).toMatchObject({ job: JOB });
    expect((await close({ opened: alert(), stands: [entryOf(runJob(NAME), JOB), entryOf(startEnd(NAME, 1), told({ outcome: 'failed', code: 'FAILED' }))] })).end).toMatchObject({ outcome: 'failed' });
  });

  it('on its cards, and after 2 min once more on each of them and on those that came since', async () => {
    const waits: string[] = [];
    const { shown, clock, budgets } = await close({ opened: alert(), stands: [card('1')], prepare: ({ clock: stepping, ledger, parts }) => {
      const wait = parts.moves.wait.bind(parts.moves);
      parts.moves.wait = (name, seconds) => (waits.push(name), wait(name, seconds));
      const { sleep } = stepping;
      stepping.sleep = async (ms) => (await ledger.put([card('2')]), sleep(ms));
    } });
    expect([waits, clock.sleeps]).toEqual([['sweep'], [120_000]]);
    expect(shown.map(({ view, card: on }) => [on?.ts, view.stage, view.stage === 'end' && view.tookMs, view.stage === 'end' && view.isCopy])).toEqual([['1', 'end', 600_000, undefined], ['1', 'end', 600_000, true], ['2', 'end', 600_000, true]]);
    expect(budgets.map(([name]) => name)).toEqual(expect.arrayContaining(['begin', 'end', 'audit', 'report', 'history', 'cards', 'report-100', 'report-101']));
    expect(budgets.find(([name]) => name === 'cards')).toEqual(['cards', 3_600]);
  });

  it('without a second look where no time is left', async () => {
    const { shown } = await close({ opened: alert(), stands: [card('1')], prepare: ({ parts }) => void (parts.moves.wait = async () => false) });
    expect(shown).toHaveLength(1);
  });
});

describe('what a request that broke off held', () => {
  const held = (key: PutEntry['key'], value?: object) => ({ ledger }: PlayedStart) => ledger.claim(key, { owner: NAME, start: 1, until: NOON + 100 * HOUR_MS, ...(value && { value }) }, { now: NOON });
  const pickedBy = { name: 'alerts-dry-9', start: 1 };
  const chosen = { pickedBy, target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-1' } } } as const;
  const no = noKey(RULE, 'job-1', false);

  it('of a job is given back, or is left alone after a no', async () => {
    expect(await (await close({ opened: alert(chosen), prepare: held(no) })).stands(no)).toBeUndefined();
    expect(await (await close({ opened: alert(chosen), stands: [answer('no')], prepare: held(no) })).stands(no)).toMatchObject({ value: { what: 'declined', by: 'U1' } });
  });

  it('of one that only tells people stays once they were told, and is given back where they were not', async () => {
    expect(await (await close({ opened: alert({ ...chosen, action: 'notify' }), stands: [card('1')], prepare: held(no) })).stands(no)).toBeDefined();
    expect(await (await close({ opened: alert({ ...chosen, action: 'notify' }), prepare: held(no) })).stands(no)).toBeUndefined();
  });

  const key = pickKey('c-1', ANALYTICS.id, false);
  const pick = aPick({ receivedAt: NOON });

  it('of a pick is given back unless it chose', async () => {
    expect(await (await close({ opened: pick, prepare: held(key) })).stands(key)).toBeUndefined();
    const choice = (start: number) => entryOf(startChoice(NAME, start), { at: NOON, jobs: [JOB] });
    expect(await (await close({ opened: pick, stands: [choice(1)], prepare: held(key) })).stands(key)).toBeDefined();
    expect(await (await close({ opened: pick, id: { ...LIVE, start: 2 }, stands: [choice(1)], prepare: held(key) })).stands(key)).toBeUndefined();
    expect((await close({ opened: pick })).end).toMatchObject({ outcome: 'failed', code: 'FAILED' });
  });

  const open = warnKey(RULE, 'job-1');
  const warns = { ...chosen, pickedBy: undefined, warns: true } as const;

  it.each<[string, Closing, boolean]>([
    ['of a warning is given back', { opened: alert(warns), stands: [entryOf(runJob(NAME), JOB)] }, false],
    ['of its kill is given back', { opened: alert({ ...chosen, pickedBy: undefined, warning: { first: LIVE, round: 1, usedMs: 0 } }), stands: [entryOf(runJob(NAME), JOB)] }, false],
    ['of a warning whose End has no job is given back by what the ledger knows', { opened: alert(warns), stands: [entryOf(runJob(NAME), JOB), answer('no')] }, false],
    ['of a warning of which nobody knows the job stays', { opened: alert(warns) }, true],
    ['of a warning that handed on stays', { opened: alert(warns), stands: [entryOf(runJob(NAME), JOB), entryOf(startHandedOn(NAME, 1, 'x'), { at: NOON, to: 'x' })] }, true],
    ['of what is no warning stays', { opened: alert(chosen), stands: [entryOf(runJob(NAME), JOB)] }, true],
  ])('%s', async (_, closing, stays) => {
    expect((await (await close({ ...closing, prepare: held(open) })).stands(open)) !== undefined).toBe(stays);
  });

  it('of a warning loses its buttons on the messages of all rounds', async () => {
    const first = { name: `alerts-live-${'1'.repeat(32)}`, start: 1 };
    const { shown, budgets } = await close({ opened: alert({ ...chosen, pickedBy: undefined, warns: true, warning: { first, round: 2, usedMs: 0 } }), stands: [card('1'), card('2', { of: 'owner', round: 1 }, first)] });
    expect(shown.map(({ card: on }) => on?.ts)).toEqual(['1', '2', '1', '2']);
    expect(budgets.map(([name]) => name)).toEqual(expect.arrayContaining(['warning-cards', 'warning-cards-again']));
    const plain = await close({ opened: alert(chosen), stands: [card('1')] });
    expect(plain.budgets.map(([name]) => name)).not.toContain('warning-cards');
  });
});

describe('a warning that broke off', () => {
  const warning = alert({ warns: true, target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-1' } } });
  const terms = { keepMs: 2 * HOUR_MS, keepAtMostMs: 8 * HOUR_MS, usedMs: 0, owner: 'U1' };
  const keep = [own('warned', terms), entryOf(runJob(NAME), JOB), answer('keep')];
  const KEPT = 'this request broke off (its execution FAILED); nothing was killed; it is kept until 2026-03-01 14:01 UTC by U1';

  it('after a click on Keep puts the keep on record, and says until when', async () => {
    const { end, list, stands, budgets } = await close({ opened: warning, stands: keep });
    expect(end).toEqual({ outcome: 'failed', code: 'FAILED', reason: KEPT });
    expect(await list(keptPartition)).toMatchObject([{ value: { by: 'U1', until: NOON + MINUTE_MS + 2 * HOUR_MS } }]);
    expect((await stands(startHeld(NAME, 1, 'kept')))?.value).toMatchObject({ until: NOON + MINUTE_MS + 2 * HOUR_MS });
    expect(budgets).toContainEqual(['keep', 3_600]);
  });

  it.each<[string, PutEntry[], string]>([
    ['was put on record by its run', [own('kept', { until: NOON + HOUR_MS, by: 'U2' })], 'nothing was killed; it is kept until 2026-03-01 13:00 UTC by U2'],
    ['was put on record without a name', [own('kept', { until: NOON + HOUR_MS })], 'nothing was killed; it is kept until 2026-03-01 13:00 UTC by somebody'],
    ['was put on record by its run before it broke off', [...keep, own('kept', { until: NOON + HOUR_MS, by: 'U2' })], 'nothing was killed; it is kept until 2026-03-01 13:00 UTC by U2'],
    ['is over', [own('kept', { until: NOON + 10 * MINUTE_MS, by: 'U2' })], NOT_KILLED],
    ['was asked for, and no warning stood', keep.slice(1), NOT_KILLED],
    ['was asked for, and nobody knows the job', [keep[0] as PutEntry, keep[2] as PutEntry], NOT_KILLED],
    ['nobody said anything of', keep.slice(0, 2), NOT_KILLED],
    ['was not asked for', [keep[0] as PutEntry, keep[1] as PutEntry, answer('time')], NOT_KILLED],
  ])('says of the keep that %s', async (_, stands, said) => {
    const { end, list, budgets } = await close({ opened: warning, stands });
    expect(end?.reason).toBe(`this request broke off (its execution FAILED); ${said}`);
    expect(budgets.map(([name]) => name)).not.toContain('keep');
    expect(await list(keptPartition)).toEqual([]);
  });

  it('keeps nothing where it has ended, and where the ledger does not take it', async () => {
    const ended = await close({ opened: warning, stands: [...keep, entryOf(startEnd(NAME, 1), told({ outcome: 'declined' }))] });
    expect([ended.end?.outcome, await ended.list(keptPartition)]).toEqual(['declined', []]);
    const away = await close({ opened: warning, stands: keep, prepare: ({ ledger }) => void (ledger.script = ({ on, partitions }) => (on === 'put' && partitions.includes(keptPartition) ? 'fails' : undefined)) });
    expect(away.end?.reason).toBe(`this request broke off (its execution FAILED); ${NOT_KILLED}`);
  });

  const handed = (request: object | undefined) => entryOf(startHandedOn(NAME, 1, 'x'), { at: NOON, to: 'x', ...(request && { request }) });
  const next = alert({ killId: 'kill-2', target: warning.target, warning: { first: LIVE, round: 1, usedMs: 0 } });

  it('after it handed on starts that once more, and has no end of its own', async () => {
    const { end, entry, started, shown } = await close({ opened: warning, stands: [handed(next), card('1')] });
    expect([end, entry, shown]).toEqual([undefined, undefined, []]);
    expect(started.map(({ payload }) => payload)).toMatchObject([{ kind: 'kill', request: next }]);
  });

  it('whose handing on the engine does not take ends as that it broke off', async () => {
    const { end, started } = await close({ opened: warning, stands: [handed(next)], plan: { onStart: () => new EngineFailed('down') } });
    expect(end).toMatchObject({ outcome: 'failed', code: 'FAILED' });
    expect(started.length).toBeGreaterThan(0);
  });

  it('starts nothing where people were told another End, or where nobody knows what it handed on', async () => {
    const toldOf = await close({ opened: warning, stands: [handed(next), entryOf(startTold(NAME, 1), { at: NOON, end: told({ outcome: 'declined' }) })] });
    const unknown = await close({ opened: warning, stands: [handed(undefined)] });
    expect([toldOf.end?.outcome, toldOf.started, unknown.end?.outcome, unknown.started]).toEqual(['declined', [], 'failed', []]);
  });
});

