import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { expectNoKill, NOON, policyOf, REQUESTER, SIGNING_SECRET, type SlackStage, startSlackStage } from '../stage/slack.ts';
import { commandForm, slackHeaders } from '../simulator/slack-client.ts';

const HOUR_MS = 3_600_000;
const RULE = 'alerts: [{ match: { alertname: MrsJobStuck }, action: kill }]';

/** The wall clock fell back by an hour, as at home it may: it is right now, and the time of the house goes on from where it was. */
describe('where the wall clock is an hour behind', () => {
  let stage: SlackStage;
  beforeEach(async () => {
    stage = await startSlackStage({ policy: policyOf({ more: RULE }) });
    stage.outside.clock.wall = () => stage.clock.now() - HOUR_MS;
  });
  afterEach(() => stage.close());

  it.each([
    ['is let in by it', -HOUR_MS, 200],
    ['is not let in by the time of the house', 0, 401],
  ])('a signature of Slack %s', async (_, offMs, status) => {
    const body = commandForm({ text: 'help', user_id: REQUESTER }).toString();
    const reply = await stage.send('/slack/command', body, { headers: slackHeaders(SIGNING_SECRET, (NOON + offMs) / 1_000, body) });
    expect(reply.status).toBe(status);
    expectNoKill(stage);
  });

  it.each([
    ['a run that was there', -2 * HOUR_MS, ['killed'], 1],
    ['no run that was submitted after it came', -HOUR_MS + 60_000, ['not-found'], 0],
  ])('an alert means %s', async (_, submittedAgo, outcomes, kills) => {
    stage.simulator.addJob({ job_name: 'nightly-etl', submitted_time: NOON + submittedAgo, started_time: NOON + submittedAgo });
    await stage.alert({ alertname: 'MrsJobStuck', job_name: 'nightly-etl' });
    await stage.idle();
    expect(stage.outcomes()).toEqual(outcomes);
    expect(stage.simulator.kills()).toHaveLength(kills);
  });

  it('and health says what is wrong with it', async () => {
    expect((await stage.call('GET /health')).body).not.toHaveProperty('clock');
    stage.outside.clock.state = () => 'behind';
    expect((await stage.call('GET /health')).body).toMatchObject({ status: 'ok', clock: 'behind' });
  });
});
