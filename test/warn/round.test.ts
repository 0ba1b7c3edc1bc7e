import { describe, expect, it } from '@jest/globals';
import type { KillRequest } from '../../lib/core/request.ts';
import { type Card, dayKey, noKey, runJob, startAnswer, startBegan, startCard, startHandedOn, startHeld, warnKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { entryOf, ID } from '../kill/a-run.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { aWarning, DAY_MS, FIRST, JOB, MINUTE_MS, type PlayedWarning, RULE, SECOND, STALE, TERMS, wished } from './a-warning.ts';

const TIME_MS = TERMS.warnMs;
const KEY = warnKey(RULE, JOB.job_id);
const NO = noKey(RULE, JOB.job_id, true);
const { job_id, job_name } = JOB;
const SEEN = { cluster: ANALYTICS.id, job_id, job_name, job_type: 'SparkSubmit', user: 'etl-bot', queue: 'adhoc', app_id: '', launcher_id: '' };
const began = (warning?: KillRequest['warning']): PutEntry => entryOf(startBegan(ID.name, 1), { at: NOON, since: NOON, trigger: 'cleanup', by: 'x', why: '', ...(warning && { warning }) });
const held = (fields: object = {}): PutEntry => entryOf(startHeld(ID.name, 1, 'warned'), { at: NOON, until: NOON + TIME_MS, usedMs: 5, keepMs: HOUR_MS, callback: 'c', ...fields });
const card = (name: string, ts: string, more: Partial<Card> = {}): PutEntry => entryOf(startCard(name, 1, 'C1', ts), { channel: 'C1', ts, of: 'channel', round: 1, ...more } satisfies Card);
const said = (what: string, at = NOON): PutEntry => entryOf(startAnswer(ID.name, 1), { at, what, by: 'U7' });
const stages = ({ shown }: PlayedWarning): string[] => shown.map(({ view, card: on }) => `${view.stage}${on ? ` ${on.ts}` : ''}`);
const claim = async ({ ledger }: PlayedWarning, key = KEY, now = NOON): Promise<object | undefined> => (await ledger.get([key], { now }))[0];
const audited = ({ lines }: PlayedWarning, message: string): object[] => lines.filter((line) => line['message'] === message);

describe('a round of a warning', () => {
  it('tells people, waits for its time, and hands on to the kill, which keeps its claim', async () => {
    const run = await aWarning();
    let claimed: object | undefined;
    run.parts.awaitClick = async (seconds, onOpen) => {
      await onOpen('callback-1');
      claimed = await claim(run);
      await run.clock.sleep(seconds * 1_000);
    };
    expect(await run.play()).toBeUndefined();
    expect(run.handed).toMatchObject([{ trigger: 'cleanup', receivedAt: NOON + TIME_MS, warning: { first: ID, round: 1, usedMs: 0 } }]);
    expect(claimed).toMatchObject({ owner: ID.name, until: NOON + 2 * TIME_MS + 20 * MINUTE_MS });
    expect(await claim(run)).toEqual(claimed);
    expect([stages(run), run.counted]).toEqual([['warn', 'warn 1'], ['Warned']]);
    expect(run.trail).toEqual(['begin', 'look', 'hold-warning', 'job', 'stand', 'audit-warned', 'left', 'callback', 'answer', 'handed', 'hand-on']);
    expect(run.budgets).toMatchObject({ begin: 1_800, job: 300 });
    expect(audited(run, 'warned')).toEqual([expect.objectContaining({ kill_id: 'kill-1', policy_rule: 'stale', requested_by: 'cleanup rule stale', until: '2026-03-01T12:30:00.000Z' })]);
    const keys = [dayKey(NOON, ID.name, 'warned'), runJob(ID.name), startBegan(ID.name, 1)];
    expect(await run.ledger.get(keys, { now: NOON })).toMatchObject([
      { value: { at: NOON, what: 'warned', by: 'cleanup rule stale', why: 'stale', until: NOON + TIME_MS, job: { job_id } } },
      { value: { job_id, job_name }, until: NOON + 2.5 * HOUR_MS + 15 * DAY_MS },
      { value: { livesMs: 2.5 * HOUR_MS + DAY_MS } },
    ]);
  });

  it.each<[what: string, click: 'kill' | 'keep', handed: object]>([
    ['Kill now is the kill of who clicked', 'kill', { trigger: 'slack', requestedBy: 'U7', receivedAt: NOON + MINUTE_MS, warning: { killNow: true, usedMs: 0 } }],
    ['Keep is the next round, once that is over', 'keep', { trigger: 'cleanup', receivedAt: NOON + MINUTE_MS + HOUR_MS + 1_000, warning: { round: 2, usedMs: HOUR_MS } }],
  ])('%s', async (_, what, handed) => {
    const run = await aWarning({ click: { afterMs: MINUTE_MS, answer: { what, by: 'U7' } } });
    expect(await run.play()).toBeUndefined();
    expect(run.handed).toMatchObject([handed]);
    expect(stages(run)).toEqual(['warn', 'warn 1', ...(what === 'keep' ? ['kept 1'] : [])]);
  });

  it('warns the owner that slack.people has', async () => {
    const run = await aWarning({ policy: { slack: { channel: 'C1', mayKill: [], mayApprove: [], people: { 'etl-bot': 'U7' } } as never } });
    await run.play();
    expect(stages(run)).toEqual(['warn', 'warn', 'warn 1', 'warn 2']);
  });

  it('after the first sends people from the messages of the one before to its own', async () => {
    const run = await aWarning({ stands: [card(FIRST.name, '0.1'), card(FIRST.name, '0.2', { of: 'owner' }), card(FIRST.name, '0.3', { round: 0 })] });
    await run.play({ warning: SECOND });
    expect(stages(run)).toEqual(['warn', 'warn 1', 'handed-on 0.1', 'handed-on 0.2']);
    expect(run.shown[2]?.view).toEqual({ stage: 'handed-on', job: JOB, to: 'warning' });
    expect([run.budgets['newer-1'], run.handed[0]?.warning]).toEqual([300, { first: FIRST, round: 2, usedMs: HOUR_MS }]);
  });

  it('is kept on its own messages only', async () => {
    const run = await aWarning({ stands: [card(FIRST.name, '0.1')], click: { afterMs: 1, answer: { what: 'keep', by: 'U7' } } });
    await run.play({ warning: SECOND });
    expect(stages(run)).toEqual(['warn', 'warn 1', 'handed-on 0.1', 'kept 1']);
  });
});

describe('a round of a warning ends', () => {
  const scripted = (on: string, partition: string) => (call: { on: string; partitions: string[] }) => (call.on === on && call.partitions.some((one) => one.startsWith(partition)) ? ('fails' as const) : undefined);
  it.each<[what: string, plan: Parameters<typeof aWarning>[0], request: Partial<KillRequest>, end: object]>([
    ['where its rule does not warn any more', { policy: { cleanup: [{ ...STALE, warnMs: undefined }] as never } }, {}, { outcome: 'refused', rule: 'changed', reason: 'changed: stale does not warn of nightly-etl any more; to kill it all the same, use /mrs kill', job: JOB }],
    ['where its job is over', { job: aJob({ job_state: 'FINISHED' }) }, {}, { outcome: 'already-over' }],
    ['where nobody can be told', { isSilent: true }, {}, { outcome: 'refused', rule: 'warn', reason: 'warn: nobody could be warned of the kill of nightly-etl: nobody can be told: set slack.channel in policy.yml and SLACK_BOT_TOKEN; nothing was killed', job: JOB }],
    ['where the clock was set forward meanwhile', { stands: [began(), held(), entryOf(startAnswer(ID.name, 1), { at: NOON, what: 'time', jumped: true })] }, {}, { outcome: 'expired', reason: 'the clock was set forward during the warning, so people did not have the whole 30 min; nothing was killed', job: JOB }],
  ])('%s, and gives its claim back; nothing was killed', async (_, plan, request, end) => {
    const run = await aWarning(plan);
    await run.ledger.claim(KEY, { owner: ID.name, start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await run.play(request)).toMatchObject(end);
    expect([run.posts, run.handed, run.trail.includes('release-warning')]).toEqual([[], [], true]);
    expect(await claim(run)).toBeUndefined();
  });

  it.each([[15 * MINUTE_MS + 1, 'expired'], [15 * MINUTE_MS, undefined]])('where it was asked for %s ms ago: %s; nothing was killed', async (agoMs, outcome) => {
    const run = await aWarning();
    expect((await run.play({ receivedAt: NOON - agoMs }))?.outcome).toBe(outcome);
    expect([run.handed.length, run.posts]).toEqual([outcome ? 0 : 1, []]);
  });

  it.each<[what: string, on: string, partition: string, end: object]>([
    ['began', 'put', `start/${ID.name}`, { outcome: 'failed', code: 'ledger' }],
    ['put its job on record', 'put', `run/${ID.name}`, { outcome: 'failed', code: 'ledger', job: JOB }],
    ['held its warning', 'claim', 'warn/', { outcome: 'failed', code: 'ledger', job: JOB }],
    ['put a keep on record', 'put', 'kept', { outcome: 'failed', code: 'ledger', job: JOB }],
  ])('where the ledger was away when it %s; nothing was killed', async (_, on, partition, end) => {
    const run = await aWarning({ click: { afterMs: MINUTE_MS, answer: { what: 'keep', by: 'U7' } } });
    run.ledger.script = scripted(on, partition);
    expect(await run.play()).toMatchObject(end);
    expect([run.posts, run.handed]).toEqual([[], []]);
  });

  it('where its answer is lost: the messages say so; nothing was killed', async () => {
    const run = await aWarning();
    run.ledger.script = ({ on, partitions }) => (on === 'claim' && partitions[0] === `start/${ID.name}` && run.trail.includes('answer') && !run.trail.includes('end') ? 'fails' : undefined);
    expect(await run.play()).toEqual({ outcome: 'failed', code: 'question_lost', reason: 'the answer to the warning could not be read: DynamoDB gave no answer: timeout after 1000 ms; nothing was killed', job: JOB });
    expect([stages(run).at(-1), run.posts, run.handed]).toEqual(['end 1', [], []]);
  });

  it('where another warns of its job; that one keeps its claim', async () => {
    const run = await aWarning();
    await run.ledger.claim(KEY, { owner: 'other', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await run.play()).toMatchObject({ outcome: 'refused', rule: 'repeat', of: { name: 'other', start: 1 } });
    expect([await claim(run), run.shown.filter(({ view }) => view.stage === 'warn')]).toEqual([expect.objectContaining({ owner: 'other' }), []]);
  });

  it('where what comes next cannot be started: it keeps its claim, since that may have begun all the same', async () => {
    const run = await aWarning({
      onStart() {
        throw new Error('no room');
      },
    });
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'not_started', job: JOB });
    expect([await claim(run), run.posts]).toEqual([expect.objectContaining({ owner: ID.name }), []]);
  });
});

describe('a warning that is only played', () => {
  const policy = { cleanup: [{ ...STALE, dryRun: true }] };
  it('tells people, waits for its time, and says what would have been; the rule leaves the job alone then', async () => {
    const run = await aWarning({ policy });
    let claimed: object | undefined;
    const { show } = run.parts;
    run.parts.show = async (...args) => ((claimed ??= await claim(run, NO)), show(...args));
    expect(await run.play()).toMatchObject({ outcome: 'would-kill', job: JOB });
    expect(run.clock.now()).toBe(NOON + TIME_MS + 1_000);
    expect([stages(run), run.counted.includes('Warned'), audited(run, 'warned, in a dry run').length, run.handed]).toEqual([['warn', 'warn 1', 'end 1'], false, 1, []]);
    expect(claimed).toMatchObject({ until: NOON + 2 * TIME_MS + 20 * MINUTE_MS + HOUR_MS });
    expect(await claim(run, NO)).toMatchObject({ value: { what: 'played' } });
    expect([run.trail.includes('hold-warning'), run.trail.includes('look-again'), run.waits]).toEqual([false, true, []]);
  });

  it('gives the job back where it ends by itself, or nobody could be told', async () => {
    for (const plan of [{ endsAtMs: MINUTE_MS }, { isSilent: true }]) {
      const run = await aWarning({ policy, ...plan });
      expect(await run.play()).toMatchObject({ outcome: 'isSilent' in plan ? 'refused' : 'already-over' });
      expect(await claim(run, NO)).toBeUndefined();
    }
  });

  it('stays one that is played, also where its rule is not any more', async () => {
    const run = await aWarning({ stands: [began(), held({ dryRun: true, callback: undefined })] });
    expect(await run.play()).toMatchObject({ outcome: 'would-kill', reason: 'it was a dry run when people were told; nothing was killed', job: JOB });
    expect([run.targets.at(-1), run.handed]).toEqual([{ cluster: ANALYTICS.id, job: { by: 'mrs-id', id: job_id } }, []]);
  });

  it('gives the job back where it is over when another start takes over', async () => {
    const run = await aWarning({ stands: [began(), held({ dryRun: true, callback: undefined })], job: aJob({ job_state: 'FINISHED' }) });
    await run.ledger.claim(NO, { owner: ID.name, start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await run.play()).toMatchObject({ outcome: 'already-over' });
    expect([await claim(run, NO), run.trail.includes('settle'), run.clock.sleeps]).toEqual([undefined, true, []]);
  });
});

describe('a start that takes over', () => {
  const job = entryOf(runJob(ID.name), SEEN);
  it('goes on with a warning that stands, by what its messages say', async () => {
    const run = await aWarning({ stands: [began(), held({ keepAtMostMs: 9, owner: 'U7', until: NOON + MINUTE_MS }), job] });
    await run.play();
    expect([stages(run), run.waits, run.handed[0]?.warning]).toEqual([[], [60], { first: ID, round: 1, usedMs: 5 }]);
    expect(await run.ledger.get([startHeld(ID.name, 1, 'warned')], { now: NOON })).toMatchObject([{ value: { usedMs: 5, keepMs: HOUR_MS, keepAtMostMs: 9, owner: 'U7', callback: 'callback-1' } }]);
  });

  it('warns anew where nobody could have clicked yet', async () => {
    const run = await aWarning({ stands: [began(), held({ callback: undefined })] });
    await run.play({ receivedAt: NOON });
    expect(stages(run)).toEqual(['warn', 'warn 1']);
    const posted = await aWarning({ stands: [began(), card(ID.name, '0.5')] });
    expect([await posted.play({ receivedAt: NOON - DAY_MS }), stages(posted)]).toEqual([undefined, ['warn 0.5']]);
  });

  it('does what was said, and waits for nothing', async () => {
    const run = await aWarning({ stands: [began(), held({ callback: undefined }), said('kill', NOON - 7)] });
    await run.play();
    expect([run.waits, run.handed[0]?.requestedBy, run.handed[0]?.receivedAt, stages(run)]).toEqual([[], 'U7', NOON - 7, []]);
  });

  it('keeps on what is kept, though the click is forgotten', async () => {
    for (const by of ['U7', undefined]) {
      const run = await aWarning({ stands: [began(), held({ callback: undefined }), entryOf(startHeld(ID.name, 1, 'kept'), { at: NOON, until: NOON + MINUTE_MS, usedMs: 77, ...(by && { by }) }), card(ID.name, '0.5')] });
      expect(await run.play()).toBeUndefined();
      expect([run.waits, run.handed[0]?.warning, stages(run)]).toEqual([[], { first: ID, round: 2, usedMs: 77 }, ['kept 0.5']]);
    }
  });

  it('starts what was handed on, and nothing else', async () => {
    const request = wished({ warning: { first: ID, round: 2, usedMs: 5 } });
    const handedOn = entryOf(startHandedOn(ID.name, 1, 'round-2'), { at: NOON, to: 'round-2', request });
    const run = await aWarning({ stands: [began(), handedOn] });
    expect([await run.play(), run.handed, run.trail]).toEqual([undefined, [request], ['begin', 'hand-on']]);
    const failed = await aWarning({
      stands: [began(), handedOn],
      onStart() {
        throw new Error('no room');
      },
    });
    expect(await failed.play()).toMatchObject({ outcome: 'failed', code: 'not_started' });
    expect(failed.trail).not.toContain('release-warning');
  });

  it('of a job that MRS does not show any more goes on with what is remembered of it', async () => {
    const run = await aWarning({ stands: [began(), held({ until: NOON }), job] });
    run.parts.look = async () => ({ found: 'none', reason: 'no such job' });
    expect(await run.play()).toBeUndefined();
    expect(run.handed).toMatchObject([{ target: { cluster: ANALYTICS.id, job: { id: job_id } } }]);
    const unknown = await aWarning({ stands: [began(), held({ until: NOON })] });
    unknown.parts.look = async () => ({ found: 'none', reason: 'no such job' });
    expect([await unknown.play(), unknown.handed, unknown.posts]).toMatchObject([{ outcome: 'not-found' }, [], []]);
  });

  it('of a warning whose rule is gone waits all the same, and the kill is judged then', async () => {
    const run = await aWarning({ stands: [began(), held({ until: NOON })], policy: { cleanup: [] } });
    expect([await run.play(), run.handed.length, run.posts]).toEqual([undefined, 1, []]);
  });
});
