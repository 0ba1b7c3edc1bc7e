import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import type { Fault, SimulatedJob } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { CHANNEL, expectNoKill, NO_BOT, policyOf, REQUESTER, type SlackStage, startSlackStage } from '../stage/slack.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const OPERATOR = 'an operator has to fix this: npm run check-config says how';

let clock: VirtualClock;
let stage: SlackStage;
beforeEach(async () => {
  clock = virtualClock(NOON);
  stage = await startSlackStage({ clock, policy: policyOf({ more: 'alerts: [{ match: { alertname: MrsJobBig }, action: notify }, { match: { alertname: MrsJobStuck }, action: kill }]' }) });
});
afterEach(() => stage.close());

/** Slack refuses the method so; the first `times` calls, or all of them. */
function refuse(method: string, error: string, times = Infinity): void {
  fail(method, { body: { ok: false, error } }, times);
}

function fail(method: string, fault: Partial<Fault>, times = Infinity): void {
  stage.simulator.fault({ on: 'slack', times, when: ({ path }) => path === `/api/${method}`, ...fault });
}

async function command(job: Partial<SimulatedJob> = {}, fields: Record<string, string> = {}): Promise<SimulatedJob> {
  const added = stage.simulator.addJob({ job_name: 'nightly-etl', ...job });
  await stage.type('kill nightly-etl', fields);
  await stage.idle();
  return added;
}

function callsOf(method: string): number[] {
  return stage.simulator.requests.filter(({ path }) => path === `/api/${method}`).map(({ at }) => at - NOON);
}

/** The audit line of the only end. */
function audited(): Record<string, unknown> {
  const lines = stage.lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ message }) => message === 'kill request ended');
  expect(lines).toHaveLength(1);
  return lines[0] ?? {};
}

describe('throttling by Slack', () => {
  it('is waited for as long as Retry-After says, then the card is posted once', async () => {
    fail('chat.postMessage', { status: 429, headers: { 'retry-after': '17' }, body: { ok: false, error: 'ratelimited' } }, 1);
    await command();
    expect(callsOf('chat.postMessage')).toEqual([0, 17_000]);
    expect(buttonsOf(stage.card())).toHaveLength(2);
  });

  it.each(['0', '-5', 'soon', '1e400', ''])('with Retry-After %j is waited for as after other trouble', async (header) => {
    fail('chat.postMessage', { status: 429, headers: { 'retry-after': header }, body: { ok: false, error: 'ratelimited' } }, 1);
    await command();
    expect(callsOf('chat.postMessage')).toEqual([0, 2_000]);
    expect(buttonsOf(stage.card())).toHaveLength(2);
  });

  it('of the end is waited for, and the kill is not repeated', async () => {
    const job = await command();
    fail('chat.update', { status: 429, headers: { 'retry-after': '30' }, body: { ok: false, error: 'ratelimited' } }, 3);
    await stage.click(stage.card(), 'kill', REQUESTER);
    await stage.idle();
    expect(stage.card().text).toMatch(/^Killed: /);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});

describe('trouble of Slack that passes', () => {
  it.each<[string, Partial<Fault>]>([
    ['an HTTP 503', { status: 503 }],
    ['a connection that breaks', { hangUp: true }],
    ['service_unavailable', { body: { ok: false, error: 'service_unavailable' } }],
    ['internal_error', { body: { ok: false, error: 'internal_error' } }],
    ['request_timeout', { body: { ok: false, error: 'request_timeout' } }],
    ['an answer that breaks off', { body: '{"ok": tr' }],
  ])('%s: the card is posted later, once, and the kill goes its way', async (_what, fault) => {
    fail('chat.postMessage', fault, 2);
    await command();
    expect(callsOf('chat.postMessage')).toEqual([0, 2_000, 6_000]);
    await stage.clickAndRead(stage.card(), 'kill', REQUESTER);
    expect(stage.card().text).toMatch(/^Killed: /);
  });

  it('that lasts a minute: nobody could be asked, and nothing was killed', async () => {
    fail('chat.postMessage', { status: 503 });
    await command();
    expect(stage.outcomes()).toEqual(['failed']);
    expect(stage.ephemeral().text).toMatch(/^Failed: /);
    expectNoKill(stage);
  });

  it('that lasts from the kill on: the end is tried for half an hour, then it stands in the log, and the kill is not repeated', async () => {
    const job = await command();
    fail('chat.update', { status: 503 });
    await stage.click(stage.card(), 'kill', REQUESTER);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    const updates = callsOf('chat.update');
    expect(updates.length).toBeLessThan(60);
    expect(updates.at(-1)).toBeGreaterThan(25 * 60_000);
    expect(updates.at(-1)).toBeLessThan(33 * 60_000);
    expect(audited()).toMatchObject({ outcome: 'killed', job: { job_id: job.job_id } });
    expect(stage.lines.some((line) => line.includes('report could not be posted'))).toBe(true);
  });
});

describe('trouble of Slack that only an operator mends', () => {
  it.each(['invalid_auth', 'token_revoked', 'account_inactive', 'missing_scope', 'app_access_restricted', 'ekm_access_denied', 'channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'])(
    '%s: nobody could be asked, it is tried in each place once, the log says so, and nothing was killed',
    async (error) => {
      refuse('chat.postMessage', error);
      refuse('chat.postEphemeral', error);
      await command();
      // Where only the place is wrong, the end is tried as a direct message too.
      const isPlace = ['channel_not_found', 'not_in_channel', 'is_archived', 'restricted_action'].includes(error);
      expect(callsOf('chat.postMessage')).toEqual(isPlace ? [0, 0] : [0]);
      expect(stage.outcomes()).toEqual(['failed']);
      expect(audited()).toMatchObject({ outcome: 'failed', end_reason: expect.stringContaining(`chat.postMessage: ${error} (${OPERATOR})`) });
      const lost = stage.lines.find((line) => line.includes('report could not be posted'));
      expect(JSON.parse(lost ?? '{}')).toMatchObject({ level: 'error', fault: `${isPlace ? 'chat.postMessage' : 'chat.postEphemeral'}: ${error} (${OPERATOR})` });
      expectNoKill(stage);
    },
  );

  it('tries slack.channel after the channel of the command, and no third one', async () => {
    refuse('chat.postMessage', 'is_archived');
    await command({}, { channel_id: NO_BOT });
    const channels = stage.simulator.requests.flatMap(({ path, body }) => (path === '/api/chat.postMessage' ? [(JSON.parse(body) as { channel: string }).channel] : []));
    expect(channels).toEqual([NO_BOT, CHANNEL]);
    expectNoKill(stage);
  });

  it('of an alert that kills: the kill happens once, and its end stands in the log', async () => {
    refuse('chat.postMessage', 'channel_not_found');
    const job = stage.simulator.addJob();
    await stage.alert({ alertname: 'MrsJobStuck', cluster: 'analytics', job_id: job.job_id });
    await stage.idle();
    expect(stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(audited()).toMatchObject({ outcome: 'killed' });
    expect(stage.lines.some((line) => line.includes('report could not be posted') && line.includes(OPERATOR))).toBe(true);
  });

  it('is told apart from our own faults, which no operator mends', async () => {
    refuse('chat.postMessage', 'invalid_blocks');
    await command();
    expect(String(audited()['end_reason'])).toContain('chat.postMessage: invalid_blocks');
    expect(String(audited()['end_reason'])).not.toContain(OPERATOR);
    expectNoKill(stage);
  });
});

describe('a card that cannot be updated any more', () => {
  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed'])('(%s) is followed by a new one that says the end', async (error) => {
    const job = await command();
    const question = stage.card();
    refuse('chat.update', error);
    await stage.click(question, 'kill', REQUESTER);
    await stage.idle();
    const [, ...anew] = stage.simulator.slack.messages();
    expect(anew.at(-1)).toMatchObject({ channel: CHANNEL, text: expect.stringMatching(/^Killed: /) });
    expect(anew.flatMap((message) => buttonsOf(message))).toEqual([]);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('before it had its buttons ends the request, says so in a new one, and nothing was killed', async () => {
    refuse('chat.update', 'message_not_found');
    await command();
    expect(stage.outcomes()).toEqual(['failed']);
    const [, end, ...others] = stage.simulator.slack.messages();
    expect(others).toEqual([]);
    expect(end?.text).toMatch(/^Failed: /);
    expect(JSON.stringify(end?.blocks)).toContain('nothing was killed');
    expectNoKill(stage);
  });

  it('that was declined says so in a new one, and nothing was killed', async () => {
    await command();
    const question = stage.card();
    refuse('chat.update', 'message_not_found');
    await stage.click(question, 'decline', REQUESTER);
    await stage.idle();
    expect(stage.simulator.slack.messages().at(-1)?.text).toMatch(/^Declined: /);
    expectNoKill(stage);
  });
});

describe('an answer of Slack that nobody understands', () => {
  it.each<[string, Partial<Fault>]>([
    ['no JSON', { body: 'ok' }],
    ['JSON that is no object', { body: 'null' }],
    ['ok without being true', { body: { ok: 'true' } }],
    ['a redirect', { status: 302, headers: { location: 'https://slack.invalid/' } }],
  ])('(%s) is no success: nobody could be asked, and nothing was killed', async (_what, fault) => {
    fail('chat.postMessage', fault);
    await command();
    expect(stage.outcomes()).toEqual(['failed']);
    expectNoKill(stage);
  });

  it('is never repeated in a log or a record: its error could be anything, the token too, and nothing was killed', async () => {
    fail('chat.postMessage', { body: { ok: false, error: 'invalid_auth: Bearer xoxb-simulator-token' } });
    await command();
    expect(stage.lines.join('\n')).not.toContain('xoxb-simulator-token');
    expectNoKill(stage);
  });
});

it('the bot token goes to the Web API as a bearer token, and nowhere else', async () => {
  await command();
  await stage.clickAndRead(stage.card(), 'decline', REQUESTER);
  await stage.type('jobs');
  await stage.idle();
  for (const { path, headers, body } of stage.simulator.requests) {
    expect(headers.authorization).toBe(path.startsWith('/api/') ? 'Bearer xoxb-token-of-this-test' : undefined);
    expect(path + body).not.toContain('xoxb-');
  }
});
