import { describe, expect, it } from '@jest/globals';
import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { type Kept, keptKey, noKey, startAnswer, startCard } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { NOTICE_LIVES_MS } from '../../lib/kill/notify.ts';
import { aRun, entryOf, ID, type PlayedRun } from './a-run.ts';

const JOB = aJob();
const RULE = { name: 'big', askAgainMs: 24 * HOUR_MS };
const CARD = { channel: 'C9', ts: '9.9' };
const BUTTONS = { name: ID.name, start: 1 };

const notice = (run: PlayedRun) => run.play({ trigger: 'cleanup', action: 'notify', rule: RULE });
const looks = ({ trail }: PlayedRun): number => trail.filter((what) => what === 'GET').length;

/** Somebody clicks as soon as the card has its button. */
async function clicked(): Promise<PlayedRun> {
  const run = await aRun({
    async onShow(view) {
      if (view.stage === 'notify' && view.buttons) await run.ledger.claim(startAnswer(ID.name, 1), { owner: 'x', start: 1, until: NOON + HOUR_MS, value: { at: NOON, what: 'yes', by: 'U1' } }, { now: NOON });
    },
  });
  return run;
}

describe('a message that only tells people', () => {
  it('stands without its button, is on record, gets it, and says in the end who clicked', async () => {
    const run = await clicked();
    expect(await notice(run)).toEqual({ outcome: 'notified', answeredBy: 'U1', job: JOB, reason: 'somebody asked for the kill of this job; that has a message of its own' });
    const card = { channel: 'C1', ts: '1' };
    expect(run.shown).toEqual([
      { view: { stage: 'notify', job: JOB, dryRun: false, kept: undefined }, card: undefined },
      { view: { stage: 'notify', job: JOB, dryRun: false, kept: undefined, buttons: BUTTONS }, card },
      { view: expect.objectContaining({ stage: 'end' }), card },
    ]);
    expect(await run.stored(`start/${ID.name}`)).toMatchObject({ '000001/card/C1/1': card });
    expect(run.posts).toEqual([]);
  });

  it('looks at nothing more once somebody clicked', async () => {
    const run = await clicked();
    await notice(run);
    expect(looks(run)).toBe(0);
  });

  it('says who keeps the job, and that a kill would only be played where that is so for people', async () => {
    const until = NOON + HOUR_MS;
    const kept: Kept = { at: NOON, until, usedMs: 1, by: 'U2', rule: 'r', job: { cluster: 'c', job_id: JOB.job_id, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } };
    for (const [dryRun, isDry] of [[true, true], [['slack'], true], [['cleanup'], false]] as [Policy['dryRun'], boolean][]) {
      const run = await aRun({ policy: { dryRun }, stands: [entryOf(keptKey(JOB.job_id, RULE, 'w', 1), kept)], endsAtMs: 1 });
      await notice(run);
      expect(run.shown[1]?.view).toMatchObject({ stage: 'notify', dryRun: isDry, kept: { until, by: 'U2' }, buttons: BUTTONS });
    }
  });

  it('goes on with the newest card that stands', async () => {
    const cards = [{ channel: 'C1', ts: '1.1' }, { channel: 'C1', ts: '2.2' }, CARD];
    const run = await aRun({ stands: cards.map((card) => entryOf(startCard(ID.name, 1, card.channel, card.ts), card)), endsAtMs: 1 });
    await notice(run);
    expect(run.shown[0]).toMatchObject({ view: { stage: 'notify', buttons: BUTTONS }, card: CARD });
  });

  it('is remembered for the rule, which tells of the job again when its askAgain is over', async () => {
    const run = await aRun({ endsAtMs: 1 });
    await notice(run);
    expect(await run.ledger.get([noKey(RULE, JOB.job_id, false)], { now: NOON })).toMatchObject([{ owner: ID.name, until: NOON + 24 * HOUR_MS, value: { at: NOON, what: 'told' } }]);
    expect(run.trail).toContain('remember-told');
  });

  it('stands also where that cannot be remembered', async () => {
    const run = await aRun({ endsAtMs: 5_000 });
    run.ledger.script = ({ on, partitions: [first] }) => (on === 'get' && first === 'no/big' ? 'fails' : undefined);
    expect(await notice(run)).toMatchObject({ outcome: 'notified' });
  });

  it('is not posted more than 15 min late; one that stands goes on', async () => {
    const late = { action: 'notify', receivedAt: NOON - 16 * 60_000 } as const;
    const run = await aRun();
    expect(await run.play(late)).toMatchObject({ outcome: 'expired' });
    expect(run.shown.map(({ view }) => view.stage)).toEqual(['end']);
    const standing = await aRun({ stands: [entryOf(startCard(ID.name, 1, CARD.channel, CARD.ts), CARD)], endsAtMs: 1 });
    expect(await standing.play(late)).toMatchObject({ outcome: 'notified' });
  });

  it('that nobody can get is a failure that says what to look at, and nothing was killed', async () => {
    const end = { outcome: 'failed', code: 'not_told', job: JOB, reason: 'no message about this job could be posted; nothing was killed; check slack.channel and SLACK_BOT_TOKEN (npm run check-config)' };
    const silent = await aRun({ isSilent: true });
    expect(await notice(silent)).toEqual(end);
    const useless = await aRun();
    useless.parts.show = async () => undefined;
    expect([await notice(useless), useless.lines.filter(({ level }) => level === 'error')]).toEqual([end, []]);
    const lost = await aRun({
      onShow() {
        throw new Error('channel_not_found');
      },
    });
    expect(await notice(lost)).toEqual(end);
    expect(lost.lines.filter(({ level }) => level === 'error')).toMatchObject([{ message: 'report could not be posted', kill_id: 'kill-1', fault: 'channel_not_found', view: { stage: 'notify' } }, { view: { stage: 'end' } }]);
    expect([silent.posts, lost.posts]).toEqual([[], []]);
  });
});

it('a message that only tells people lives for 9 h at most', () => {
  expect(NOTICE_LIVES_MS).toBe(9 * HOUR_MS);
});

describe('a message that nobody clicks', () => {
  it('ends when the job is over', async () => {
    const run = await aRun({ endsAtMs: 60_000 });
    expect(await notice(run)).toMatchObject({ outcome: 'notified', reason: 'the job is over: FINISHED, result SUCCEEDED' });
    expect(run.clock.now() - NOON).toBe(70_000);
  });

  it('looks ever less often for half an hour, then each 10 min, and ends after 8 h', async () => {
    const run = await aRun();
    expect(await notice(run)).toMatchObject({ outcome: 'notified', reason: expect.stringContaining('nobody clicked within 8 h') });
    expect(run.clock.sleeps.slice(0, 4)).toEqual([2_000, 3_000, 4_000, 6_000]);
    expect(run.clock.sleeps.filter((ms) => ms === 30_000).length).toBeGreaterThan(50);
    expect(new Set(run.clock.sleeps.slice(70))).toEqual(new Set([600_000]));
    const tookMs = run.clock.now() - NOON;
    expect([tookMs >= 8 * HOUR_MS, tookMs < 8 * HOUR_MS + 600_000]).toEqual([true, true]);
    expect(run.posts).toEqual([]);
  });

  it('that is taken over ends 8 h and a half after its first start', async () => {
    const run = await aRun();
    await run.ledger.put([entryOf({ partition: `start/${ID.name}`, rest: '000001/began' }, { at: NOON - 5 * HOUR_MS, since: NOON - 5 * HOUR_MS }), entryOf(startCard(ID.name, 1, 'C9', '9.9'), CARD)]);
    expect(await run.play({ trigger: 'cleanup', action: 'notify', receivedAt: NOON - 5 * HOUR_MS })).toMatchObject({ outcome: 'notified' });
    expect(Math.floor((run.clock.now() - NOON) / 600_000)).toBe(21);
  });

  it('ends when MRS does not know the job any more', async () => {
    const run = await aRun();
    Object.assign(run.parts.mrs, { job: () => Promise.reject(new UpstreamFailed({ service: 'MRS', kind: 'not-found', message: 'gone' })) });
    expect(await notice(run)).toMatchObject({ outcome: 'notified', reason: 'MRS does not know the job any more', job: JOB });
  });

  it('goes on where the ledger cannot be read for a while, and breaks at a bug', async () => {
    for (const bug of [undefined, new TypeError('a bug')]) {
      const run = await aRun({ endsAtMs: 60_000 });
      const { ledger } = run.parts;
      run.parts.ledger = { ...ledger, get: (keys, call) => (keys[0]?.partition === `start/${ID.name}` ? Promise.reject(bug ?? new LedgerFailed('unavailable', 'no answer')) : ledger.get(keys, call)) };
      await (bug ? expect(notice(run)).rejects.toBe(bug) : expect(notice(run)).resolves.toMatchObject({ outcome: 'notified' }));
    }
  });
});
