import { afterEach, describe, expect, it } from '@jest/globals';
import { countsIn } from '../../stage/counted.ts';
import { expectNoKill } from '../../stage/slack.ts';
import { APP_TOKEN, type SocketStage, type SocketStageOptions, startSocketStage } from '../../stage/socket-mode.ts';
import { until } from '../../support/until.ts';

let stage: SocketStage;
const start = async (options: SocketStageOptions = {}): Promise<SocketStage> => (stage = await startSocketStage(options));
const connected = async (options?: SocketStageOptions): Promise<SocketStage> => {
  await start(options);
  await stage.connected();
  return stage;
};
afterEach(async () => {
  expectNoKill(stage);
  await stage.close();
});

const slackSide = () => stage.simulator.slack.socketMode;
const logged = (message: RegExp) => stage.log().filter((line) => message.test(line.message));
const opened = (): number => stage.simulator.requests.filter(({ path }) => path === '/api/apps.connections.open').length;
const asleep = (ms: number): Promise<void> => until(() => stage.socketClock.sleeping().includes(ms));
const isAnswered = async (): Promise<void> => expect(await stage.type('help')).toMatchObject({ status: 200 });

describe('a connection', () => {
  it.each(['refresh_requested', 'warning'] as const)('that Slack takes leave of (%s) is closed once the next one is open, and what it brought before is answered by it', async (reason) => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
    await connected({ before: () => held, simulator: { slack: { resendAfterMs: 60_000 } } });
    const answer = stage.type('help');
    await until(() => stage.received.length === 1);
    slackSide().leave(reason);
    await stage.connected(2);
    expect(stage.socketMode.isConnected()).toBe(true);
    goOn();
    expect(await answer).toMatchObject({ status: 200 }); // by the first: Slack did not send it again
    await stage.connected(1);
    expect(slackSide().connections()).toEqual([2]);
    await isAnswered();
  });

  it('that breaks off is followed by another at once, the next ones with growing pauses', async () => {
    await connected();
    slackSide().drop();
    await until(() => slackSide().connections().includes(2));
    slackSide().drop();
    await asleep(1_000);
    expect(stage.socketMode.isConnected()).toBe(false);
    stage.socketClock.pass(1_000);
    await until(() => slackSide().connections().includes(3));
    slackSide().drop();
    await asleep(2_000);
    stage.socketClock.pass(2_000);
    await stage.connected();
    await asleep(60_000);
    stage.socketClock.pass(30_000); // it holds: the trouble is over
    slackSide().drop();
    await until(() => slackSide().connections().includes(5));
    await isAnswered();
  });

  it('of a new app token is opened before the old one is closed', async () => {
    await connected();
    const rotated = 'xapp-1-A0123ABCD-the-next-one';
    slackSide().takeTokens(rotated);
    stage.appToken.value = rotated;
    await asleep(60_000);
    stage.socketClock.pass(60_000);
    await until(() => slackSide().connections().join() === '2');
    await isAnswered();
    expect(logged(/comes to its end/)).toMatchObject([{ why: 'new token' }]);
    expect(stage.lines.join('\n')).not.toContain('xapp-');
  });

  it.each([
    ['link_disabled', /switched off/],
    ['too_many_websockets', /ten connections/],
  ] as const)('that Slack ends for good (%s) is told with what to do, and tried again slowly', async (reason, whatToDo) => {
    await connected();
    slackSide().leave(reason);
    await asleep(60_000);
    await stage.connected(0);
    expect(logged(/Slack refuses/)).toMatchObject([{ level: 'error', slack_error: reason, what_to_do: expect.stringMatching(whatToDo) }]);
    stage.socketClock.pass(60_000);
    await stage.connected();
    await isAnswered();
  });
});

describe('where no connection comes about', () => {
  it.each([
    ['xapp-of-another-app', 'invalid_auth', /Basic Information/],
    ['xoxb-of-the-bot', 'not_allowed_token_type', /xapp-/],
  ])('Slack refuses the token %s: one line that says what to do, tried again each minute, until it is taken', async (appToken, word, whatToDo) => {
    await start({ appToken });
    await asleep(60_000);
    expect(logged(/Slack refuses/)).toMatchObject([{ level: 'error', slack_error: word, what_to_do: expect.stringMatching(whatToDo) }]);
    stage.socketClock.pass(60_000);
    await until(() => opened() === 2);
    await asleep(60_000);
    expect(logged(/Slack refuses/)).toHaveLength(1);
    expect(logged(/there is no connection/)).toHaveLength(1);
    stage.appToken.value = APP_TOKEN;
    stage.socketClock.pass(60_000);
    await stage.connected();
    await isAnswered();
    expect(stage.lines.join('\n')).not.toContain(appToken);
  });

  it('Slack has as many connections as it takes: the same', async () => {
    await start({ simulator: { slack: { mostConnections: 0 } } });
    await asleep(60_000);
    expect(logged(/Slack refuses/)).toMatchObject([{ slack_error: 'too_many_websockets', what_to_do: expect.stringContaining('ten connections') }]);
    expect(stage.socketMode.isConnected()).toBe(false);
  });

  it('says once, and counts once, that Slack has not reached us for a minute', async () => {
    await connected();
    await asleep(60_000);
    stage.simulator.fault({ on: 'slack', times: Infinity, status: 503, when: ({ path }) => path.includes('apps.connections') });
    stage.socketClock.pass(30_000);
    slackSide().drop();
    for (const [tries, pauseMs] of [[2, 1_000], [3, 2_000], [4, 4_000], [5, 8_000], [6, 16_000], [7, 30_000], [8, 30_000], [9, 30_000]] as const) {
      await until(() => opened() > tries);
      await asleep(pauseMs);
      stage.socketClock.pass(pauseMs);
    }
    await asleep(30_000);
    expect(logged(/there is no connection/)).toMatchObject([{ level: 'error' }]);
    expect(countsIn(stage.lines).filter(({ metric }) => metric === 'SlackConnectionLost')).toHaveLength(1);
    stage.simulator.clearFaults();
    stage.socketClock.pass(30_000);
    await stage.connected();
    await isAnswered();
  });

  it.each([
    ['another host', 'wss://slack.com.evil.example/link/?ticket=t'],
    ['without TLS', 'ws://wss-primary.slack.com/link/?ticket=t'],
    ['another port of this machine', 'ws://127.0.0.1:9/link/?ticket=t'],
    ['no address', 'here'],
  ])('goes nowhere that Slack does not live: %s', async (_what, url) => {
    await start({ faults: [{ on: 'slack', times: 1, body: { ok: true, url }, when: ({ path }) => path.includes('apps.connections') }] });
    await stage.connected();
    expect(logged(/could not be reached/)).toMatchObject([{ error: { name: 'UrlForbidden' } }]);
    await isAnswered();
  });

  it.each([[{ hangUp: true as const }], [{ status: 200, body: 'no JSON' }], [{ status: 429, headers: { 'Retry-After': '7' }, body: { ok: false, error: 'ratelimited' } }]])('tries again after %j', async (fault) => {
    await start({ faults: [{ on: 'slack', ...fault, when: ({ path }) => path.includes('apps.connections') }] });
    if ('headers' in fault) {
      await asleep(7_000);
      stage.socketClock.pass(7_000);
    }
    await stage.connected();
    await isAnswered();
  });

  it('gives up on a Slack that says no hello', async () => {
    await start({ faults: [{ on: 'slack', hang: true, when: ({ path }) => path.includes('apps.connections') }] });
    await asleep(20_000);
    stage.socketClock.pass(20_000);
    await stage.connected();
    await isAnswered();
  });
});

describe('a home that stops', () => {
  it('takes no envelope any more, answers the one that it has, and closes', async () => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
    await connected({ before: () => held, simulator: { slack: { resendAfterMs: 60_000, sends: 1 } } });
    const answer = stage.type('help');
    await until(() => stage.received.length === 1);
    const closed = stage.socketMode.close();
    slackSide().sendRaw(JSON.stringify({ envelope_id: 'late', type: 'slash_commands', payload: { trigger_id: 'late' } }));
    goOn();
    expect(await answer).toMatchObject({ status: 200 });
    await closed;
    expect(stage.received).toHaveLength(1);
    await stage.connected(0);
    stage.socketClock.pass(600_000);
    expect(opened()).toBe(1);
  });

  it('stops while Slack refuses, or does not answer', async () => {
    await start({ appToken: 'xapp-of-another-app' });
    await asleep(60_000);
    await stage.socketMode.close();
    expect(stage.socketMode.isConnected()).toBe(false);
    stage.socketClock.pass(600_000);
    expect(opened()).toBe(1);
  });
});
