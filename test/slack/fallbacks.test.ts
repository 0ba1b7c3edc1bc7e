import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { countedAs } from '../stage/counted.ts';
import { type CleanupStage, cleanupPolicy, startCleanupStage, STALE } from '../stage/cleanup.ts';
import { CHANNEL, expectNoKill, policyOf, REQUESTER } from '../stage/slack.ts';

const OTHER = 'C0OTHER';

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage(undefined, { slack: { channels: [{ id: CHANNEL, isMember: true }, { id: OTHER, isMember: true }] } });
});
afterEach(() => stage.close());

/** Slack refuses the method so; the first `times` calls, or all of them. */
function refuse(method: string, error: string, times = Infinity): void {
  stage.simulator.fault({ on: 'slack', times, when: ({ path }) => path === `/api/${method}`, body: { ok: false, error } });
}

/** Does something at the first call of a method, before Slack answers it. */
function before(method: string, happen: () => void): void {
  let isDone = false;
  const when = ({ path }: { path: string }): boolean => {
    if (path === `/api/${method}` && !isDone) {
      isDone = true;
      happen();
    }
    return false;
  };
  stage.simulator.fault({ on: 'slack', times: Infinity, when });
}

const messages = (): SlackMessage[] => stage.simulator.slack.messages();
const wordsOfAll = (): string[] => messages().map(({ text }) => text);

describe('the report of a cleanup run', () => {
  it.each<[string, (report: SlackMessage) => void]>([
    ['was deleted', (report) => stage.simulator.slack.deleteMessage(report)],
    ['cannot be edited any more', () => refuse('chat.update', 'edit_window_closed', 1)],
  ])('that %s before its summary is posted anew, and the ends are said all the same', async (_, happen) => {
    stage.addRunning('nb-old', 9);
    stage.addRunning('etl', 1);
    before('chat.update', () => happen(messages().find(({ text }) => text.startsWith('*Cleanup begins')) as SlackMessage));
    await stage.run();
    await stage.idle();
    expect(wordsOfAll()).toContain('*Cleanup*\n• `stale-notebooks`: 1 matched, 1 being killed');
    expect(wordsOfAll().filter((text) => text.startsWith('Killed: '))).toHaveLength(1);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('that nobody got is counted, and the run goes on', async () => {
    refuse('chat.postMessage', 'channel_not_found');
    const job = stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(countedAs(stage.lines, 'ReportsLost').length).toBeGreaterThanOrEqual(2);
  });
});

describe('a reply in the thread of a report', () => {
  it.each<[string, (report: SlackMessage) => void]>([
    ['was deleted', (report) => stage.simulator.slack.deleteMessage(report)],
    ['was locked', ({ channel }) => stage.simulator.slack.changeChannel(channel, { areThreadsLocked: true })],
  ])('that %s is posted without it', async (_, happen) => {
    stage.addRunning('nb-old', 9);
    stage.addRunning('etl', 1);
    const release = stage.hold();
    await stage.run();
    happen(stage.report());
    release();
    await stage.idle();
    const end = messages().find(({ text }) => text.startsWith('Killed: '));
    expect(end).toMatchObject({ channel: CHANNEL });
    expect(end).not.toHaveProperty('threadTs');
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each(['thread_not_found', 'cannot_reply_to_message', 'restricted_action_non_threadable_channel', 'restricted_action_thread_locked', 'message_not_found'])('that Slack refuses as %s is posted without it', async (error) => {
    stage.addRunning('nb-old', 9);
    stage.addRunning('etl', 1);
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ path, body }) => path === '/api/chat.postMessage' && body.includes('thread_ts'), body: { ok: false, error } });
    await stage.run();
    await stage.idle();
    expect(wordsOfAll().filter((text) => text.startsWith('Killed: '))).toHaveLength(1);
    expect(countedAs(stage.lines, 'ReportsLost')).toEqual([]);
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});

describe('a card', () => {
  it.each(['is_archived', 'channel_not_found', 'not_in_channel', 'restricted_action_read_only_channel', 'restricted_action_thread_only_channel'])('of a channel that Slack calls %s by now has its end in slack.channel', async (error) => {
    const job = stage.addRunning('etl', 1);
    await stage.type('kill etl', { channel_id: OTHER });
    await stage.idle();
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ body }) => body.includes(OTHER), body: { ok: false, error } });
    await stage.click(stage.card(), 'kill', REQUESTER, { channel: OTHER });
    await stage.idle();
    expect(messages().at(-1)).toMatchObject({ channel: CHANNEL, text: expect.stringMatching(/^Killed: /) });
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('that was deleted while it only told people is not posted anew: there is nothing more to say; nothing was killed', async () => {
    await stage.close();
    stage = await startCleanupStage(cleanupPolicy(STALE.replace('action: kill', 'action: notify')));
    const job = stage.addRunning('nb-old', 9);
    stage.clock.stopAt(stage.now() + 5_000);
    await stage.run();
    await stage.idle();
    stage.simulator.slack.deleteMessage(messages().find((message) => buttonsOf(message).length > 0) as SlackMessage);
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    stage.clock.stopAt(Infinity);
    await stage.idle();
    expect(wordsOfAll()).toEqual([expect.stringMatching(/^\*Cleanup\*/)]);
    expect(stage.outcomes()).toEqual(['notified']);
    expectNoKill(stage);
  });
});

describe('a note to one person', () => {
  it.each(['user_not_in_channel', 'channel_not_found', 'is_archived', 'restricted_action', 'method_not_supported_for_channel_type'])('that Slack refuses as %s comes as a direct message, and nothing was killed', async (error) => {
    refuse('chat.postEphemeral', error);
    await stage.type('kill nothing-of-that-name');
    await stage.idle();
    expect(messages()).toMatchObject([{ channel: 'D012AB3CD', text: expect.stringMatching(/^Not found: /) }]);
    expect(countedAs(stage.lines, 'ReportsLost')).toEqual([]);
    expectNoKill(stage);
  });
});

describe('a button that was used', () => {
  /** A message of an earlier version, or with the candidates of an alert: nobody knows whose card it is. */
  async function candidates(): Promise<SlackMessage> {
    await stage.close();
    stage = await startCleanupStage(policyOf({ more: 'alerts: [{ match: { alertname: Twins }, action: kill }]' }));
    for (const hours of [1, 2]) stage.addRunning('twin', hours);
    await stage.alert({ alertname: 'Twins', cluster: 'analytics', job_name: 'twin' });
    await stage.idle();
    expect(buttonsOf(stage.card())).toHaveLength(2);
    return stage.card();
  }

  it('goes, and the others of its message stay; nothing was killed', async () => {
    const card = await candidates();
    await stage.clickAndRead(card, 'start', REQUESTER, { nth: 1 });
    const [left, ...others] = buttonsOf(messages()[0] as SlackMessage);
    expect([left?.value, others]).toEqual([buttonsOf(card)[0]?.value, []]);
    expect(messages()[0]).toMatchObject({ ts: card.ts, text: card.text });
    expectNoKill(stage);
  });

  it('goes too where its job is over by then, which the person is told; nothing was killed', async () => {
    const card = await candidates();
    for (const { job_id } of stage.simulator.jobs()) stage.simulator.endJob(job_id, 'SUCCEEDED');
    await stage.clickAndRead(card, 'start', REQUESTER);
    expect(stage.ephemeral()).toMatchObject({ ephemeralFor: REQUESTER, text: expect.stringMatching(/^Already over: /) });
    expect(buttonsOf(stage.card())).toHaveLength(1);
    expectNoKill(stage);
  });

  it('stays where the click is refused, or its message cannot be read; nothing was killed', async () => {
    const card = await candidates();
    await stage.clickAndRead(card, 'start', 'U0STRANGER');
    expect(stage.card()).toEqual(card);
    await stage.clickAndRead(card, 'start', REQUESTER, { message: { text: 'x', blocks: 'no' as never } });
    expect(messages()[0]).toEqual(card);
    expectNoKill(stage);
  });

  it('of a question as 0.1.0 asked it goes with the other one, where it comes too late; nothing was killed', async () => {
    const value = JSON.stringify({ do: 'answer', callbackId: 'bm9uZQ==', arn: 'arn:x', who: 'requester', requestedBy: REQUESTER });
    const card = await candidates();
    const old = { type: 'actions', elements: ['kill', 'decline'].map((id) => ({ type: 'button', action_id: id, text: { type: 'plain_text', text: id }, value })) };
    const message = { text: 'Kill this job?', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Kill this job?' } }, old] as SlackMessage['blocks'] };
    expect(await stage.clickAndRead(card, 'kill', REQUESTER, { value, message })).toEqual(['This was already decided, or has expired.']);
    expect(stage.card()).toMatchObject({ text: 'Kill this job?', blocks: message.blocks.slice(0, 1) });
    expectNoKill(stage);
  });
});
