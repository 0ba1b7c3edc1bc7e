import { describe, expect, it } from '@jest/globals';
import type { KillRequest, Requested } from '../../lib/core/request.ts';
import { type EndEntry, pickedForKey, pickKey, startBegan, startChoice, startEnd, startEndOf } from '../../lib/ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../../lib/ledger/port.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { overDelivery, overPercent, overRunning } from '../../lib/start/limits.ts';
import { nameExecution } from '../../lib/start/names.ts';
import { createRecent } from '../../lib/start/recent.ts';
import { startAll, type Wish } from '../../lib/start/start-all.ts';
import { tellOnceAnHour } from '../../lib/start/tell-once-an-hour.ts';
import { aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aPick, aStart, entryOf, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const ROOMY = { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 50 } };
const TIGHT = { limits: { perDelivery: 2, perHour: 100, percentOfRunning: 50 } };
const alert = (key: string, fields: Partial<KillRequest> = {}): Wish => ({ deliveryKey: key, request: aRequest({ trigger: 'alerts', killId: `kill-${key}`, target: { cluster: 'analytics', job: { by: 'name', name: key } }, ...fields }) });
const nameOf = ({ parts: { starter } }: PlayedStart, { request, deliveryKey }: Wish): string => nameExecution(starter.policy, starter.killFunction, request, deliveryKey);
const endAs = (fields: Partial<EndEntry>): EndEntry => ({ at: NOON, trigger: 'alerts', by: '', why: '', since: NOON, began: NOON, ended: NOON, policyHash: 'hash', outcome: 'killed', reason: '', ...fields });

type Door = { plan?: StartPlan; prepare?: (played: PlayedStart) => unknown; more?: object };
async function start(wishes: Wish[], { plan = {}, prepare = () => undefined, more = {} }: Door = {}) {
  const played = await aStart({ ...plan, policy: { ...ROOMY, ...plan.policy } });
  await prepare(played);
  const answers = await startAll({ ...played.parts.starter, ...more }, wishes);
  return { ...played, played, answers };
}
/** The ledger knows these wishes: each began at noon and ended so. */
const known = (wishes: Wish[], end?: Partial<EndEntry>) => async (played: PlayedStart) => {
  for (const wish of wishes) await played.ledger.put([entryOf(startBegan(nameOf(played, wish), 1), { at: NOON, since: NOON }), ...(end ? [entryOf(startEnd(nameOf(played, wish), 1), endAs(end))] : [])]);
};
const at = (ms: number) => ({ clock }: PlayedStart): void => clock.advanceTo(NOON + ms);
const both = (...steps: ((played: PlayedStart) => unknown)[]) => async (played: PlayedStart) => { for (const step of steps) await step(played); };

describe('what is started', () => {
  it('is a kill, a pick or a warning, under its name, tried for 8 s', async () => {
    const [kill, pick, warning] = [alert('a'), { request: aPick(), deliveryKey: 'b' }, alert('c', { warns: true })];
    const warned: string[] = [];
    const { started, played, answers } = await start([kill, pick, warning], { more: { warnEngine: { start: async (name: string) => (warned.push(name), 'started') } } });
    expect(answers).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(started).toEqual([
      { name: nameOf(played, kill), payload: { kind: 'kill', request: kill.request, name: nameOf(played, kill), start: 1, attempt: expect.stringMatching(/^id-/) }, until: NOON + 8_000 },
      { name: nameOf(played, pick), payload: { kind: 'pick', request: pick.request, name: nameOf(played, pick), start: 1, attempt: expect.stringMatching(/^id-/) }, until: NOON + 8_000 },
    ]);
    expect(warned).toEqual([nameOf(played, warning)]);
    expect((await start([kill], { more: { startForMs: 5 } })).started[0]?.until).toBe(NOON + 5);
  });

  it('a warning is not, where nothing runs warnings, and the log says why', async () => {
    const { answers, lines } = await start([alert('c', { warns: true })]);
    expect(answers).toEqual([{ outcome: 'failed', reason: 'it could not be started' }]);
    expect(lines).toMatchObject([{ level: 'error', message: 'a kill could not be started', kill_id: 'kill-c', error: expect.objectContaining({ message: 'WARN_FUNCTION is not set' }) }]);
  });

  it('fails alone, and says where there is no room', async () => {
    let starts = 0;
    const { answers } = await start([alert('a'), alert('b'), alert('c')], { plan: { onStart: () => [new EngineFailed('full', { isFull: true }), 'started' as const, new EngineFailed('down')][starts++] ?? 'started' } });
    expect(answers).toEqual([{ outcome: 'failed', reason: 'it could not be started: too many requests are open', isFull: true }, { outcome: 'accepted' }, { outcome: 'failed', reason: 'it could not be started' }]);
    await expect(start([alert('a')], { plan: { onStart: () => new TypeError('a fault of ours') } })).rejects.toThrow('a fault of ours');
  });

  it.each([[undefined, 10], [3, 3]])('is started so many at once as the engine says (%s): %d', async (startsAtOnce, most) => {
    let [now, max] = [0, 0];
    const engine = { startsAtOnce, start: async () => { max = Math.max(max, ++now); await new Promise((done) => setImmediate(done)); now--; return 'started'; } };
    await start(Array.from({ length: 30 }, (_, index) => alert(`a-${index}`)), { more: { engine } });
    expect(max).toBe(most);
  });

  it('is a duplicate where it stands twice, or was started by this process less than 5 min ago: of an alert', async () => {
    const recent = createRecent();
    const again = async (wish: Wish, ms = 0) => (await start([wish], { more: { recent }, prepare: at(ms) })).started.length;
    const click = { ...alert('s'), request: aRequest({ trigger: 'slack' }) };
    expect([await again(alert('a')), await again(alert('a')), await again(alert('a'), 5 * MINUTE_MS - 1), await again(alert('a'), 5 * MINUTE_MS), await again(click), await again(click)]).toEqual([1, 0, 0, 1, 1, 1]);
    const twice = await start([alert('a'), alert('b'), alert('a')]);
    expect([twice.answers.map(({ outcome }) => outcome), twice.started.length]).toEqual([['accepted', 'accepted', 'duplicate'], 2]);
  });

  it('what the name says exists is no start of a moment ago', async () => {
    const recent = createRecent();
    for (let time = 0; time < 2; time++) expect((await start([alert('a')], { more: { recent }, plan: { onStart: () => 'exists' } })).started).toHaveLength(1);
  });

  it('is forgotten when it is too many', () => {
    const recent = createRecent();
    for (let index = 0; index < 10_000; index++) recent.add(`n-${index}`, NOON);
    expect([recent.has('n-0', NOON), recent.has('other', NOON)]).toEqual([true, false]);
    recent.add('n-10000', NOON);
    expect([recent.has('n-0', NOON), recent.has('n-10000', NOON)]).toEqual([false, true]);
  });
});

describe('what exists already', () => {
  const first = (name: string) => (name.endsWith('-2') ? 'started' as const : 'exists' as const);

  it.each<[string, Wish, string, string[]]>([
    ['of an alert starts anew', alert('a'), 'accepted', ['', '-2']],
    ['of a person does not', alert('a', { trigger: 'slack' }), 'duplicate', ['']],
    ['that a pick chose does not', alert('a', { pickedBy: { name: 'x', start: 1 } }), 'duplicate', ['']],
    ['that a warning handed on does not', alert('a', { warning: { first: { name: 'x', start: 1 }, round: 1, usedMs: 0 } }), 'duplicate', ['']],
  ])('and failed an hour ago, %s', async (_, wish, outcome, suffixes) => {
    const { answers, started, played } = await start([wish], { plan: { onStart: first }, prepare: both(known([wish], { outcome: 'failed' }), at(HOUR_MS)) });
    expect([answers, started.map(({ name }) => name)]).toEqual([[{ outcome }], suffixes.map((suffix) => nameOf(played, wish) + suffix)]);
  });

  it('and left no End for ten hours is closed, and starts nothing', async () => {
    const { answers, started, lines, played } = await start([alert('a')], { plan: { onStart: (name) => (name.startsWith('end-') ? 'started' : 'exists') }, prepare: both(known([alert('a')]), at(11 * HOUR_MS)) });
    expect([answers, started.map(({ name }) => name)]).toEqual([[{ outcome: 'duplicate' }], [nameOf(played, alert('a')), `end-${nameOf(played, alert('a'))}`]]);
    expect(started[1]?.payload).toMatchObject({ kind: 'end', status: 'TIMED_OUT', start: 1 });
    expect(lines).toMatchObject([{ level: 'warn', message: 'a start that left no end is closed' }]);
  });

  it.each([['killed a moment ago', 'killed', 0, ['get']], ['killed', 'killed', HOUR_MS, ['get', 'get']], ['not tried', 'not-found', HOUR_MS, ['get', 'get', 'list']]] as const)('and was %s is told by few calls to the ledger', async (_, outcome, ms, calls) => {
    const { ledger } = await start([alert('a')], { plan: { onStart: () => 'exists' }, prepare: async (played) => {
      await both(known([alert('a')], { outcome }), at(ms))(played);
      played.ledger.calls.length = 0;
    } });
    expect(ledger.calls.map(({ on }) => on)).toEqual(calls);
  });

  it('and is started anew by another delivery just now is a duplicate', async () => {
    expect((await start([alert('a')], { plan: { onStart: () => 'exists' }, prepare: both(known([alert('a')], { outcome: 'failed' }), at(HOUR_MS)) })).answers).toEqual([{ outcome: 'duplicate' }]);
  });

  it('and whose new start the engine does not take has failed', async () => {
    expect((await start([alert('a')], { plan: { onStart: (name) => (name.endsWith('-2') ? new EngineFailed('down') : 'exists') }, prepare: both(known([alert('a')], { outcome: 'failed' }), at(HOUR_MS)) })).answers).toEqual([{ outcome: 'failed', reason: 'it could not be started' }]);
  });

  it('is a duplicate where the ledger is away for 5 s, and the log says so', async () => {
    const { answers, lines, clock } = await start([alert('a')], { plan: { onStart: () => 'exists' }, prepare: ({ ledger }) => void (ledger.script = () => 'fails') });
    expect(answers).toEqual([{ outcome: 'duplicate' }]);
    expect(lines[0]).toMatchObject({ level: 'warn', message: 'the ledger could not be asked about a repeat' });
    expect(clock.now()).toBeLessThanOrEqual(NOON + 5_000);
  });
});

describe('a delivery of too many', () => {
  const three = ['a', 'b', 'c'].map((key) => alert(key));
  const refused = (kills: number) => ({ outcome: 'refused', rule: 'perDelivery', reason: `this delivery would start ${kills} kills and 2 are allowed, so none of them is started; if so many are meant, change limits: in policy.yml` });

  it('is refused as a whole after 3 s, and said in the channel', async () => {
    const { answers, started, clock } = await start(three, { plan: { policy: TIGHT } });
    expect(answers).toEqual([refused(3), refused(3), refused(3)]);
    expect(started.map(({ payload }) => payload)).toEqual([{ kind: 'notice', text: `Refused: perDelivery. ${refused(3).reason}`, attempt: 'id-1' }]);
    expect(clock.sleeps).toEqual([1_000, 1_000, 1_000]);
  });

  it('of a cleanup is refused at once', async () => {
    const { answers, clock } = await start(three.map(({ request, ...wish }) => ({ ...wish, request: { ...request, trigger: 'cleanup' as const } })), { plan: { policy: TIGHT } });
    expect([answers[0]?.outcome, clock.sleeps]).toEqual(['refused', []]);
  });

  it('is let through once the others have begun elsewhere, a second later', async () => {
    const { answers, clock } = await start(three, { plan: { policy: TIGHT }, prepare: (played) => {
      const sleep = played.clock.sleep.bind(played.clock);
      played.clock.sleep = async (ms) => (await known([three[0] as Wish])(played), sleep(ms));
    } });
    expect([answers.map(({ outcome }) => outcome), clock.sleeps]).toEqual([['accepted', 'accepted', 'accepted'], [1_000]]);
  });

  it('has duplicates that are repeats, what a person asked for is started, and what starts anew is new', async () => {
    const wishes = [...three, alert('d', { action: 'notify' }), alert('e')];
    const { answers } = await start(wishes, { plan: { policy: TIGHT }, prepare: both(known([wishes[0] as Wish], { outcome: 'killed' }), known([wishes[4] as Wish], { outcome: 'failed' }), at(HOUR_MS)) });
    expect(answers).toEqual([{ outcome: 'duplicate' }, refused(3), refused(3), { outcome: 'accepted' }, refused(3)]);
  });

  it('fails as a whole where the ledger does not say which are repeats', async () => {
    const { answers, started, lines } = await start(three, { plan: { policy: TIGHT }, prepare: ({ ledger }) => void (ledger.script = () => new LedgerFailed('refused', 'no')) });
    expect([answers, started]).toEqual([Array.from({ length: 3 }, () => ({ outcome: 'failed', reason: 'the limits could not be checked' })), []]);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'the limits could not be checked; nothing of this delivery was started' });
    await expect(start(three, { plan: { policy: TIGHT }, prepare: ({ ledger }) => void (ledger.get = () => Promise.reject(new TypeError('a fault of ours'))) })).rejects.toThrow('a fault of ours');
  });

  it('counts each target once, and a pick by its jobs', () => {
    const planned = (...requests: Requested[]) => requests.map((request, index) => ({ request, name: String(index) }));
    const job = alert('a').request as KillRequest;
    expect(overDelivery(TIGHT.limits, planned(job, { ...job, target: { ...job.target, submittedBefore: 5 } }, alert('b').request))).toBeUndefined();
    expect(overDelivery(TIGHT.limits, planned(job, aPick({ pick: { count: 2 } })))?.reason).toContain('3 kills and 2 are allowed');
  });
});

describe('percentOfRunning', () => {
  const limits = TIGHT.limits;
  it('is of whole jobs, rounded down, and one at least', () => {
    expect([[1, 0], [1, 1], [2, 4], [2, 3], [3, 5]].map(([chosen = 0, running = 0]) => overPercent(limits, 'analytics', chosen, running)?.rule)).toEqual([undefined, undefined, undefined, 'percentOfRunning', 'percentOfRunning']);
    expect(overPercent(limits, 'analytics', 3, 5)?.reason).toBe('3 of the 5 running jobs of analytics were chosen and 50 percent (2) are allowed, so none of them is killed; if so many are meant, change limits: in policy.yml');
  });

  it('counts each cluster by itself', async () => {
    const of = (cluster: string) => ({ request: { target: { cluster } } });
    expect([overRunning(limits, [of('a'), of('b')], { a: 2, b: 2 }), overRunning(limits, [of('a'), of('b'), of('b')], { a: 2, b: 2 })?.reason.slice(0, 30)]).toEqual([undefined, '2 of the 2 running jobs of b w']);
    const played = await aStart({ policy: ROOMY });
    const answers = await startAll(played.parts.starter, [alert('a'), alert('b')], { analytics: 2 });
    expect([answers.map(({ outcome }) => outcome), played.started.map(({ payload }) => payload.kind)]).toEqual([['refused', 'refused'], ['notice']]);
  });
});

describe('a notice', () => {
  const tell = async (ms: number, onStart?: StartPlan['onStart']) => {
    const { parts: { starter }, started, lines, clock } = await aStart(onStart ? { onStart } : {});
    clock.advanceTo(NOON + ms);
    await tellOnceAnHour(starter, 'perDelivery', { rule: 'perDelivery', reason: 'why' });
    return { name: started[0]?.name, lines };
  };

  it('has the name of its hour', async () => {
    const [noon, later, next] = [await tell(0), await tell(HOUR_MS - 1), await tell(HOUR_MS)];
    expect([later.name === noon.name, next.name === noon.name, noon.lines]).toEqual([true, false, []]);
  });

  it('that cannot be sent is logged', async () => {
    expect((await tell(0, () => new EngineFailed('down'))).lines).toMatchObject([{ level: 'error', message: 'the channel could not be told of a refusal', rule: 'perDelivery' }]);
    await expect(tell(0, () => new TypeError('a fault of ours'))).rejects.toThrow('a fault of ours');
  });
});

describe('picks of one delivery', () => {
  const pick = (deliveryKey: string, fields: Parameters<typeof aPick>[0] = {}): Wish => ({ deliveryKey, request: aPick({ killId: `kill-${deliveryKey}`, ...fields }) });
  const chosen = { at: NOON - MINUTE_MS, start: 1, ids: ['a', 'b'], killId: 'kill-other' };
  const held = (key: PutEntry['key'], owner = 'alerts-dry-other') => ({ ledger }: PlayedStart) => ledger.claim(key, { owner, start: 1, until: NOON + HOUR_MS, value: chosen }, { now: NOON });
  const KEY = pickKey('c-1', ANALYTICS.id, false);
  const meant = { outcome: 'duplicate', killId: 'kill-other', reason: 'alerts.1 picked 2 jobs of analytics 1 min ago' };

  it('for one decision are one: the first is accepted, the others are duplicates of it', async () => {
    const { answers, started } = await start([pick('a'), alert('k'), pick('b'), pick('c', { target: { content: 'c-2' } }), pick('d', { target: { cluster: ANALYTICS.id } })]);
    expect(answers).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'duplicate', killId: 'kill-a' }, { outcome: 'accepted' }, { outcome: 'duplicate', killId: 'kill-a' }]);
    expect(started).toHaveLength(5);
  });

  it.each([
    ["another's choice holds", KEY, {}, meant],
    ['a choice for its occurrence holds', pickedForKey('c-1', ANALYTICS.id, 'o-1', false), { occurrence: 'o-1' }, meant],
    ['one for another occurrence holds', pickedForKey('c-1', ANALYTICS.id, 'o-2', false), { occurrence: 'o-1' }, { outcome: 'accepted' }],
    ['one of a dry run holds', pickKey('c-1', ANALYTICS.id, true), {}, { outcome: 'accepted' }],
  ])('where %s', async (_, key, fields, answer) => {
    expect((await start([pick('a', fields)], { prepare: held(key) })).answers).toEqual([answer]);
  });

  it('where its own choice holds is accepted, and where nothing is chosen yet', async () => {
    expect((await start([pick('a')], { prepare: (played) => held(KEY, nameOf(played, pick('a')))(played) })).answers).toEqual([{ outcome: 'accepted' }]);
    expect((await start([pick('a')], { prepare: ({ ledger }) => ledger.claim(KEY, { owner: 'other', start: 1, until: NOON + HOUR_MS }, { now: NOON }) })).answers).toEqual([{ outcome: 'accepted' }]);
  });

  it('of no rule says so', async () => {
    expect((await start([pick('a', { policyRule: undefined })], { prepare: held(KEY) })).answers).toMatchObject([{ reason: 'the rule picked 2 jobs of analytics 1 min ago' }]);
  });

  it('that was not started is no first of any', async () => {
    let starts = 0;
    expect((await start([pick('a'), pick('b')], { plan: { onStart: () => (++starts === 1 ? new EngineFailed('down') : 'started') } })).answers.map(({ outcome }) => outcome)).toEqual(['failed', 'accepted']);
  });

  it('are accepted where the ledger is away for 2 s, and the log says so', async () => {
    const { answers, lines, clock } = await start([pick('a')], { prepare: ({ ledger }) => void (ledger.script = () => 'fails') });
    expect([answers, clock.now() <= NOON + 2_000]).toEqual([[{ outcome: 'accepted' }], true]);
    expect(lines).toMatchObject([{ level: 'warn', message: 'the ledger could not be asked whose pick holds', kill_ids: ['kill-a'] }]);
    await expect(start([pick('a')], { prepare: ({ ledger }) => void (ledger.get = () => Promise.reject(new TypeError('a fault of ours'))) })).rejects.toThrow('a fault of ours');
  });

  it('that repeat one that chose, and came to nothing, pick anew', async () => {
    const wish = pick('a');
    const seen = { cluster: 'c', job_id: 'job-1', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
    const chose = (outcome: EndEntry['outcome']) => both(known([wish], { outcome: 'failed' }), (played) => played.ledger.put([entryOf(startChoice(nameOf(played, wish), 1), { at: NOON, jobs: [seen] }), entryOf(startEndOf(nameOf(played, wish), 1, 'job-1'), endAs({ outcome }))]), at(HOUR_MS));
    const again = async (outcome: EndEntry['outcome']) => (await start([wish], { plan: { onStart: (name) => (name.endsWith('-2') ? 'started' : 'exists') }, prepare: chose(outcome) })).answers;
    expect([await again('already-over'), await again('killed')]).toEqual([[{ outcome: 'accepted' }], [{ outcome: 'duplicate' }]]);
  });
});
