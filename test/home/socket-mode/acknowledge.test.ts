import { afterEach, describe, expect, it } from '@jest/globals';
import { KILL } from '../../../lib/slack/button.ts';
import { EngineFailed } from '../../../lib/start/engine.ts';
import { commandForm } from '../../simulator/slack-client.ts';
import { expectNoKill, expectNothingStarted, REQUESTER, saidBy } from '../../stage/slack.ts';
import { until } from '../../support/until.ts';
import { type SocketStage, type SocketStageOptions, startSocketStage } from '../../stage/socket-mode.ts';

let stage: SocketStage;
const start = async (options: SocketStageOptions = {}): Promise<SocketStage> => {
  stage = await startSocketStage(options);
  await stage.connected();
  return stage;
};
afterEach(() => stage.close());

const logged = (message: string | RegExp) => stage.log().filter((line) => (typeof message === 'string' ? line.message === message : message.test(line.message)));

/** Fails the first `times` requests. */
const failing = (times: number, error: () => Error) => {
  let left = times;
  return () => {
    if (left-- > 0) throw error();
  };
};

describe('an envelope', () => {
  it('is not acknowledged where its request could not be put on record, comes again, and is started then', async () => {
    const { simulator } = await start({ before: failing(2, () => new EngineFailed('the store cannot be written')) });
    simulator.addJob({ job_name: 'etl' });
    expect(await stage.type('kill etl')).toMatchObject({ status: 200, body: { text: 'Looking at `etl` …' } });
    expect(stage.received).toHaveLength(3);
    expect(logged('what Slack sent could not be put on record')).toHaveLength(2);
    await stage.idle();
    expect(simulator.slack.messages()).toHaveLength(1);
    expectNoKill(stage);
  });

  it('is never acknowledged where the engine takes no start, and leaves no end of which nobody was told', async () => {
    await start({ simulator: { slack: { sends: 4 } } });
    stage.simulator.addJob({ job_name: 'etl' });
    stage.load().engine.start = async () => { throw new EngineFailed('the store cannot be written'); };
    expect(await stage.type('kill etl')).toMatchObject({ status: 0 });
    expect(stage.received).toHaveLength(4);
    expect(stage.log().filter(({ message }) => message === 'kill request ended')).toEqual([]);
    expectNothingStarted({ ...stage, simulator: { ...stage.simulator, requests: stage.simulator.requests.filter(({ path }) => path !== '/api/apps.connections.open') } });
  });

  it('of a click is not acknowledged while the ledger cannot be written, and the click counts when it comes again', async () => {
    const { simulator } = await start();
    const job = simulator.addJob({ job_name: 'etl' });
    await stage.type('kill etl');
    await stage.idle();
    let left = 3; // the tries of one click
    stage.ledger.script = ({ on, by }) => (by === 'slack' && on === 'claim' && left-- > 0 ? 'fails' : undefined);
    expect(await stage.click(stage.card(), KILL, REQUESTER)).toMatchObject({ status: 200 });
    expect(stage.received.filter(({ path }) => path === '/slack/action')).toHaveLength(2);
    await stage.idle();
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(simulator.kills()).toHaveLength(1);
  });

  it('that comes again while it is handled gets the answer of the first, and is handled once', async () => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
    await start({ before: () => held });
    const job = stage.simulator.addJob({ job_name: 'etl' });
    const form = commandForm({ text: 'kill etl' });
    const first = stage.simulator.slack.socketMode.deliver('slash_commands', form);
    await until(() => stage.simulator.slack.socketMode.sent() > 2);
    goOn();
    expect(await first).toMatchObject({ payload: { text: 'Looking at `etl` …' } });
    // And once more, after that, in an envelope of its own.
    expect(await stage.simulator.slack.socketMode.deliver('slash_commands', form)).toMatchObject({ payload: { text: 'Looking at `etl` …' } });
    expect(stage.received).toHaveLength(1);
    await stage.idle();
    await stage.click(stage.card(), KILL, REQUESTER);
    await stage.idle();
    expect(stage.simulator.kills()).toHaveLength(1);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('that is known to no process any more starts nothing a second time', async () => {
    await start();
    stage.simulator.addJob({ job_name: 'etl' });
    const form = commandForm({ text: 'kill etl' });
    await stage.simulator.slack.socketMode.deliver('slash_commands', form);
    stage.socketClock.pass(10 * 60_000 + 1); // what the process remembers
    expect(await stage.simulator.slack.socketMode.deliver('slash_commands', form)).toMatchObject({ payload: { text: 'This request for `etl` is being handled already.' } });
    expect(stage.received).toHaveLength(2);
    await stage.idle();
    expect(stage.simulator.slack.messages()).toHaveLength(1);
    expectNoKill(stage);
  });

  it('that took longer than Slack waits is not acknowledged; its repeat is, with the same answer', async () => {
    await start({ before: () => stage.socketClock.pass(3_001) });
    expect(await stage.type('help')).toMatchObject({ status: 200, body: { text: expect.stringContaining('/mrs kill') } });
    expect(stage.received).toHaveLength(1);
    expect(logged(/answered too late/)).toHaveLength(1);
    expectNoKill(stage);
  });

  it('that cannot be read is refused, said in the log, and ends nothing', async () => {
    await start();
    const unreadable = [
      { type: 'slash_commands', payload: null },
      { type: 'slash_commands', payload: { command: '/mrs', text: 'kill etl', user_id: 7 } },
      { type: 'interactive', payload: { type: 'block_actions' } },
      { type: 'interactive', payload: [] },
    ];
    for (const envelope of unreadable) stage.simulator.slack.socketMode.sendRaw(JSON.stringify({ envelope_id: 'e1', accepts_response_payload: true, ...envelope }));
    expect(await stage.type('help')).toMatchObject({ status: 200 });
    expect(logged('a request was refused')).toMatchObject(unreadable.map(() => ({ status: 400, source: 'slack' })));
    expectNoKill(stage);
  });

  it('is not every message, and no message ends the connection', async () => {
    await start();
    for (const text of ['', '{', 'null', '[]', '"x"', '{"type":"events_api"}', '{"type":"close"}', '{"type":"error"}', '{"type":"ws_message"}', '{"type":"slash_commands"}', '{"type":"constructor"}']) {
      stage.simulator.slack.socketMode.sendRaw(text);
    }
    expect(await stage.type('help')).toMatchObject({ status: 200 });
    expect(stage.simulator.slack.socketMode.connections()).toEqual([1]);
    expectNoKill(stage);
  });
});

describe('what is written', () => {
  it('holds neither the app token, nor a ticket, nor a response URL', async () => {
    await start();
    stage.simulator.addJob({ job_name: 'etl' });
    await stage.type('kill etl');
    await stage.idle();
    await stage.click(stage.card(), KILL, REQUESTER);
    await stage.idle();
    expect(saidBy(stage.card()).at(-1)).toMatch(/^Killed/);
    stage.simulator.slack.socketMode.drop();
    await stage.connected();
    const text = stage.lines.join('\n');
    expect(text).toContain('connected to Slack');
    expect(text).not.toMatch(/xapp-|ticket=|\/hooks\//);
  });
});
