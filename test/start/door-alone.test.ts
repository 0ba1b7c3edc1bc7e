import { describe, expect, it } from '@jest/globals';
import type { KillRequest, Requested } from '../../lib/core/request.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { overDelivery } from '../../lib/start/limits.ts';
import { createRecent } from '../../lib/start/recent.ts';
import type { Wish } from '../../lib/start/start-all.ts';
import { aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { alert, at, both, known, nameOf, start, TIGHT } from './a-door.ts';
import { aPick, MINUTE_MS } from './a-start.ts';

describe('what is started', () => {
  it('is a kill, a pick or a warning, under its name, tried for 8 s', async () => {
    const [kill, pick, warning] = [alert('a'), { request: aPick(), deliveryKey: 'b' }, alert('c', { warns: true })];
    const warned: unknown[] = [];
    const { started, played, answers } = await start([kill, pick, warning], { more: { warnEngine: { start: async (name: string, payload: string, until: number) => (warned.push({ name, payload: JSON.parse(payload), until }), 'started') } } });
    expect(answers).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'accepted' }]);
    expect(started).toEqual([
      { name: nameOf(played, kill), payload: { kind: 'kill', request: kill.request, name: nameOf(played, kill), start: 1, attempt: expect.stringMatching(/^id-/) }, until: NOON + 8_000 },
      { name: nameOf(played, pick), payload: { kind: 'pick', request: pick.request, name: nameOf(played, pick), start: 1, attempt: expect.stringMatching(/^id-/) }, until: NOON + 8_000 },
    ]);
    expect(warned).toEqual([{ name: nameOf(played, warning), payload: { kind: 'warn', request: warning.request, name: nameOf(played, warning), start: 1, attempt: expect.stringMatching(/^id-/) }, until: NOON + 8_000 }]);
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
