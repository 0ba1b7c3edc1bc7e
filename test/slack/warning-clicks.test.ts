import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { View } from '../../lib/core/report.ts';
import { type Answer, type EndEntry, type HandedOn, type Held, runJob, startAnswer, startBegan, startCard, startEnd, startEndOf, startHandedOn, startHeld, type JobSeen, type Began } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { aJob, aRequest } from '../core/a-job.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { countedAs } from '../stage/counted.ts';
import { APPROVER, CHANNEL, expectNoKill, NOON, policyOf, REQUESTER, type SlackStage, startSlackStage, STRANGER } from '../stage/slack.ts';

const HOUR_MS = 3_600_000;
const OWNER = 'U0OWNER';
const TEAM = 'C07TEAM';
const FIRST = `cleanup-live-${'a'.repeat(32)}`;
const SECOND = `cleanup-live-${'b'.repeat(32)}`;
const CALLBACK = 'callback-of-the-warning';
const NOTHING = 'this click changed nothing.';
const AGAIN = 'This click could not be taken now; please click again.';

let stage: SlackStage;
let job: SimulatedJob;
beforeEach(async () => {
  const slack = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL}, channels: [C0ELSE], people: { etl_dev: ${OWNER}, "svc-*": ${TEAM} } }`;
  const channels = [CHANNEL, TEAM].map((id) => ({ id, isMember: true }));
  stage = await startSlackStage({ policy: policyOf({ slack }), simulator: { slack: { channels, users: [OWNER, REQUESTER, APPROVER, STRANGER] } } });
  job = stage.simulator.addJob({ job_name: 'nightly-etl' });
});
afterEach(() => stage.close());

const put = (key: Key, value: unknown) => stage.ledger.put([{ key, value, until: NOON + 999 * HOUR_MS }]);
type Round = { name?: string; held?: Partial<Held>; owner?: string };

/** A round that stands: its messages in the channel and with the owner, and all that its run leaves before it waits. */
async function warn({ name = FIRST, owner = OWNER, held = {} }: Round = {}): Promise<{ channel: SlackMessage; owned: SlackMessage }> {
  const seen: JobSeen = { cluster: ANALYTICS_ID, job_id: job.job_id, job_name: 'nightly-etl', job_type: '', user: 'etl_dev', queue: '', app_id: '', launcher_id: '' };
  const request = aRequest({ trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'stale', policyRule: 'stale', target: { cluster: 'analytics', job: { by: 'mrs-id', id: job.job_id } } });
  const warned: Held = { at: NOON, until: NOON + HOUR_MS / 2, callback: CALLBACK, keepMs: 2 * HOUR_MS, keepAtMostMs: 24 * HOUR_MS, usedMs: 0, owner, ...held };
  const { keepMs, keepAtMostMs, usedMs = 0 } = warned;
  await put(startBegan(name, 1), { at: NOON, since: NOON, trigger: 'cleanup', by: request.requestedBy, why: 'stale', policyRule: 'stale', target: request.target, killId: 'kill-1', ...(name !== FIRST && { warning: { first: { name: FIRST, start: 1 }, round: 2, usedMs: 0 } }) } satisfies Began);
  await put(runJob(name), seen);
  await put(startHeld(name, 1, 'warned'), warned);
  const view: View = { stage: 'warn', job: aJob({ job_id: job.job_id }), until: warned.until, usedMs, keepMs, keepAtMostMs, owner, dryRun: false, buttons: { name, start: 1 } };
  const refs = [await stage.load().reporter.show(request, view), await stage.load().reporter.show(request, { ...view, to: owner })];
  for (const card of refs) for (const of of new Set([name, FIRST])) if (card !== undefined) await put(startCard(of, 1, card.channel, card.ts), card);
  const [channel, owned] = refs.map((ref) => stage.simulator.slack.messages().find(({ ts }) => ts === ref?.ts));
  if (channel === undefined || owned === undefined) throw new Error('no messages');
  return { channel, owned };
}

async function entry<T>(key: Key): Promise<T | undefined> {
  const [found] = await stage.ledger.get([key], { now: stage.now() });
  return found?.value as T | undefined;
}
const answer = (name = FIRST) => entry<Answer>(startAnswer(name, 1));
/** How often the run was woken. */
const woken = (): number => stage.lambda.calls.filter(({ path }) => path.includes(CALLBACK)).length;
const message = ({ ts }: SlackMessage) => stage.simulator.slack.messages().find((candidate) => candidate.ts === ts) as SlackMessage;
const end = (fields: Partial<EndEntry> = {}): EndEntry => ({ at: NOON, since: NOON, began: NOON, ended: NOON + 60_000, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', outcome: 'killed', reason: 'MRS says that it was killed', ...fields });
const handOn = (name: string, to: string, request: object) => put(startHandedOn(name, 1, to), { at: NOON, to, request: { ...request, warning: { first: { name: FIRST, start: 1 }, round: 1, usedMs: 0 } } } satisfies HandedOn);

/** A click that is refused: a note, the warning and its messages as before. */
async function expectRefused(card: SlackMessage, action: 'keep' | 'kill-now', user: string, note: string, more: Parameters<SlackStage['clickAndRead']>[3] = {}): Promise<void> {
  expect(await stage.clickAndRead(card, action, user, more)).toEqual([note]);
  expect([await answer(), message(card), woken()]).toEqual([undefined, card, 0]);
  expectNoKill(stage);
}

describe('Keep', () => {
  it.each([['its owner', OWNER], ['who may kill', REQUESTER], ['an approver', APPROVER]])('by %s is the answer, and wakes the run', async (_who, user) => {
    const { channel } = await warn();
    expect(await stage.clickAndRead(channel, 'keep', user)).toEqual([]);
    expect(await answer()).toEqual({ at: NOON, what: 'keep', by: user });
    expect(woken()).toBe(1);
    expectNoKill(stage);
  });

  it('works on the message of the owner too: in a direct message of the bot', async () => {
    const { owned } = await warn();
    expect(owned.channel).toMatch(/^D/);
    expect(await stage.clickAndRead(owned, 'keep', OWNER)).toEqual([]);
    expect(await answer()).toMatchObject({ what: 'keep', by: OWNER });
  });

  it('by whoever clicks in the channel whose jobs these are, and nowhere else', async () => {
    const { channel, owned } = await warn({ owner: TEAM });
    expect(owned.channel).toBe(TEAM);
    await expectRefused(channel, 'keep', STRANGER, `Refused: mayKill. Only its owner, or somebody in slack.mayKill or slack.mayApprove of policy.yml, can keep it; ${NOTHING}`);
    expect(await stage.clickAndRead(owned, 'keep', STRANGER)).toEqual([]);
    expect(await answer()).toMatchObject({ what: 'keep', by: STRANGER });
  });

  it('by a stranger is refused and counted, the warning stands for the right person, and nothing was killed', async () => {
    const { channel } = await warn();
    await expectRefused(channel, 'keep', STRANGER, `Refused: mayKill. Only its owner, or somebody in slack.mayKill or slack.mayApprove of policy.yml, can keep it; ${NOTHING}`);
    expect(countedAs(stage.lines, 'Refused')).toMatchObject([{ rule: 'mayKill' }]);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([]);
    expect(await answer()).toMatchObject({ by: OWNER });
  });

  it('with nothing left of keepAtMost is an approver’s alone, and nothing was killed', async () => {
    const { channel } = await warn({ held: { usedMs: 24 * HOUR_MS } });
    for (const user of [OWNER, REQUESTER]) await expectRefused(channel, 'keep', user, `Refused: mayApprove. The job was kept for as long as its rule allows; only somebody in slack.mayApprove of policy.yml can keep it longer; ${NOTHING}`);
    expect(await stage.clickAndRead(channel, 'keep', APPROVER)).toEqual([]);
    expect(await answer()).toMatchObject({ what: 'keep', by: APPROVER });
  });

  it('of a rule without keepAtMost may be repeated by its owner', async () => {
    const { channel } = await warn({ held: { usedMs: 200 * HOUR_MS, keepAtMostMs: undefined } });
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([]);
    expect(await answer()).toMatchObject({ what: 'keep', by: OWNER });
  });

  it('of a rule that lets nobody keep the job is refused, whoever made the click, and nothing was killed', async () => {
    const { channel } = await warn({ held: { keepMs: undefined } });
    expect(buttonsOf(channel).map(({ action_id: id }) => id)).toEqual(['kill-now']);
    await expectRefused(channel, 'keep', APPROVER, `Refused: mayKill. The rule of this warning has no keep, so nobody can keep the job; ${NOTHING}`, { value: buttonsOf(channel)[0]?.value });
  });

  it('is not held up by a look that fails', async () => {
    const { channel } = await warn();
    stage.simulator.fault({ on: 'job', status: 503, body: {}, times: Infinity });
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([]);
    expect(await answer()).toMatchObject({ what: 'keep' });
  });
});

describe('Kill now', () => {
  it('by who may kill is the answer; the kill itself is started by the run', async () => {
    const { channel } = await warn();
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER)).toEqual([]);
    expect(await answer()).toEqual({ at: NOON, what: 'kill', by: REQUESTER });
    expect(woken()).toBe(1);
    expectNoKill(stage);
  });

  it.each([['its owner', OWNER], ['an approver', APPROVER], ['a stranger', STRANGER]])('by %s is refused, and nothing was killed', async (_who, user) => {
    const { channel } = await warn();
    await expectRefused(channel, 'kill-now', user, `Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; ${NOTHING}`);
  });

  it('of a job that cannot be looked at is to be clicked again, and nothing was killed', async () => {
    const { channel } = await warn();
    stage.simulator.fault({ on: 'job', status: 503, body: {}, times: Infinity });
    await expectRefused(channel, 'kill-now', REQUESTER, 'The job could not be looked at now, so nothing was done. Please click again.');
  });
});

describe('the place of a click on a warning', () => {
  it.each([
    ['a channel that is none of ours', { channel: 'C0OTHER' }, 'Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; this click changed nothing.'],
    ['another workspace', { team: 'T0FOREIGN' }, 'Refused: team. This workspace is not the one in slack.team of policy.yml; this click changed nothing.'],
  ])('%s is refused, for whoever it is, and nothing was kept', async (_what, more, note) => {
    const { channel } = await warn();
    for (const user of [OWNER, REQUESTER, APPROVER]) await expectRefused(channel, 'keep', user, note, more);
    expect(countedAs(stage.lines, 'Refused')).toHaveLength(3);
  });

  it('may be no command’s: what is typed in a direct message or with the owner is taken nowhere but in slack.channels', async () => {
    for (const channel_id of ['D0123', TEAM, CHANNEL]) expect((await stage.type('jobs', { channel_id })).body.text).toBe('Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; nothing was done.');
    expectNoKill(stage);
  });
});

describe('a job that is over', () => {
  it.each(['keep', 'kill-now'] as const)('says so on all messages of the warning at a click on %s, and answers nothing', async (action) => {
    const { channel, owned } = await warn();
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    expect(await stage.clickAndRead(channel, action, REQUESTER)).toEqual([expect.stringMatching(/^Already over: it had already ended: FINISHED, .*; there is nothing to keep or to kill\.$/)]);
    for (const card of [channel, owned]) expect([message(card).text.split(':')[0], buttonsOf(message(card))]).toEqual(['Already over', []]);
    expect(await answer()).toBeUndefined();
    expectNoKill(stage);
  });
});

describe('a late click', () => {
  it('after a Keep says until when and by whom, whichever message it stands on, and its buttons go', async () => {
    const { channel, owned } = await warn();
    await stage.click(owned, 'keep', OWNER);
    await stage.idle();
    const words = expect.stringMatching(new RegExp(`^Kept until <!date.*14:00 UTC> by <@${OWNER}>; ${NOTHING}$`));
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER)).toEqual([words]);
    expect(await stage.clickAndRead(owned, 'keep', OWNER)).toEqual([words]);
    expect(await answer()).toEqual({ at: NOON, what: 'keep', by: OWNER });
    expect([message(channel).text, buttonsOf(message(channel))]).toEqual([expect.stringMatching(/^Kept until <!date.*14:00 UTC> by its owner: /), []]);
    expectNoKill(stage);
  });

  it('says until when its run keeps it, where that is on record', async () => {
    const { channel } = await warn();
    await put(startAnswer(FIRST, 1), { at: NOON, what: 'keep', by: OWNER } satisfies Answer);
    await put(startHeld(FIRST, 1, 'kept'), { at: NOON, until: NOON + HOUR_MS, by: OWNER } satisfies Held);
    expect(await stage.clickAndRead(channel, 'keep', REQUESTER)).toEqual([expect.stringMatching(/^Kept until <!date.*13:00 UTC> by/)]);
    expect(await stage.clickAndRead(channel, 'keep', STRANGER)).toEqual([expect.stringMatching(/^Kept until <!date.*13:00 UTC> by/)]);
  });

  it.each([
    ['time', undefined, `The kill is on its way; ${NOTHING}`],
    ['kill', REQUESTER, `The kill is on its way: <@${REQUESTER}> clicked Kill now; ${NOTHING}`],
  ] as const)('after %s by %s says that the kill is on its way, the message too, and nothing was kept', async (what, by, note) => {
    const { channel } = await warn();
    await put(startAnswer(FIRST, 1), { at: NOON, what, ...(by && { by }) } satisfies Answer);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([note]);
    await handOn(FIRST, `cleanup-live-${'c'.repeat(32)}`, {});
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([note]);
    expect([message(channel).text, buttonsOf(message(channel))]).toEqual([expect.stringMatching(/^The kill is on its way: /), []]);
    expect(await entry(startHeld(FIRST, 1, 'kept'))).toBeUndefined();
  });

  it('that meets the end of the warning leaves that as the last word', async () => {
    const { channel } = await warn();
    await put(startAnswer(FIRST, 1), { at: NOON, what: 'keep', by: OWNER } satisfies Answer);
    let hasEnded: Promise<void> | undefined;
    const when = ({ path }: { path: string }): boolean => {
      if (path === '/api/chat.update') hasEnded ??= put(startEnd(FIRST, 1), end());
      return false;
    };
    stage.simulator.fault({ on: 'slack', times: Infinity, when });
    await stage.clickAndRead(channel, 'keep', OWNER);
    await hasEnded;
    expect([message(channel).text.split(': `')[0], buttonsOf(message(channel))]).toEqual(['Killed', []]);
  });

  it('on a message of an earlier round points to the newer one, and leaves that alone', async () => {
    const { channel } = await warn();
    await put(startAnswer(FIRST, 1), { at: NOON, what: 'keep', by: OWNER } satisfies Answer);
    await put(startHeld(FIRST, 1, 'kept'), { at: NOON, until: NOON + HOUR_MS, by: OWNER } satisfies Held);
    await handOn(FIRST, SECOND, { warns: true });
    const second = await warn({ name: SECOND });
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([`There is a newer warning below; ${NOTHING}`]);
    expect([await answer(SECOND), message(second.channel)]).toEqual([undefined, second.channel]);
    expect([message(channel).text.split(': `')[0], buttonsOf(message(channel))]).toEqual(['There is a newer warning below', []]);
    expect(await stage.clickAndRead(second.channel, 'keep', OWNER)).toEqual([]);
    expect(await answer(SECOND)).toMatchObject({ what: 'keep', by: OWNER });
    expectNoKill(stage);
  });

  it('after its end says how it ended, on every message that it has', async () => {
    const { channel, owned } = await warn();
    await put(startEnd(FIRST, 1), end({ outcome: 'refused', rule: 'changed', reason: 'changed: the rule is gone' }));
    expect(await stage.clickAndRead(owned, 'keep', OWNER)).toEqual(['Refused: changed: the rule is gone']);
    for (const card of [channel, owned]) expect([message(card).text.split(': `')[0], buttonsOf(message(card))]).toEqual(['Refused: changed', []]);
    expectNoKill(stage);
  });

  it('after its end posts nothing anew for a message that was deleted', async () => {
    const { channel, owned } = await warn();
    await put(startEnd(FIRST, 1), end());
    stage.simulator.slack.deleteMessage(channel);
    await stage.clickAndRead(owned, 'keep', OWNER);
    expect(stage.simulator.slack.messages().map(({ ts, text }) => [ts, text.split(':')[0]])).toEqual([[owned.ts, 'Killed']]);
  });

  it('after the end of the kill that it handed on to says that one, on the messages of all rounds', async () => {
    const cards = Object.values(await warn());
    await handOn(FIRST, SECOND, { warns: true });
    const second = await warn({ name: SECOND });
    cards.push(...Object.values(second));
    await put(startAnswer(SECOND, 1), { at: NOON, what: 'kill', by: REQUESTER } satisfies Answer);
    const kill = `slack-live-${'c'.repeat(32)}`;
    await handOn(SECOND, kill, {});
    await put(startEndOf(FIRST, 1, kill), end({ trigger: 'slack', by: REQUESTER }));
    expect(await stage.clickAndRead(second.channel, 'kill-now', REQUESTER)).toEqual(['Killed: MRS says that it was killed']);
    for (const card of cards) expect([message(card).text.split(': `')[0], JSON.stringify(message(card).blocks)]).toEqual(['Killed', expect.stringContaining(`asked for by <@${REQUESTER}>`)]);
    expectNoKill(stage);
  });

  it('on a warning that the ledger has forgotten changes nothing, and nothing was killed', async () => {
    const { channel } = await warn();
    expect(await stage.clickAndRead(channel, 'kill-now', REQUESTER, { value: JSON.stringify({ do: 'warned', name: `cleanup-live-${'f'.repeat(32)}`, start: 1 }) })).toEqual(['This click changed nothing; please click again.']);
    expectNoKill(stage);
  });
});

describe('two clicks', () => {
  it.each([['keep', 'kill-now'], ['kill-now', 'keep'], ['keep', 'keep']] as const)('of %s and %s at the same moment, on two messages: the first decides, the other is told what holds', async (one, other) => {
    const { channel, owned } = await warn();
    await Promise.all([stage.click(channel, one, REQUESTER), stage.click(owned, other, other === 'keep' ? APPROVER : REQUESTER)]);
    await stage.idle();
    expect(stage.simulator.slack.responses()).toHaveLength(1);
    const stands = await answer();
    const note = String(stage.simulator.slack.responses()[0]?.body['text']);
    expect(note).toMatch(stands?.what === 'keep' ? new RegExp(`^Kept until .* by <@${stands.by}>`) : new RegExp(`^The kill is on its way: <@${stands?.by}>`));
    expect(woken()).toBe(1);
    expectNoKill(stage);
  });

  it('by one person count once: the second is told what holds', async () => {
    const { channel } = await warn();
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([]);
    stage.clock.advanceTo(NOON + 1_000);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual([expect.stringMatching(/^Kept until <!date.*14:00 UTC>/)]);
    expect(await answer()).toEqual({ at: NOON, what: 'keep', by: OWNER });
  });
});

describe('a message of a warning that was deleted', () => {
  const request = () => aRequest({ trigger: 'cleanup', requestedBy: 'cleanup rule stale' });
  const gone = async (which: 'channel' | 'owned'): Promise<SlackMessage> => {
    const { [which]: card } = await warn();
    stage.simulator.slack.deleteMessage(card);
    return card;
  };
  const show = (view: View, { channel, ts }: SlackMessage) => stage.load().reporter.show(request(), view, { channel, ts });
  const count = (): number => stage.simulator.slack.messages().length;

  it('gets no buttons elsewhere: whoever waits for them is told', async () => {
    const card = await gone('channel');
    await expect(show({ stage: 'warn', job: aJob(), usedMs: 0, dryRun: false, buttons: { name: FIRST, start: 1 } }, card)).rejects.toMatchObject({ slackError: 'message_not_found' });
    expect(count()).toBe(1);
  });

  it('is not posted anew to say that the job is kept, or what comes next', async () => {
    const card = await gone('channel');
    await show({ stage: 'kept', job: aJob(), until: NOON, by: OWNER, isOwner: true, usedMs: 0 }, card);
    await show({ stage: 'handed-on', job: aJob(), to: 'kill' }, card);
    expect(count()).toBe(1);
  });

  it('says its end anew in the channel, but not where another one says it', async () => {
    const view = { stage: 'end', end: { outcome: 'killed', reason: 'it was' }, tookMs: 0 } as const;
    await show({ ...view, isCopy: true }, await gone('owned'));
    expect(count()).toBe(1);
    await show(view, await gone('channel'));
    expect(stage.simulator.slack.messages().map(({ channel, text }) => [channel, text.split(':')[0]])).toContainEqual([CHANNEL, 'Killed']);
  });
});

describe('trouble', () => {
  it('with the ledger before anything is known: to be clicked again, and nothing was kept', async () => {
    const { channel } = await warn();
    stage.ledger.script = ({ on, by }) => (by === 'slack' && on === 'get' ? 'fails' : undefined);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual(['This warning could not be read; nothing was changed. Please click again.']);
    stage.ledger.script = () => undefined;
    expect([await answer(), message(channel), woken()]).toEqual([undefined, channel, 0]);
    expectNoKill(stage);
  });

  it.each(['keep', 'kill-now'] as const)('with the ledger when %s is claimed: to be clicked again, and nothing was changed', async (action) => {
    const { channel } = await warn();
    stage.ledger.script = ({ on, by }) => (by === 'slack' && on === 'claim' ? 'fails' : undefined);
    expect(await stage.clickAndRead(channel, action, REQUESTER)).toEqual([AGAIN]);
    stage.ledger.script = () => undefined;
    expect([await answer(), woken()]).toEqual([undefined, 0]);
    expect(await stage.clickAndRead(channel, action, REQUESTER)).toEqual([]);
    expectNoKill(stage);
  });

  it('with the ledger after the click was claimed: it counts, and a second click wakes the run', async () => {
    const { channel } = await warn();
    let claims = 0;
    stage.ledger.script = ({ on, by }) => {
      if (by === 'slack' && on === 'claim') claims++;
      return by === 'slack' && on === 'get' && claims > 0 ? 'fails' : undefined;
    };
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual(['This click was taken. If the card stays as it is for a minute, please click again.']);
    stage.ledger.script = () => undefined;
    expect([await answer(), woken()]).toEqual([{ at: NOON, what: 'keep', by: OWNER }, 0]);
  });

  it('with the callback: the click counts, whatever becomes of it', async () => {
    const { channel } = await warn();
    stage.lambda.script = ({ path }) => (path.includes(CALLBACK) ? { status: 500, type: 'ServiceException' } : undefined);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual(['This click was taken. If the card stays as it is for a minute, please click again.']);
    expect(await answer()).toMatchObject({ what: 'keep', by: OWNER });
    expectNoKill(stage);
  });

  it('with the ledger when a late click is told what holds: it says so', async () => {
    const { channel } = await warn();
    await put(startAnswer(FIRST, 1), { at: NOON, what: 'time' } satisfies Answer);
    stage.ledger.script = ({ on, by }) => (by === 'slack' && on === 'list' ? 'fails' : undefined);
    expect(await stage.clickAndRead(channel, 'keep', OWNER)).toEqual(['The ledger could not be read, so there is no answer now. Please try again.']);
    expect(message(channel)).toEqual(channel);
  });
});
