import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { DigestReport } from '../../lib/cleanup/send-digest.ts';
import type { Job } from '../../lib/core/job.ts';
import { historyEntries, jobSeen } from '../../lib/kill/history-entries.ts';
import { dayKey, type EndEntry, type Noted } from '../../lib/ledger/keys.ts';
import { LedgerFailed } from '../../lib/ledger/port.ts';
import { digestResources } from '../../tools/digest-schedule.ts';
import { aJob, aRequest } from '../core/a-job.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER } from '../stage/slack.ts';
import { type CleanupStage, HOUR_MS, MINUTE_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

const DAY_MS = 24 * HOUR_MS;
/** The Sunday after NOON, at the time of the digest. */
const SUNDAY = NOON + 7 * DAY_MS;
const IN_30_DAYS = 30 * DAY_MS;

function policy(digest = 'sun 12:00 UTC', rules = STALE, more = ''): string {
  const slack = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL}${digest === '' ? '' : `, digest: "${digest}"`} }`;
  return policyOf({ slack, more: `${more}\ncleanup:\n${rules}` });
}

let stage: CleanupStage;
beforeEach(() => restart(policy()));
afterEach(() => stage.close());

async function restart(...args: Parameters<typeof startCleanupStage>): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startCleanupStage(...args);
}

/** The event of the schedule that the deployment makes, at that time (epoch ms) and so long after it. */
function digestAt(scheduledAt: number, lateMs = 0): Promise<DigestReport> {
  stage.clock.advanceTo(scheduledAt + lateMs);
  const { DigestSchedule } = digestResources({ slack: { mayKill: [], mayApprove: [], digest: 'sun 12:00 UTC' } }, 'x') as { DigestSchedule: { Properties: { Target: { Input: string } } } };
  const input = DigestSchedule.Properties.Target.Input.replace('<aws.scheduler.scheduled-time>', new Date(scheduledAt).toISOString().replace('.000Z', 'Z'));
  return stage.run(JSON.parse(input)) as Promise<unknown> as Promise<DigestReport>;
}

const digests = (): string[] => stage.posts().flatMap(({ channel, text }) => (text.startsWith('*The week*') ? [`${channel} ${text}`] : []));

let names = 0;
type Left = { began?: number; ended?: number; job?: Partial<Job> };

/** What a run leaves as its End. */
async function ended(outcome: EndEntry['outcome'], { ended: at = SUNDAY - DAY_MS, began = at - MINUTE_MS, job = {} }: Left = {}): Promise<void> {
  const request = aRequest({ trigger: 'alerts', receivedAt: began });
  const value: EndEntry = { at: began, trigger: 'alerts', by: '', why: '', since: began, began, ended: at, outcome, reason: '', job: jobSeen([], aJob(job)) };
  await put(historyEntries({ name: `alerts-live-${++names}`, start: 1 }, request, began, '1', value, at + IN_30_DAYS));
}

/** What a warning leaves beside the Ends. */
async function noted(what: 'warned' | 'kept', job: string, at = SUNDAY - DAY_MS): Promise<void> {
  const value: Noted = { at, what, by: 'long-adhoc', why: '', job: jobSeen([], aJob({ job_id: job })) };
  await put([{ key: dayKey(at, `cleanup-live-${++names}`, what), value, until: at + IN_30_DAYS }]);
}

async function put(entries: Parameters<CleanupStage['ledger']['put']>[0]): Promise<void> {
  await stage.ledger.put(entries);
}

describe('the digest of a week', () => {
  it('counts what the runs of the week left, and is one message in the channel', async () => {
    const stale = stage.addRunning('nb-old', 9, { user: 'etl_dev', queue: 'adhoc' });
    stage.addRunning('billing-run', 1);
    await stage.run();
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([stale.job_id]);
    await stage.type('kill billing-run');
    await stage.idle();
    await digestAt(SUNDAY);
    expect(digests()).toEqual([
      [
        `${CHANNEL} *The week* from <!date^${NOON / 1_000}^{date_short_pretty}, {time}|2026-11-22 12:00 UTC> to <!date^${SUNDAY / 1_000}^{date_short_pretty}, {time}|2026-11-29 12:00 UTC>`,
        '• 1 job killed',
        '• refused: `protected` 1',
        'Most killed, by user: `etl_dev` 1',
        'Most killed, by queue: `adhoc` 1',
      ].join('\n'),
    ]);
    expect(stage.logged('digest')).toMatchObject([{ level: 'info', week: '2026-W48', digest: { killed: 1, refused: [{ name: 'protected', jobs: 1 }] } }]);
  });

  it('tells of a dry run as such, and nothing was killed', async () => {
    await restart(policy('sun 12:00 UTC', STALE, 'dryRun: true'));
    stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    expect((await digestAt(SUNDAY)).digest).toMatchObject({ killed: 0, wouldKill: 1, users: [], queues: [] });
    expect(digests()).toEqual([expect.stringMatching(/^.+\n• 1 job would have been killed \(dry run\)$/)]);
    expectNoKill(stage);
  });

  it('says of warned jobs how many there were, were kept and ended by themselves', async () => {
    for (const job of ['a', 'b', 'c']) await noted('warned', job);
    for (const hours of [1, 2]) await noted('kept', 'a', SUNDAY - hours * HOUR_MS);
    await ended('already-over', { job: { job_id: 'b' } });
    await ended('finished-first', { job: { job_id: 'c' } });
    await ended('accepted', { job: { job_id: 'd' } });
    expect(await digestAt(SUNDAY)).toMatchObject({ digest: { warned: 3, kept: 1, endedThemselves: 2, sent: 1 } });
    expect(digests()).toEqual([expect.stringMatching(/\n• 1 kill was sent, and its end was not seen\n• 3 jobs warned\n• 1 job kept\n• 2 jobs ended by themselves$/)]);
  });

  it('counts what real warnings left: a job kept by a click, one that ended by itself, and those that were killed when their time was up', async () => {
    await restart(policy('sun 12:00 UTC', '  - { name: long, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, warn: 30m, keep: 2h, action: kill }'));
    const goTo = async (minutes: number): Promise<void> => {
      stage.clock.stopAt(NOON + minutes * MINUTE_MS);
      stage.clock.advanceTo(NOON + minutes * MINUTE_MS);
      await stage.idle();
    };
    for (let other = 0; other < 4; other++) stage.addRunning(`etl-${other}`, 1);
    const [kept, over, late] = ['nb-kept', 'nb-over', 'nb-late'].map((name) => stage.addRunning(name, 9).job_id);
    await goTo(1);
    await stage.run();
    await goTo(2);
    const card = stage.simulator.slack.messages().find(({ text }) => text.includes('nb-kept'));
    if (card === undefined) throw new Error('nobody was warned');
    await stage.click(card, 'keep', REQUESTER);
    stage.simulator.endJob(over ?? '', 'SUCCEEDED');
    for (const minutes of [32, 35, 123, 125, 155, 158]) await goTo(minutes);
    expect(new Set(stage.simulator.killed())).toEqual(new Set([kept, late]));
    expect((await digestAt(SUNDAY)).digest).toMatchObject({ killed: 2, warned: 3, kept: 1, endedThemselves: 1, sent: 0, refused: [] });
  });

  it('escapes what strangers wrote', async () => {
    await ended('killed', { job: { user: '<!channel>', queue: '`a` & b' } });
    await digestAt(SUNDAY);
    expect(digests()).toEqual([expect.stringContaining("Most killed, by user: `&lt;!channel&gt;` 1\nMost killed, by queue: `'a' &amp; b` 1")]);
  });

  it('counts a run by when it ended, however long before it began', async () => {
    await ended('killed', { began: NOON - 10 * HOUR_MS, ended: NOON + 1, job: { job_id: 'of this week' } });
    await ended('killed', { began: NOON - 10 * HOUR_MS, ended: NOON - 1, job: { job_id: 'of the week before' } });
    await ended('killed', { began: SUNDAY - HOUR_MS, ended: SUNDAY, job: { job_id: 'of the next week' } });
    expect((await digestAt(SUNDAY)).digest?.killed).toBe(1);
    expect((await digestAt(SUNDAY + 7 * DAY_MS)).digest?.killed).toBe(1);
  });

  it('counts the end of a warning that was kept for two weeks', async () => {
    await restart(policy('sun 12:00 UTC', '  - { name: long, cluster: dev, match: { queue: adhoc }, warn: 2d, keep: 1d, keepAtMost: 14d, action: kill }'));
    const began = SUNDAY - DAY_MS - 16 * DAY_MS;
    await noted('warned', 'a', began);
    await ended('already-over', { began, ended: SUNDAY - DAY_MS, job: { job_id: 'a' } });
    expect((await digestAt(SUNDAY)).digest).toMatchObject({ warned: 0, endedThemselves: 1 });
  });

  it('reads page by page: a day of 10,000 runs is never held whole', async () => {
    const request = aRequest({ trigger: 'alerts', receivedAt: NOON });
    for (let job = 0; job < 10_000; job++) {
      const began = NOON + job * 1_000;
      const value: EndEntry = { at: began, trigger: 'alerts', by: '', why: '', since: began, began, ended: began, outcome: 'killed', reason: '', job: jobSeen([], aJob({ job_id: `job ${job}`, user: `u${job % 7}` })) };
      const [entry] = historyEntries({ name: `alerts-live-${job}`, start: 1 }, request, began, '1', value, began + IN_30_DAYS);
      if (entry) await put([entry]);
    }
    stage.ledger.calls.length = 0;
    const { digest } = await digestAt(SUNDAY);
    expect([digest?.killed, digest?.users.map(({ jobs }) => jobs)]).toEqual([10_000, [1_429, 1_429, 1_429, 1_429, 1_428]]);
    const lists = stage.ledger.calls.filter(({ on }) => on === 'list');
    expect(lists.length).toBeGreaterThanOrEqual(50);
    expect([...new Set(lists.map(({ by }) => by))]).toEqual(['cleanup']);
  });
});

describe('the week', () => {
  const at = (iso: string): number => Date.parse(iso);

  it.each([
    ['an hour shorter where clocks were set forward', '2027-03-22T08:00:00Z', '2027-03-29T07:00:00Z'],
    ['an hour longer where they were set back', '2027-10-25T07:00:00Z', '2027-11-01T08:00:00Z'],
  ])('is %s: nothing is counted twice or left out', async (_, monday, next) => {
    await restart(policy('mon 09:00 Europe/Berlin'));
    stage.clock.advanceTo(at(monday) - DAY_MS);
    await ended('killed', { ended: at(monday) - 1, job: { job_id: 'before' } });
    await ended('killed', { ended: at(monday), job: { job_id: 'first' } });
    await ended('killed', { ended: at(next) - 1, job: { job_id: 'last' } });
    expect((await digestAt(at(monday))).digest?.killed).toBe(1);
    expect(await digestAt(at(next))).toMatchObject({ digest: { from: at(monday), until: at(next), killed: 2 } });
    expect(digests()).toHaveLength(2);
  });

  it('is that of its Thursday at the turn of the year: each of two is told', async () => {
    await restart(policy('fri 12:00 UTC'));
    for (const friday of ['2027-01-01T12:00:00Z', '2027-01-08T12:00:00Z']) {
      await ended('killed', { ended: at(friday) - DAY_MS });
      expect((await digestAt(at(friday))).week).toBe(friday.startsWith('2027-01-01') ? '2026-W53' : '2027-W01');
    }
    expect(digests()).toHaveLength(2);
  });
});

describe('once a week and channel', () => {
  it('a second delivery of the event posts nothing, nor does another time of the same week', async () => {
    await ended('killed', { ended: SUNDAY - 4 * DAY_MS });
    expect(await digestAt(SUNDAY - 3 * DAY_MS)).not.toHaveProperty('skipped');
    for (const later of [SUNDAY - 3 * DAY_MS, SUNDAY]) expect(await digestAt(later, MINUTE_MS)).toMatchObject({ skipped: 'the digest of 2026-W48 was posted before' });
    expect(digests()).toHaveLength(1);
  });

  it('of any number at once one posts', async () => {
    await ended('killed');
    const reports = await Promise.all([1, 2, 3].map(() => digestAt(SUNDAY)));
    expect(reports.filter(({ skipped }) => skipped === undefined)).toHaveLength(1);
    expect(digests()).toHaveLength(1);
  });

  it('the next week has its own', async () => {
    for (const sunday of [SUNDAY, SUNDAY + 7 * DAY_MS]) {
      await ended('killed', { ended: sunday - DAY_MS });
      await digestAt(sunday);
    }
    expect(digests()).toHaveLength(2);
  });

  it('where nothing happened nothing is posted, and the week is still free', async () => {
    await ended('not-found');
    expect(await digestAt(SUNDAY)).toMatchObject({ skipped: 'nothing happened', digest: { killed: 0 } });
    expect(stage.posts()).toEqual([]);
    expect(stage.ledger.calls.filter(({ on }) => on === 'claim')).toEqual([]);
  });
});

describe('a digest that is missed', () => {
  beforeEach(() => ended('killed'));

  it.each([
    ['late by more than 15 min', 15 * MINUTE_MS + 1_000, 'it started 15 min 1 s after its time, and 15 min are allowed'],
    ['days late', 3 * DAY_MS, 'it started 3 d after its time, and 15 min are allowed'],
    ['ahead of its time', -6 * MINUTE_MS, 'its time is 6 min ahead, and 5 min are allowed'],
  ])('(%s) is skipped without a word in the channel', async (_, lateMs, skipped) => {
    expect(await digestAt(SUNDAY, lateMs)).toEqual({ skipped });
    expect(stage.logged('digest')).toMatchObject([{ skipped }]);
    expect(stage.posts()).toEqual([]);
  });

  it('(late by 15 min) is posted still', async () => {
    expect(await digestAt(SUNDAY, 15 * MINUTE_MS)).not.toHaveProperty('skipped');
    expect(digests()).toHaveLength(1);
  });

  it('(since the policy has none any more) is skipped', async () => {
    stage.deploy(policy(''));
    expect(await digestAt(SUNDAY)).toEqual({ skipped: 'the policy has no slack.digest' });
    expect(stage.posts()).toEqual([]);
  });
});

describe('Slack down', () => {
  const lost = (): number => stage.lines.filter((line) => line.startsWith('{"_aws"') && line.includes('"ReportsLost"')).length;
  const fail = (fault: object): void => stage.simulator.fault({ on: 'slack', when: ({ path }) => path === '/api/chat.postMessage', ...fault });
  beforeEach(() => ended('killed'));

  it.each<[string, object]>([
    ['is out of order', { status: 503, body: { ok: false, error: 'service_unavailable' } }],
    ['wants fewer calls', { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } }],
    ['does not know the channel', { status: 200, body: { ok: false, error: 'channel_not_found' } }],
  ])('(it %s) fails the invocation, is logged and counted, and gives the week back: the next try posts it', async (_, fault) => {
    fail(fault);
    await expect(digestAt(SUNDAY)).rejects.toThrow();
    expect(stage.logged('the weekly digest could not be posted')).toMatchObject([{ level: 'error', week: '2026-W48', digest: { killed: 1 } }]);
    expect(lost()).toBe(1);
    expect(await digestAt(SUNDAY, MINUTE_MS)).toMatchObject({ week: '2026-W48', digest: { killed: 1 } });
    expect(digests()).toHaveLength(2); // the first was refused
    expect(stage.simulator.slack.messages().filter(({ text }) => text.startsWith('*The week*'))).toHaveLength(1);
  });

  it.each<[string, object]>([
    ['is lost', { hangUp: true }],
    ['breaks off', { body: '{"ok": tr' }],
    ['is a page of a gateway between', { status: 504, body: '<html>' }],
  ])('(its answer %s) is logged and counted, and not posted twice', async (_, fault) => {
    fail({ ...fault, thenDo: 'effect' });
    expect(await digestAt(SUNDAY)).toMatchObject({ lost: true });
    expect(stage.logged('the weekly digest may not have been posted')).toMatchObject([{ level: 'error', week: '2026-W48' }]);
    expect(lost()).toBe(1);
    expect(await digestAt(SUNDAY, MINUTE_MS)).toMatchObject({ skipped: 'the digest of 2026-W48 was posted before' });
    expect(digests()).toHaveLength(1);
  });
});

describe('a ledger that fails', () => {
  beforeEach(() => ended('killed'));

  it.each(['list', 'claim'] as const)('at a %s fails the invocation, posts nothing, and the next try posts it', async (on) => {
    stage.ledger.script = (call) => (call.on === on ? 'fails' : undefined);
    await expect(digestAt(SUNDAY)).rejects.toThrow('DynamoDB gave no answer');
    expect(stage.posts()).toEqual([]);
    stage.ledger.script = () => undefined;
    await digestAt(SUNDAY, MINUTE_MS);
    expect(digests()).toHaveLength(1);
  });

  it('whose answer to the claim is lost gives the week back', async () => {
    stage.ledger.script = ({ on }) => (on === 'claim' ? 'after-effect' : undefined);
    await expect(digestAt(SUNDAY)).rejects.toThrow('DynamoDB gave no answer');
    stage.ledger.script = () => undefined;
    await digestAt(SUNDAY, MINUTE_MS);
    expect(digests()).toHaveLength(1);
  });

  it('that takes no week back says so', async () => {
    stage.ledger.script = ({ on }) => (on === 'release' ? new LedgerFailed('unavailable', 'no answer') : undefined);
    stage.simulator.fault({ on: 'slack', status: 503, body: { ok: false, error: 'service_unavailable' } });
    await expect(digestAt(SUNDAY)).rejects.toThrow('service_unavailable');
    expect(stage.logged('the week of a digest could not be given back')).toHaveLength(1);
  });
});

describe('an event for a digest that cannot be read', () => {
  it.each<[string, object]>([
    ['another kind', { kind: 'scheduled-report' }],
    ['a keyword that was not filled in', { kind: 'scheduled-digest', scheduledTime: '<aws.scheduler.scheduled-time>' }],
    ['an unknown key', { kind: 'scheduled-digest', channel: 'C1' }],
    ['a dry run', { kind: 'scheduled-digest', dryRun: true }],
  ])('(%s) is an error, posts nothing, and nothing was killed', async (_, event) => {
    stage.addRunning('nb-old', 9);
    await ended('killed', { ended: NOON - HOUR_MS });
    await expect(stage.run(event)).rejects.toThrow();
    expect(stage.posts()).toEqual([]);
    expectNoKill(stage);
  });

  it('without a time is now, for a person who tries it; no rule of cleanup is run by it, and nothing was killed', async () => {
    stage.addRunning('nb-old', 9);
    await ended('killed', { ended: NOON - HOUR_MS });
    await stage.run({ kind: 'scheduled-digest' });
    await stage.idle();
    expect(digests()).toHaveLength(1);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });
});
