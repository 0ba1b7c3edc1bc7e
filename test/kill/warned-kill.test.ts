import { describe, expect, it } from '@jest/globals';
import type { KillRequest, MessageRef } from '../../lib/core/request.ts';
import { holdWarning, lastCard, readWarningCards, releaseWarning } from '../../lib/kill/open-warning.ts';
import { type Card, startCard, warnKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, entryOf, type PlayedRun, type RunPlan } from './a-run.ts';

const JOB = aJob();
const RULE = { name: 'stale', askAgainMs: 24 * HOUR_MS };
const FIRST = { name: 'cleanup-live-1', start: 1 };
const KEY = warnKey(RULE, JOB.job_id);
const policy = { cleanup: [{ name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', warnMs: 1 } as never], slack: { mayKill: ['U1'], mayApprove: [] } };
const warned: Partial<KillRequest> = { trigger: 'cleanup', policyRule: 'stale', rule: RULE, warning: { first: FIRST, round: 2, usedMs: 0 } };

/** The messages of two rounds, as the ledger lists them; the newest are those of the second. */
const of = (ts: string, more: Partial<Card>): Card => ({ channel: 'C1', ts, ...more });
const OLD = of('5.1', { of: 'channel', round: 1 });
const OWNER = of('7.1', { of: 'owner', round: 2 });
const CHANNEL = of('7.2', { of: 'channel', round: 2 });
const messages = (...cards: Card[]): PutEntry[] => cards.map((card) => entryOf(startCard(FIRST.name, 1, card.channel, card.ts), card));

const standing = async ({ ledger }: PlayedRun, now = NOON): Promise<unknown> => (await ledger.get([KEY], { now }))[0];
const cardsOf = (run: PlayedRun, stage: string): (MessageRef | undefined)[] => run.shown.filter(({ view }) => view.stage === stage).map(({ card }) => card);
const begin = (plan: RunPlan = {}): Promise<PlayedRun> => aRun({ policy, stands: messages(OLD, OWNER, CHANNEL), ...plan });

describe('the kill that a warning came to', () => {
  it('takes the buttons from the newest messages, goes on in the channel\'s, and says its end in all', async () => {
    const run = await begin();
    expect(await run.play(warned)).toMatchObject({ outcome: 'killed' });
    expect(run.shown[0]?.view).toEqual({ stage: 'handed-on', job: JOB, to: 'kill', by: undefined });
    expect(cardsOf(run, 'handed-on')).toEqual([OWNER, CHANNEL]);
    expect(cardsOf(run, 'killing')).toEqual([CHANNEL]);
    expect(cardsOf(run, 'end')).toEqual([CHANNEL, OLD, OWNER]);
    expect(run.trail.slice(0, 6)).toEqual(['begin', 'warning-cards', 'look', 'hold-warning', 'under-way-1', 'under-way-2']);
  });

  it('says who clicked Kill now', async () => {
    const run = await begin();
    await run.play({ ...warned, person: 'U1', warning: { first: FIRST, round: 2, usedMs: 0, killNow: true } });
    expect(run.shown[0]?.view).toMatchObject({ stage: 'handed-on', by: 'U1' });
  });

  it('holds the warning for its question, the time that it is followed and 65 min, and gives it back', async () => {
    const run = await begin({ pace: { holdsForMs: HOUR_MS, followTimeoutSec: 1_800 } });
    let held: unknown;
    const { look } = run.parts;
    run.parts.look = async (target) => ((held = await standing(run)), look(target));
    expect(await run.play(warned)).toMatchObject({ outcome: 'killed' });
    expect(held).toMatchObject({ owner: FIRST.name, until: NOON + HOUR_MS + 30 * 60_000 + 65 * 60_000 });
    expect(await standing(run, run.clock.now())).toBeUndefined();
    expect(run.trail).toContain('release-warning');
  });

  it('gives it back also where no job was found, by the id that was asked for', async () => {
    const run = await begin();
    await run.ledger.claim(KEY, { owner: FIRST.name, start: 1, until: NOON + HOUR_MS }, { now: NOON });
    run.parts.look = async () => ({ found: 'none', reason: 'no such job' });
    expect(await run.play(warned)).toMatchObject({ outcome: 'not-found' });
    expect([await standing(run), cardsOf(run, 'end')]).toEqual([undefined, [CHANNEL, OLD, OWNER]]);
  });

  it('gives nothing back where neither job nor id is known', async () => {
    for (const job of [{ by: 'name', name: 'etl' }, { by: 'yarn-id', id: JOB.app_id }] as const) {
      const run = await begin();
      run.parts.look = async () => ({ found: 'none', reason: 'no such job' });
      await run.play({ ...warned, target: { job } });
      expect(run.trail).not.toContain('release-warning');
    }
  });

  it('kills nothing where another warning of the rule is open by now, and ends as that', async () => {
    const run = await begin();
    await run.ledger.claim(KEY, { owner: 'cleanup-live-9', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await run.play(warned)).toEqual({ outcome: 'refused', rule: 'repeat', reason: 'repeat: stale is warning of nightly-etl already', of: { name: 'cleanup-live-9', start: 1 }, job: JOB });
    expect([run.posts, cardsOf(run, 'handed-on')]).toEqual([[], []]);
    expect(await standing(run)).toMatchObject({ owner: 'cleanup-live-9' });
  });

  it('goes on where its messages cannot be updated, or nobody can be told', async () => {
    const lost = await begin({
      onShow(view) {
        if (view.stage === 'handed-on') throw new Error('message_not_found');
      },
    });
    expect(await lost.play(warned)).toMatchObject({ outcome: 'killed' });
    const silent = await begin({ isSilent: true });
    expect(await silent.play(warned)).toMatchObject({ outcome: 'killed' });
    expect(silent.trail).not.toContain('under-way-1');
  });

  it('that could not read its messages at first reads them once more before it says its end', async () => {
    const run = await begin();
    let reads = 0;
    run.ledger.script = ({ on, partitions: [first] }) => (on === 'list' && first === `start/${FIRST.name}` && ++reads <= 3 ? 'fails' : undefined);
    await run.play({ ...warned, action: 'kill', dryRun: true });
    expect(run.trail).toContain('cards-again');
    expect(cardsOf(run, 'end')).toEqual([OLD, OWNER, CHANNEL]);
  });
});

describe('a warning', () => {
  const request = aRequest(warned);
  it('is held by its first round; what has no rule holds none', async () => {
    const run = await aRun();
    expect(await holdWarning(run.parts, request, JOB, 'hold-warning', (now) => now + 1)).toBeUndefined();
    expect(await standing(run)).toMatchObject({ owner: FIRST.name, until: NOON + 1 });
    run.ledger.calls.length = 0;
    expect(await holdWarning(run.parts, aRequest(), JOB, 'hold-warning', (now) => now + 1)).toBeUndefined();
    for (const [other, jobId] of [[aRequest(), JOB.job_id], [request, undefined]] as const) await releaseWarning(run.parts, other, jobId);
    expect(run.ledger.calls).toEqual([]);
  });

  it('of a rule without a name is said as that, and one that cannot be held ends the request; nothing was killed', async () => {
    const run = await aRun();
    await run.ledger.claim(KEY, { owner: 'other', start: 1, until: NOON }, { now: NOON });
    expect(await holdWarning(run.parts, { ...request, policyRule: undefined }, JOB, 'hold-warning', (now) => now)).toMatchObject({ reason: 'repeat: this rule is warning of nightly-etl already' });
    run.ledger.script = () => 'fails';
    expect(await holdWarning(run.parts, request, JOB, 'hold-warning', (now) => now)).toMatchObject({ outcome: 'failed', code: 'ledger', job: JOB });
    await releaseWarning(run.parts, request, JOB.job_id); // throws nothing
    expect(run.posts).toEqual([]);
  });

  it('has its messages in order, by round and by when they came; none where they cannot be read', async () => {
    const unsorted = [of('10.1', { round: 2 }), of('9.1', { round: 2 }), of('20.1', {}), of('30.1', { round: 1 })];
    const run = await aRun({ stands: messages(...unsorted) });
    expect((await readWarningCards(run.parts, request, 'cards')).map(({ ts }) => ts)).toEqual(['20.1', '30.1', '9.1', '10.1']);
    run.ledger.script = () => 'fails';
    expect(await readWarningCards(run.parts, request, 'cards')).toEqual([]);
  });

  it.each<[what: string, cards: Card[], last: Card | undefined]>([
    ['the channel\'s of the last round', [OLD, OWNER, CHANNEL], CHANNEL],
    ['the owner\'s, where the channel has none of that round', [OLD, OWNER], OWNER],
    ['the only one', [of('1.1', {})], of('1.1', {})],
    ['none', [], undefined],
  ])('goes on in %s', (_, cards, last) => expect(lastCard(cards)).toEqual(last));
});
