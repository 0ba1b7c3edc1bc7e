import { afterEach, describe, expect, it } from '@jest/globals';
import { createHealth } from '../../../lib/api/health.ts';
import { commandForm } from '../../simulator/slack-client.ts';
import { expectNoKill, REQUESTER, saidBy, STRANGER } from '../../stage/slack.ts';
import { until } from '../../support/until.ts';
import { type SocketStage, type SocketStageOptions, startSocketStage } from '../../stage/socket-mode.ts';

let stage: SocketStage;
const start = async (options: SocketStageOptions = {}): Promise<SocketStage> => {
  stage = await startSocketStage(options);
  await stage.connected();
  return stage;
};
afterEach(() => stage.close());

describe('Slack by Socket Mode', () => {
  it('brings a command, shows a card, takes its click and kills, and nothing was signed', async () => {
    const { simulator } = await start();
    const job = simulator.addJob({ job_name: 'etl' });
    expect(await stage.type('kill etl because it hangs')).toMatchObject({ status: 200, body: { response_type: 'ephemeral', text: 'Looking at `etl` …' } });
    await stage.idle();
    expect(simulator.killed()).toEqual([]);

    expect(await stage.click(stage.card(), 'kill', REQUESTER)).toMatchObject({ status: 200, body: {} });
    await stage.idle();
    expect(simulator.killed()).toEqual([job.job_id]);
    expect(saidBy(stage.card()).at(-1)).toMatch(/^Killed/);
  });

  it('checks workspace, channel and person as ever', async () => {
    const { simulator } = await start();
    simulator.addJob({ job_name: 'etl' });
    expect(await stage.type('kill etl', { team_id: 'T0FOREIGN' })).toMatchObject({ body: { text: expect.stringMatching(/^Refused: team\. This workspace/) } });
    expect(await stage.type('kill etl', { user_id: STRANGER })).toMatchObject({ body: { text: expect.stringMatching(/^Refused: mayKill/) } });
    await stage.type('kill etl');
    await stage.idle();
    await stage.click(stage.card(), 'kill', STRANGER);
    await stage.idle();
    expect(simulator.slack.responses().map(({ body }) => body['text'])).toEqual([expect.stringMatching(/^Refused: /)]);
    expectNoKill(stage);
  });

  it('leaves HTTP closed where no signing secret is set', async () => {
    await start();
    const body = commandForm({ text: 'kill etl' }).toString();
    expect(await stage.call('POST /slack/command', { body })).toMatchObject({ status: 401 });
    expectNoKill(stage);
  });

  it('is a trigger that is on, signing secret or not', async () => {
    await start();
    const slackOf = async (more: { socketMode?: boolean }) => (await createHealth()(() => ({ ...stage.load(), ...more }))).body?.['triggers'];
    expect(await slackOf({ socketMode: true })).toMatchObject({ slack: 'on' });
    expect(await slackOf({})).toMatchObject({ slack: 'off' });
    expectNoKill(stage);
  });

  it('pauses once, however often the command comes', async () => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>();
    await start({ before: () => held });
    const pausing = stage.type('pause for 2h');
    await until(() => stage.simulator.slack.socketMode.sent() > 2);
    goOn();
    expect(await pausing).toMatchObject({ body: { text: 'Pausing …' } });
    await stage.idle();
    expect(stage.simulator.slack.messages()).toHaveLength(1);
    expectNoKill(stage);
  });
});
