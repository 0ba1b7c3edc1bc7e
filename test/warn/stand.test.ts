import { describe, expect, it } from '@jest/globals';
import type { View } from '../../lib/core/report.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { type Card, startCard, startHeld } from '../../lib/ledger/keys.ts';
import { heldOf, standWarning } from '../../lib/warn/stand.ts';
import type { Warning } from '../../lib/warn/warner.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { entryOf, ID } from '../kill/a-run.ts';
import { aWarning, DAY_MS, FIRST, JOB, MINUTE_MS, type PlayedWarning, SECOND, TERMS, warningOf, wished, type WarningPlan } from './a-warning.ts';

const OWNED = { owner: 'U7' };
const TIME_MS = 30 * MINUTE_MS;
const NOBODY = 'nobody can be told: set slack.channel in policy.yml and SLACK_BOT_TOKEN';
const stand = (run: PlayedWarning, warning: Partial<Warning> = {}, { isPlayed = false, ...request }: Partial<KillRequest> & { isPlayed?: boolean } = {}) => standWarning(run.parts, wished(request), warningOf(warning), { isPlayed });
const CHANNEL: Card = { channel: 'C1', ts: '1', of: 'channel', round: 1 };
const OWNER: Card = { channel: 'C1', ts: '2', of: 'owner', round: 1 };
const VIEW = { stage: 'warn', job: JOB, warnMs: TIME_MS, usedMs: 0, keepAtMostMs: 2 * HOUR_MS, owner: undefined, lost: undefined, dryRun: false, keepMs: HOUR_MS };
const after = ({ clock }: PlayedWarning): number => clock.now() - NOON;
const fault = (message: string, retryable: boolean, retryAfterSec?: number) => Object.assign(new Error(message), { retryable, ...(retryAfterSec !== undefined && { retryAfterSec }) });
/** Messages that do not get through, by whom they are for, as long as `fails` has faults for them. */
const failing = (fails: { channel?: (Error | undefined)[]; owner?: (Error | undefined)[]; buttons?: (Error | undefined)[] }): WarningPlan => ({
  onShow(view: View) {
    if (view.stage !== 'warn') return;
    const list = fails[view.buttons ? 'buttons' : view.to === undefined ? 'channel' : 'owner'];
    const error = list && (list.length > 1 ? list.shift() : list[0]);
    if (error) throw error;
  },
});
const to = (run: PlayedWarning): string[] => run.shown.map(({ view, card }) => `${(view as { to?: string }).to ?? 'channel'}${card ? ' buttons' : ''}`);

describe('a warning that stands', () => {
  it('is posted without buttons, on record, and then gets them', async () => {
    const run = await aWarning();
    expect(await stand(run)).toEqual({ at: NOON, until: NOON + TIME_MS, cards: [CHANNEL] });
    expect(run.shown).toEqual([{ view: { ...VIEW, until: undefined }, card: undefined }, { view: { ...VIEW, until: NOON + TIME_MS, buttons: ID }, card: CHANNEL }]);
    const keys = [startCard(ID.name, 1, 'C1', '1'), startHeld(ID.name, 1, 'warned')];
    expect(await run.ledger.get(keys, { now: NOON })).toEqual([
      { key: keys[0], value: CHANNEL, until: NOON + 2.5 * HOUR_MS + 15 * DAY_MS },
      { key: keys[1], value: { at: NOON, until: NOON + TIME_MS, usedMs: 0, keepMs: HOUR_MS, keepAtMostMs: 2 * HOUR_MS }, until: NOON + TIME_MS + 14 * DAY_MS },
    ]);
    expect([run.trail, run.clock.sleeps]).toEqual([['stand'], []]);
  });

  it('with its owner too: the channel\'s message has buttons first', async () => {
    const run = await aWarning();
    expect(await stand(run, OWNED)).toEqual({ at: NOON, until: NOON + TIME_MS, cards: [CHANNEL, OWNER] });
    expect(to(run)).toEqual(['channel', 'U7', 'channel buttons', 'U7 buttons']);
    expect(run.shown[3]?.view).toEqual({ ...VIEW, ...OWNED, to: 'U7', until: NOON + TIME_MS, buttons: ID });
    expect([run.trail, run.budgets]).toEqual([['stand', 'buttons-2'], { 'buttons-2': 60 }]);
  });

  it.each<[what: string, warning: Partial<Warning>, request: Partial<KillRequest> & { isPlayed?: boolean }, shown: string[]]>([
    ['is this channel', { owner: 'C1' }, {}, ['channel', 'channel buttons']],
    ['is the channel that it was asked in', { owner: 'C9' }, { channel: 'C9' }, ['channel', 'channel buttons']],
    ['is told elsewhere than it was asked in', { owner: 'C1' }, { channel: 'C9' }, ['channel', 'C1', 'channel buttons', 'C1 buttons']],
    ['is the channel, and it was asked in a conversation of two', { owner: 'C1' }, { channel: 'D9' }, ['channel', 'channel buttons']],
    ['is not told of what is only played', OWNED, { isPlayed: true }, ['channel', 'channel buttons']],
  ])('whose owner %s', async (_, warning, request, shown) => {
    const run = await aWarning();
    await stand(run, warning, request);
    expect(to(run)).toEqual(shown);
  });

  it('that is only played has no buttons, and is on record as that', async () => {
    const run = await aWarning();
    await stand(run, {}, { isPlayed: true });
    expect(run.shown[1]?.view).toEqual({ ...VIEW, dryRun: true, until: NOON + TIME_MS });
    expect(await run.get(startHeld(ID.name, 1, 'warned'))).toMatchObject({ dryRun: true });
  });

  it('of a later round has its message under the first round too', async () => {
    const run = await aWarning();
    await stand(run, { usedMs: 2 * HOUR_MS }, { warning: SECOND });
    const card = { ...CHANNEL, round: 2 };
    expect([await run.get(startCard(ID.name, 1, 'C1', '1')), await run.get(startCard(FIRST.name, 1, 'C1', '1'))]).toEqual([card, card]);
    expect(run.shown[1]?.view).toEqual({ ...VIEW, usedMs: 2 * HOUR_MS, mayApprove: ['U9'], until: NOON + TIME_MS, buttons: ID });
  });

  it.each<[what: string, rule: object, usedMs: number, view: object]>([
    ['what is left of keepAtMost', TERMS, 1.5 * HOUR_MS, { keepMs: HOUR_MS / 2 }],
    ['no Keep where the rule has none', { warnMs: TIME_MS }, 0, { keepAtMostMs: undefined }],
  ])('says %s', async (_, rule, usedMs, view) => {
    const run = await aWarning();
    await stand(run, { usedMs, rule: { action: 'kill', dryRun: false, ...rule } });
    const { keepMs: _keepMs, ...most } = VIEW;
    expect(run.shown[0]?.view).toEqual({ ...most, usedMs, until: undefined, ...view });
  });

  it('says that Kill now is only played, where the policy plays what people ask for', async () => {
    const run = await aWarning({ policy: { dryRun: true } });
    await stand(run);
    expect(run.shown[0]?.view).toEqual({ ...VIEW, until: undefined, killIsPlayed: true });
  });

  it('goes on with the newest message in each place that is on record', async () => {
    const cards: Card[] = [{ ...CHANNEL, ts: '9.5' }, { ...CHANNEL, ts: '10.5' }, { ...CHANNEL, ts: '8.5' }, { ...OWNER, ts: '7.5' }];
    const run = await aWarning({ stands: cards.map((card) => entryOf(startCard(ID.name, 1, card.channel, card.ts), card)) });
    expect(await stand(run, OWNED)).toMatchObject({ cards: [cards[1], cards[3]] });
    expect(to(run)).toEqual(['channel buttons', 'U7 buttons']);
  });
});

describe('a warning that does not get through', () => {
  it('is tried at 2, 4, 8, 16 and every 30 s, to the end of its time, and says why', async () => {
    const run = await aWarning(failing({ channel: [fault('ratelimited', true)] }));
    expect(await stand(run)).toEqual({ fault: 'ratelimited' });
    expect(run.clock.sleeps.slice(0, 7)).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(after(run)).toBe(TIME_MS + 1_000);
  });

  it('is tried when Slack says, and no later than its time', async () => {
    const run = await aWarning(failing({ channel: [fault('ratelimited', true, 44.5), undefined] }));
    expect(await stand(run)).toEqual({ at: NOON + 45_000, until: NOON + 45_000 + TIME_MS, cards: [CHANNEL] });
    const late = await aWarning(failing({ channel: [fault('ratelimited', true, 9_999)] }));
    expect([await stand(late), late.clock.sleeps]).toEqual([{ fault: 'ratelimited' }, [1_801_000]]);
  });

  it.each<[what: string, owner: Error[], ms: number]>([['waits a minute for the other', [fault('timeout', true)], 60_000], ['waits for nobody who cannot be reached', [fault('user_not_found', false)], 0]])('to one of two %s', async (_, owner, ms) => {
    const run = await aWarning(failing({ owner }));
    expect(await stand(run, OWNED)).toEqual({ at: NOON + ms, until: NOON + ms + TIME_MS, cards: [CHANNEL] });
    expect(run.shown.at(-1)?.view).toEqual({ ...VIEW, ...OWNED, lost: 'owner', until: NOON + ms + TIME_MS, buttons: ID });
  });

  it('to the channel stands with the owner, who is told that', async () => {
    const run = await aWarning(failing({ channel: [fault('is_archived', false)] }));
    expect(await stand(run, OWNED)).toMatchObject({ cards: [{ of: 'owner' }] });
    expect(run.shown.at(-1)?.view).toMatchObject({ lost: 'channel', to: 'U7' });
  });

  it('comes again for the one that is missing only', async () => {
    const run = await aWarning(failing({ owner: [fault('timeout', true, 3), undefined] }));
    expect(await stand(run, OWNED)).toMatchObject({ at: NOON + 3_000 });
    expect(to(run)).toEqual(['channel', 'U7', 'channel buttons', 'U7 buttons']);
  });

  it('waits no longer than a minute for the other, whatever Slack says, and the longer of two waits', async () => {
    const run = await aWarning(failing({ owner: [fault('ratelimited', true, 600)] }));
    expect([await stand(run, OWNED), run.clock.sleeps]).toMatchObject([{ at: NOON + 60_000 }, [60_000]]);
    const both = await aWarning(failing({ channel: [fault('a', true, 9), undefined], owner: [fault('b', true, 5), undefined] }));
    expect([await stand(both, OWNED), both.clock.sleeps]).toMatchObject([{ at: NOON + 9_000 }, [9_000]]);
  });

  it('stands from when a message got its buttons; the other gets its own where the first one does not', async () => {
    const late = await aWarning(failing({ buttons: [fault('timeout', true, 7), undefined] }));
    expect(await stand(late)).toEqual({ at: NOON + 7_000, until: NOON + 7_000 + TIME_MS, cards: [CHANNEL] });
    const other = await aWarning(failing({ buttons: [fault('message_not_found', false), undefined] }));
    expect(await stand(other, OWNED)).toMatchObject({ cards: [OWNER, CHANNEL] });
  });

  it('never got its buttons', async () => {
    const run = await aWarning(failing({ buttons: [fault('message_not_found', false)] }));
    expect(await stand(run)).toEqual({ fault: 'message_not_found' });
    expect(run.clock.sleeps[0]).toBe(2_000);
  });

  it('stands where only the second message gets no buttons, and the log says so', async () => {
    const run = await aWarning(failing({ buttons: [undefined, fault('message_not_found', false)] }));
    expect(await stand(run, OWNED)).toMatchObject({ cards: [CHANNEL, OWNER] });
    expect(run.lines.filter(({ level }) => level === 'warn')).toMatchObject([{ message: 'a message of a warning got no buttons', kill_id: 'kill-1', fault: 'message_not_found' }]);
  });

  it('has nobody to be told', async () => {
    const run = await aWarning({ isSilent: true });
    expect([await stand(run), after(run)]).toEqual([{ fault: NOBODY }, TIME_MS + 1_000]);
  });

  it.each<['list' | 'put']>([['list'], ['put']])('is tried again where the ledger fails at a %s, and throws what is no trouble of it', async (call) => {
    const run = await aWarning();
    let fails = 0;
    run.ledger.script = ({ on }) => (on === call && ++fails === 1 ? 'fails' : undefined);
    expect(await stand(run)).toMatchObject({ until: run.clock.now() + TIME_MS });
    run.ledger.script = ({ on }) => (on === call ? 'fails' : undefined);
    expect(await stand(run)).toEqual({ fault: 'DynamoDB gave no answer: timeout after 1000 ms' });
    run.parts.ledger = { ...run.ledger, list: () => Promise.reject(new TypeError('a fault of ours')) };
    await expect(stand(run)).rejects.toThrow('a fault of ours');
  });
});

describe('what the ledger holds of a warning', () => {
  it('is no more than there is', () => {
    const times = { at: 1, until: 2, isPlayed: false };
    expect(heldOf({ job: JOB, rule: { action: 'kill', dryRun: false }, usedMs: 3 }, times)).toEqual({ at: 1, until: 2, usedMs: 3 });
  });
});
